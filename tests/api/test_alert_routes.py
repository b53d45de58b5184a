"""Rules, channels and incidents over HTTP."""

import json
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine

from sightline_core.ids import ProjectId
from sightline_storage.alerts.alert_records import Look
from sightline_storage.alerts.alert_rule_store import AlertRuleStore
from sightline_storage.alerts.incident_store import IncidentStore

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
RULE: dict[str, Any] = {
    "name": "Chat spends too fast",
    "measure": "cost",
    "window": "15m",
    "group_by": ["app"],
    "condition": {"kind": "threshold", "alert": 10},
}


def test_a_rule_is_saved_shown_replaced_and_deleted(api: httpx.Client) -> None:
    assert api.put("/alerts/rules/chat-spend", json=RULE).status_code == 204
    assert api.put("/alerts/rules/chat-spend", json=RULE | {"window": "30m"}).status_code == 204
    (rule,) = api.get("/alerts/rules").json()["rules"]
    assert (rule["key"], rule["window"], rule["condition"]["alert"]) == ("chat-spend", "30m", 10.0)
    assert api.delete("/alerts/rules/chat-spend").status_code == 204
    assert api.delete("/alerts/rules/chat-spend").status_code == 404
    assert api.get("/alerts/rules").json() == {"rules": [], "etags": {}}


def test_of_many_changes_all_are_made_or_none(api: httpx.Client) -> None:
    def change(*changes: dict[str, Any]) -> httpx.Response:
        return api.post("/alerts/rules/changes", json={"changes": list(changes)})

    def stored() -> dict[str, str]:
        return {str(rule["key"]): str(rule["window"]) for rule in api.get("/alerts/rules").json()["rules"]}

    new = [{"key": key, "rule": RULE, "etag": None} for key in ("a", "b")]
    assert change(*new).status_code == 204
    etags = api.get("/alerts/rules").json()["etags"]
    longer = {"key": "a", "rule": RULE | {"window": "30m"}, "etag": etags["a"]}
    for wrong, status in (
        ({"key": "b", "rule": RULE, "etag": None}, 412),
        ({"key": "b", "rule": None, "etag": etags["a"]}, 412),
        ({"key": "c", "rule": RULE | {"channels": ["missing"]}, "etag": None}, 400),
        ({"key": "a", "rule": None, "etag": etags["a"]}, 400),
    ):
        refused = change(longer, wrong)
        assert (refused.status_code, f"rule {wrong['key']}" in refused.json()["detail"]) == (status, True)
        assert stored() == {"a": "15m", "b": "15m"}
    assert change(longer, {"key": "b", "rule": None, "etag": etags["b"]}).status_code == 204
    assert stored() == {"a": "30m"}
    assert api.delete("/alerts/rules/a").status_code == 204


def test_a_rule_that_another_version_has_stored_is_in_nobodys_way(
    api: httpx.Client, metadata: Engine, project: ProjectId
) -> None:
    later = RULE | {"key": "later", "condition": {"kind": "seasonal"}}
    AlertRuleStore(metadata).put_rule(project, "later", later, NOW)
    budget = RULE | {"condition": {"kind": "budget", "amount": 10}}
    assert api.put("/alerts/rules/spend", json=budget).status_code == 204
    change = {"key": "other", "rule": RULE, "etag": None}
    assert api.post("/alerts/rules/changes", json={"changes": [change]}).status_code == 204
    assert [found["rule"] for found in api.get("/costs/budgets").json()["budgets"]] == ["spend"]
    assert api.delete("/alerts/rules/later").status_code == 204


HOOK: dict[str, Any] = {"kind": "webhook", "settings": {"url": "http://127.0.0.1:9/hook"}}


@pytest.mark.parametrize(
    ("path", "body"), [("/alerts/rules/shared", RULE), ("/alerts/channels/shared", HOOK)]
)
def test_of_two_editors_the_second_is_told_of_the_first(
    api: httpx.Client, path: str, body: dict[str, Any]
) -> None:
    def etag() -> str:
        listed = api.get(path.rpartition("/")[0]).json()
        return str(listed["etags"]["shared"] if "etags" in listed else listed["channels"][0]["etag"])

    made = api.put(path, json=body, headers={"If-None-Match": "*"})
    assert (made.status_code, made.headers["etag"]) == (204, etag())
    again = api.put(path, json=body, headers={"If-None-Match": "*"})
    assert (again.status_code, "choose another key" in again.json()["detail"]) == (412, True)

    seen = {"If-Match": etag()}
    changed = body | (
        {"window": "30m"} if body is RULE else {"settings": {"url": "http://127.0.0.1:9/other"}}
    )
    first = api.put(path, json=changed, headers=seen)
    assert (first.status_code, first.headers["etag"]) == (204, etag())
    assert etag() != seen["If-Match"]
    same = api.put(path, json=changed, headers={"If-Match": etag()})
    assert same.headers["etag"] != first.headers["etag"]  # it tells nothing of the content, as of a password
    for second in (api.put(path, json=body, headers=seen), api.delete(path, headers=seen)):
        assert (second.status_code, second.headers["content-type"]) == (412, "application/problem+json")
        assert "meanwhile" in second.json()["detail"]

    assert api.put(path, json=body, headers={"If-Match": f'"x", {etag()}'}).status_code == 204
    assert api.delete(path, headers={"If-Match": etag()}).status_code == 204
    for gone in ("*", seen["If-Match"]):
        assert api.put(path, json=body, headers={"If-Match": gone}).status_code == 412


@pytest.mark.parametrize(
    ("changes", "detail"),
    [
        ({"measure": "money"}, "measure must be one of"),
        ({"channels": ["nobody"]}, "there is no channel 'nobody'"),
        ({"query": "usr:ana"}, "query: there is no field usr"),
        ({"name": "Spend \ud83d"}, "half of a surrogate pair"),
    ],
)
def test_a_wrong_rule_is_refused_by_name(api: httpx.Client, changes: dict[str, Any], detail: str) -> None:
    # As JSON, which can hold what UTF-8 cannot.
    body = json.dumps(RULE | changes)
    answer = api.put("/alerts/rules/chat-spend", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 400
    assert detail in answer.json()["detail"]


def test_two_rules_cannot_depend_on_each_other(api: httpx.Client) -> None:
    api.put("/alerts/rules/a", json=RULE | {"depends_on": "b"}).raise_for_status()
    answer = api.put("/alerts/rules/b", json=RULE | {"depends_on": "a"})
    assert "in a circle" in answer.json()["detail"]


def test_a_channel_never_shows_its_secrets(api: httpx.Client) -> None:
    settings = {"url": "http://127.0.0.1:9/hook", "secret": "s3cret"}
    body = {"kind": "webhook", "settings": settings}
    assert api.put("/alerts/channels/hook", json=body).status_code == 204
    shown = api.get("/alerts/channels")
    (channel,) = shown.json()["channels"]
    assert (channel["key"], channel["kind"], sorted(channel)) == ("hook", "webhook", ["etag", "key", "kind"])
    trial = api.post("/alerts/channels/hook/test", json={}).json()
    assert trial["delivered"] is False
    assert "s3cret" not in shown.text + str(trial)


@pytest.mark.parametrize(
    ("kind", "settings", "detail"),
    [
        ("pigeon", {}, "kind must be one of"),
        ("pagerduty", {}, "settings.routing_key is missing"),
        ("webhook", {"url": "http://169.254.169.254/"}, "private address"),
        ("webhook", {"url": "http://[::ffff:10.0.0.1]/"}, "private address"),
        ("webhook", {"url": "file:///etc/passwd"}, "must begin with https://"),
        ("webhook", {"url": "http://user:pass@127.0.0.1/"}, "must not carry a user name"),
        ("webhook", {"url": "http://127.0.0.1/\nx"}, "one line of text"),
        ("email", {"host": "127.0.0.1", "from": "a@b.c", "to": "x@y.z"}, "a list of addresses"),
    ],
)
def test_a_channel_that_cannot_work_is_refused(
    api: httpx.Client, kind: str, settings: dict[str, Any], detail: str
) -> None:
    answer = api.put("/alerts/channels/c", json={"kind": kind, "settings": settings})
    assert answer.status_code == 400
    assert detail in answer.json()["detail"]


def test_an_unknown_incident_is_not_found(api: httpx.Client) -> None:
    assert api.get("/alerts/incidents").json() == {"incidents": [], "next_cursor": None}
    assert api.get(f"/alerts/incidents/{'0' * 32}").status_code == 404
    assert api.post(f"/alerts/incidents/{'0' * 32}/acknowledge", json={}).status_code == 404


def test_an_open_incident_is_snoozed_for_31_days_at_most(
    api: httpx.Client, metadata: Engine, project: ProjectId
) -> None:
    api.put("/alerts/rules/chat-spend", json=RULE).raise_for_status()
    incidents, incident = IncidentStore(metadata), "a" * 32
    opened = Look((), None, {"open": 1}, NOW, incident, opens=True, level="alert", facts={})
    incidents.record_looks(project, "chat-spend", [opened])
    snooze = f"/alerts/incidents/{incident}/snooze"
    for duration, status in {"31d": 204, "31d1s": 400, "99y": 400, "0s": 204}.items():
        assert api.post(snooze, json={"duration": duration}).status_code == status, duration
    assert "31 days at most" in api.post(snooze, json={"duration": "5200w"}).json()["detail"]
    resolved = Look((), opened.state, {"open": 0}, NOW, incident, resolves=True)
    incidents.record_looks(project, "chat-spend", [resolved])
    answer = api.post(snooze, json={"duration": "1h"})
    assert (answer.status_code, answer.json()["detail"]) == (409, "the incident is resolved already")
