"""What an alert says: what, where, how much against what, since when, why, and where to look."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from sightline_analysis.alerts.conditions import BurnRate
from sightline_analysis.alerts.durations import format_duration
from sightline_analysis.alerts.judgement import Judgement, Level
from sightline_analysis.alerts.measures import MEASURES, format_number, format_value
from sightline_analysis.alerts.rule import Rule
from sightline_core.ids import DEFAULT_PROJECT
from sightline_core.plain_text import one_line, short_line
from sightline_core.query_printer import print_query
from sightline_core.query_tree import Node
from sightline_core.time_range import TimeRange
from sightline_storage.alerts.alert_records import Group


@dataclass(frozen=True, slots=True)
class TraceMention:
    """A trace that is worth a look; `cost` is written for people."""

    trace_id: str
    name: str
    cost: str


@dataclass(frozen=True, slots=True)
class ClusterMention:
    """A failure cluster that a rule counted; `impact` is written for people."""

    cluster_id: str
    title: str
    impact: str


@dataclass(frozen=True, slots=True)
class TracesBehind:
    """The query and the time that find the traces which a value is of."""

    node: Node
    period: TimeRange


@dataclass(frozen=True, slots=True)
class Evidence:
    """What helps beside the number. `cause` may be "". `course` is the measure over windows, oldest first.

    `behind` is where the rule's own query in the window does not find the traces.
    """

    cause: str = ""
    course: tuple[float | None, ...] = ()
    traces: tuple[TraceMention, ...] = ()
    clusters: tuple[ClusterMention, ...] = ()
    behind: TracesBehind | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything a channel needs to write its message; all text is plain, none of it is markup.

    `where` is the group, for example `app=chat`, else the query, or "everything". `cause` may be "". `course`
    draws the measure in block characters, each of `course_window`. `url` opens the incident, `query_url` the
    traces that the value is of, in the window that was judged. `traces` are the costliest ones: name, cost,
    url. `clusters` are the failure clusters that were counted, worst first: title, impact, url.
    """

    rule: str
    name: str
    level: Level
    where: str
    measure: str
    value: str
    threshold: str
    window: str
    reason: str
    cause: str
    course: str
    course_window: str
    traces: tuple[dict[str, str], ...]
    clusters: tuple[dict[str, str], ...]
    runbook: str
    window_start: datetime
    window_end: datetime
    url: str
    query_url: str

    @property
    def title(self) -> str:
        """One line: `[ALERT] Chat spends too fast: app=chat: cost $12.40 (limit $10.00)`."""
        limit = f" (limit {self.threshold})" if self.threshold else ""
        return f"[{self.level.value.upper()}] {self.name}: {self.where}: {self.measure} {self.value}{limit}"


@dataclass(frozen=True, slots=True)
class Links:
    """Where a message leads: the page's address without a slash at its end, the incident, and the window."""

    page: str
    incident: str
    window: TimeRange


def make_facts(
    rule: Rule, group: Group, judgement: Judgement, *, level: Level, links: Links, evidence: Evidence
) -> Facts:
    """Return the facts of one judgement."""
    spec = MEASURES[rule.measure]
    pairs = [
        f"{name}={short_line(value) or '(none)'}" for name, value in zip(rule.group_by, group, strict=True)
    ]
    is_rate = isinstance(rule.condition, BurnRate)
    return Facts(
        rule=rule.key,
        name=rule.name,
        level=level,
        where=", ".join(pairs) or short_line(rule.query) or "everything",
        measure=f"burn rate of {spec.label}" if is_rate else spec.label,
        value=written_value(rule, judgement.value),
        threshold="" if judgement.threshold is None else written_value(rule, judgement.threshold),
        window=format_duration(links.window.duration),
        reason=judgement.reason,
        cause=one_line(evidence.cause),
        course=draw_course(evidence.course),
        course_window=format_duration(rule.course.window),
        traces=tuple(
            {"name": trace.name, "cost": trace.cost, "url": f"{links.page}/t/{trace.trace_id}"}
            for trace in evidence.traces
        ),
        clusters=tuple(
            {
                "title": cluster.title,
                "impact": cluster.impact,
                "url": f"{links.page}/failures/{cluster.cluster_id}",
            }
            for cluster in evidence.clusters
        ),
        runbook=rule.runbook,
        window_start=links.window.start,
        window_end=links.window.end,
        url=f"{links.page}/alerts/{links.incident}",
        query_url=_query_url(
            links.page, evidence.behind or TracesBehind(rule.traces_behind(group), links.window)
        ),
    )


def written_value(rule: Rule, value: float | None) -> str:
    """Return what a rule compares, or compares with, as people read it; a burn rate in times."""
    if value is not None and isinstance(rule.condition, BurnRate):
        return f"{format_number(value)} times"
    return format_value(MEASURES[rule.measure].unit, value)


def facts_document(facts: Facts) -> dict[str, Any]:
    """Return the facts as JSON, with `title`."""
    document = {name: getattr(facts, name) for name in Facts.__slots__}
    return document | {
        "title": facts.title,
        "level": facts.level.value,
        "window_start": facts.window_start.isoformat(),
        "window_end": facts.window_end.isoformat(),
        "traces": list(facts.traces),
        "clusters": list(facts.clusters),
    }


def headline(message: dict[str, Any]) -> str:
    """Return what happened to what, in one line: `Resolved: [ALERT] Chat spends too fast: …`."""
    return f"{_WORDS[message['action']]}: {message['facts']['title']}"


def message_text(message: dict[str, Any], limit: int | None = None) -> str:
    """Return the message as plain text, for e-mail and chat, in at most `limit` characters.

    What is too long loses whole lines at its end, never half of an address.
    """
    text = "\n".join(_lines(message))
    if limit is None or len(text) <= limit:
        return text
    whole, _, _ = text[: limit - 1].rpartition("\n")
    return f"{whole}\n…" if whole else f"{text[: limit - 1]}…"


def _lines(message: dict[str, Any]) -> list[str]:
    """The lines of a message, what is needed most first."""
    facts = message["facts"]
    limit = f", limit {facts['threshold']}" if facts["threshold"] else ""
    # Facts are those of when it opened or got worse.
    verb = "is" if message["action"] in ("trigger", "update", "test") else "was"
    project = message.get("project", DEFAULT_PROJECT)
    lines = [
        headline(message),
        f"Incident: {facts['url']}",
        f"What: {facts['measure']} {verb} {facts['value']}{limit}",
        f"Where: {facts['where']}{'' if project == DEFAULT_PROJECT else f' (project {project})'}",
        f"Why: {facts['reason']} (window {facts['window']} to {facts['window_end']})",
        f"Since: {_to_seconds(message['opened_at'])}",
    ]
    if message["action"] == "resolve":
        lines.append(f"Until: {_to_seconds(message['at'])}")
    if facts["cause"]:
        lines.append(f"Likely cause: {facts['cause']}")
    if facts.get("course"):
        lines.append(f"Course: {facts['course']} (a block is {course_window(facts)})")
    if message["acknowledged_by"]:
        lines.append(f"Acknowledged by: {message['acknowledged_by']}")
    if facts["runbook"]:
        lines.append(f"Runbook: {facts['runbook']}")
    mentions = [
        f"Failure: {_name(cluster['title'])} ({cluster['impact']}) {cluster['url']}"
        for cluster in counted_clusters(facts)
    ] + [f"Costly: {trace['cost']} {_name(trace['name'])} {trace['url']}" for trace in costliest(facts)]
    return [*lines, *mentions, f"Traces: {facts['query_url']}"]


def costliest(facts: dict[str, Any]) -> list[dict[str, str]]:
    """Return name, cost and url of the costliest traces; incidents of older versions have none."""
    traces: list[dict[str, str]] = facts.get("traces", [])
    return traces


def counted_clusters(facts: dict[str, Any]) -> list[dict[str, str]]:
    """Return title, impact and url of the failure clusters; other rules and older incidents have none."""
    clusters: list[dict[str, str]] = facts.get("clusters", [])
    return clusters


def course_window(facts: dict[str, Any]) -> str:
    """Return what each block of the course is of; incidents of older versions do not say it of burn rates."""
    text: str = facts.get("course_window", facts["window"])
    return text


def draw_course(values: tuple[float | None, ...]) -> str:
    """Return one block for each value, from zero to the highest; a dot where nothing was measured."""
    top = max((value for value in values if value is not None), default=0.0)
    if top <= 0:
        return ""
    steps = len(_BLOCKS) - 1
    return "".join(
        "·" if value is None else _BLOCKS[max(0, min(steps, round(value / top * steps)))] for value in values
    )


_BLOCKS = "▁▂▃▄▅▆▇█"


def _name(text: str) -> str:
    return one_line(text)[:80] or "(no name)"


_WORDS: dict[str, str] = {
    "trigger": "Opened",
    "update": "Got worse",
    "remind": "Still open",
    "acknowledge": "Acknowledged",
    "resolve": "Resolved",
    "test": "Test",
}


def _query_url(page: str, behind: TracesBehind) -> str:
    search = {"start": _rfc3339(behind.period.start), "end": _rfc3339(behind.period.end)}
    if query := print_query(behind.node):
        search["q"] = query
    return f"{page}/traces?{urlencode(search)}"


def _to_seconds(time: str) -> str:
    return datetime.fromisoformat(time).isoformat(timespec="seconds")


def _rfc3339(time: datetime) -> str:
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")
