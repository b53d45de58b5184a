"""What helps on-call beside the number: why, how it went before, three costly traces, three failures."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

from sightline_analysis.alerts.measures import format_value
from sightline_analysis.alerts.measuring import Looks, RuleMeasures
from sightline_analysis.alerts.message import ClusterMention, Evidence, TraceMention, TracesBehind
from sightline_analysis.alerts.rule import Rule
from sightline_core.errors import BackendError
from sightline_core.ids import ProjectId
from sightline_core.nanoseconds import time_of
from sightline_core.query_fields import FieldName
from sightline_core.query_tree import Pattern, TextMatch
from sightline_core.time_range import TimeRange
from sightline_server.alerting.likely_cause import LikelyCause
from sightline_storage.alerts.alert_records import Group
from sightline_storage.search.trace_search import Order, TraceSearch

log = logging.getLogger(__name__)

EXPLAINED_A_PASS = 20
"""Incidents of one pass for which causes, traces and failures are looked for.

Four queries for each would keep the pages of a rule that fires for hundreds of users back for a minute.
"""

_LOOKS = 12
_MENTIONED = 3

_LINKED = 50
"""How many traces an address names: Slack refuses those with more than 3,000 characters."""

_BEFORE_FITTING = timedelta(hours=1)
"""How long a trace may have run before its first span that fits a rule."""


class EvidenceFinder:
    """Asked once for each incident, when it opens or gets worse; for use by one thread."""

    def __init__(self, cause: LikelyCause, measures: RuleMeasures, search: TraceSearch) -> None:
        self._cause = cause
        self._measures = measures
        self._search = search
        self._explained = 0
        self._courses: dict[tuple[ProjectId, str, datetime], Mapping[Group, Looks]] = {}

    def begin_pass(self) -> None:
        """Forget what the pass before has asked for."""
        self._explained = 0
        self._courses.clear()

    def find(self, project: ProjectId, rule: Rule, group: Group, window: TimeRange) -> Evidence:
        """Return what is known of the group in the window, and how it went up to its end.

        When many fire at once, that is only how it went for all but the first. What the store does not answer
        is left out: it must not keep the page back.
        """
        try:
            return self._find(project, rule, group, window)
        except BackendError as error:
            log.warning("an alert has no evidence", extra={"rule": rule.key, "reason": str(error)})
            self._explained = EXPLAINED_A_PASS
            return Evidence()

    def _find(self, project: ProjectId, rule: Rule, group: Group, window: TimeRange) -> Evidence:
        course = self._course(project, rule, group, window)
        if self._explained == EXPLAINED_A_PASS:
            return Evidence(course=course)
        self._explained += 1
        behind = self._scored(project, rule, group, window)
        return Evidence(
            cause=self._cause.explain(project, rule, group, window),
            course=course,
            traces=() if behind else self._costliest(project, rule, group, window),
            clusters=self._clusters(project, rule, window),
            behind=behind,
        )

    def _scored(self, project: ProjectId, rule: Rule, group: Group, window: TimeRange) -> TracesBehind | None:
        """Name the traces that scores were given to: they began long before, and no query finds scores."""
        scored = self._measures.scored_traces(project, rule, group, window)
        first_of = dict(list({each.trace_id: each.first_ns for each in scored}.items())[:_LINKED])
        if not first_of:
            return None
        named = TextMatch(FieldName("trace"), tuple(map(Pattern, first_of)))
        first, last = time_of(min(first_of.values())), time_of(max(first_of.values()))
        return TracesBehind(named, TimeRange(first - _BEFORE_FITTING, last + timedelta(minutes=1)))

    def _clusters(self, project: ProjectId, rule: Rule, window: TimeRange) -> tuple[ClusterMention, ...]:
        found = self._measures.affecting_clusters(project, rule, window, _MENTIONED)
        return tuple(
            ClusterMention(
                cluster.id,
                cluster.title,
                f"{format_value('count', cluster.traces)} trace{'' if cluster.traces == 1 else 's'}",
            )
            for cluster in found
        )

    def _course(
        self, project: ProjectId, rule: Rule, group: Group, window: TimeRange
    ) -> tuple[float | None, ...]:
        rule = rule.course
        ends = [window.end - number * rule.window for number in range(_LOOKS)]
        of_all = self._courses.get((project, rule.key, window.end))
        if of_all is None:
            of_all = self._measures.measure(project, [rule], {rule.key: ends})[rule.key]
            self._courses[project, rule.key, window.end] = of_all
        looks = of_all.get(group, {})
        return tuple(looks[end][0] if end in looks else None for end in reversed(ends))

    def _costliest(
        self, project: ProjectId, rule: Rule, group: Group, window: TimeRange
    ) -> tuple[TraceMention, ...]:
        node = rule.traces_behind(group)
        page = self._search.find_traces(project, window, node, order=Order("cost"), limit=_MENTIONED)
        return tuple(
            TraceMention(row.trace_id, row.name, format_value("usd", float(row.cost.usd)))
            for row in page.traces
            if row.cost.usd > 0
        )
