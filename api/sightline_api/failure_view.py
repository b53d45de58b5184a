"""From stored clusters and counts to the shapes of the API."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from sightline_analysis.failures.lifecycle import state_of
from sightline_api.failure_models import FailureCluster, FailureExample
from sightline_storage.failure_reader import Example, Impact
from sightline_storage.failure_store import ClusterRow

_HOUR = timedelta(hours=1)
_SHOWN_HOURS = 24


def cluster_model(
    row: ClusterRow, impact: Impact | None, hours: Mapping[datetime, int], now: datetime
) -> FailureCluster:
    """Return a cluster with what it hit; without an impact it hit nothing in the range."""
    this_hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return FailureCluster(
        id=row.id,
        title=row.title,
        category=row.category,
        scope=row.scope,
        state=state_of(row, hours, now).value,
        severity=row.severity,
        assignee=row.assignee,
        first_seen=row.first_seen,
        last_seen=row.last_seen,
        regressed_version=row.regressed_version,
        traces=impact.traces if impact else 0,
        spans=impact.spans if impact else 0,
        users=impact.users if impact else 0,
        sessions=impact.sessions if impact else 0,
        cost_usd=format(impact.cost_usd.normalize(), "f") if impact else "0",
        apps=impact.apps if impact else [],
        app_versions=impact.app_versions if impact else [],
        hourly=[hours.get(this_hour - _HOUR * back, 0) for back in range(_SHOWN_HOURS - 1, -1, -1)],
    )


def example_model(example: Example) -> FailureExample:
    """Return one example span."""
    return FailureExample(
        trace_id=example.trace_id,
        span_id=example.span_id,
        start_time=datetime.fromtimestamp(example.start_ns // 1000 / 1e6, UTC),
        name=example.name,
        app=example.app,
        model=example.model,
        app_version=example.app_version,
        message=example.message,
        reason=example.reason,
        input_preview=example.input_preview,
        output_preview=example.output_preview,
    )


def issue_urls(row: ClusterRow, page: str) -> dict[str, str]:
    """Return addresses of prefilled new issues; `{…}` stands for what only the reader knows.

    Content of spans is left out: an address ends up in histories and logs.
    """
    title = f"{row.category}: {row.title}"[:200]
    seen = f"First seen {row.first_seen:%Y-%m-%d %H:%M} UTC, last seen {row.last_seen:%Y-%m-%d %H:%M} UTC."
    body = f"{seen}\n{page}"
    return {
        "github": "https://github.com/{owner}/{repo}/issues/new?" + urlencode({"title": title, "body": body}),
        "gitlab": "https://gitlab.com/{group}/{project}/-/issues/new?"
        + urlencode({"issue[title]": title, "issue[description]": body}),
        "jira": "https://{site}.atlassian.net/secure/CreateIssueDetails!init.jspa?"
        + urlencode({"summary": title, "description": body}),
        "linear": "https://linear.app/{workspace}/new?" + urlencode({"title": title, "description": body}),
    }
