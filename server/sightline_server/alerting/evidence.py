"""What helps on-call beside the number: why, how it went before, and the three costliest traces."""

from sightline_analysis.alerts.measures import format_value
from sightline_analysis.alerts.measuring import RuleMeasures
from sightline_analysis.alerts.message import Evidence, TraceMention
from sightline_analysis.alerts.rule import Group, Rule
from sightline_analysis.alerts.scope import of_group
from sightline_core.ids import ProjectId
from sightline_core.time_range import TimeRange
from sightline_server.alerting.likely_cause import LikelyCause
from sightline_storage.trace_search import Order, TraceSearch

_LOOKS = 12
_COSTLIEST = 3


class EvidenceFinder:
    """Asked once for each incident, when it opens or gets worse."""

    def __init__(self, cause: LikelyCause, measures: RuleMeasures, search: TraceSearch) -> None:
        self._cause = cause
        self._measures = measures
        self._search = search

    def find(self, project: ProjectId, rule: Rule, group: Group, window: TimeRange) -> Evidence:
        """Return what is known of the group in the window and in the eleven windows before."""
        return Evidence(
            cause=self._cause.explain(project, rule, group, window),
            course=self._course(project, rule, group, window),
            traces=self._costliest(project, rule, group, window),
        )

    def _course(
        self, project: ProjectId, rule: Rule, group: Group, window: TimeRange
    ) -> tuple[float | None, ...]:
        ends = [window.end - number * rule.window for number in range(_LOOKS)]
        looks = self._measures.measure(project, [rule], {rule.key: ends})[rule.key].get(group, {})
        return tuple(looks[end][0] if end in looks else None for end in reversed(ends))

    def _costliest(
        self, project: ProjectId, rule: Rule, group: Group, window: TimeRange
    ) -> tuple[TraceMention, ...]:
        node = of_group(rule.node, dict(zip(rule.group_by, group, strict=True)))
        page = self._search.find_traces(project, window, node, order=Order("cost"), limit=_COSTLIEST)
        return tuple(
            TraceMention(row.trace_id, row.name, format_value("usd", float(row.cost.usd)))
            for row in page.traces
            if row.cost.usd > 0
        )
