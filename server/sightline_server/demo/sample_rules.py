"""Alert rules for the demo's apps, so that its incidents, budgets and previews have something to show."""

from typing import Any

import httpx

_RULES: tuple[dict[str, Any], ...] = (
    {
        "key": "month-budget",
        "name": "All apps in a month",
        "measure": "cost",
        "window": "1h",
        "condition": {"kind": "budget", "amount": 30, "period": "month", "forecast": True},
        "runbook": "Ask the owners of the top movers on the page of costs.",
    },
    {
        "key": "blocked-requests",
        "name": "Guardrails block many requests",
        "measure": "guardrail_block_rate",
        "window": "10m",
        "group_by": ["app"],
        "condition": {"kind": "threshold", "warn": 0.02, "alert": 0.3, "recover": 0.01},
        "runbook": "Read some of the blocked requests: an attack, or a guardrail that is too strict?",
    },
    {
        "key": "new-failures",
        "name": "A failure that was not seen before",
        "measure": "new_failure_clusters",
        "window": "1h",
        "condition": {"kind": "threshold", "alert": 1},
        "runbook": "Open the cluster, and see what sets it apart.",
    },
)


def make_rules(endpoint: str, headers: dict[str, str]) -> None:
    """Save the rules that the server does not have yet; raises `httpx.HTTPError`."""
    base_url = f"{endpoint}/api/v1/alerts/"
    with httpx.Client(base_url=base_url, headers=headers, timeout=30, trust_env=False) as client:
        answer = client.get("rules").raise_for_status().json()
        known = {rule["key"] for rule in answer["rules"]}
        for rule in _RULES:
            if rule["key"] not in known:
                client.put(f"rules/{rule['key']}", json=rule).raise_for_status()
