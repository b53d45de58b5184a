"""Measuring the windows of all rules with as few queries as there are shapes of rules."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from sightline_analysis.alerts.conditions import Absence
from sightline_analysis.alerts.measures import MEASURES
from sightline_analysis.alerts.rule import Group, Rule
from sightline_analysis.alerts.scope import FIELD_OF_GROUP
from sightline_analysis.failures.cluster_measures import AffectingCluster, ClusterMeasures
from sightline_core.ids import ProjectId
from sightline_core.time_range import TimeRange
from sightline_storage.rollups.measure_queries import Shape
from sightline_storage.rollups.measure_reader import GroupSums, MeasureReader
from sightline_storage.search.span_measures import SpanMeasures, SpanShape

Looks = dict[datetime, list[float | None]]
"""End of a look → the values of the condition's windows."""

_DAY = timedelta(days=1)


class RuleMeasures:
    """Measures rules: failure clusters, what rollups can answer from rollups, the others from spans."""

    def __init__(self, rollups: MeasureReader, spans: SpanMeasures, clusters: ClusterMeasures) -> None:
        self._rollups = rollups
        self._spans = spans
        self._clusters = clusters

    def changed_minutes(
        self, project: ProjectId, version: int, oldest: datetime, newest: datetime
    ) -> dict[datetime, int]:
        """See `MeasureReader.changed_minutes`."""
        return self._rollups.changed_minutes(project, version, oldest, newest)

    def measure(
        self, project: ProjectId, rules: Sequence[Rule], ends: Mapping[str, Sequence[datetime]]
    ) -> dict[str, dict[Group, Looks]]:
        """Return for each rule (by key) and group the values of each look; alike rules share a query."""
        by_scope: dict[Shape, list[Rule]] = defaultdict(list)
        by_query: dict[SpanShape, list[Rule]] = defaultdict(list)
        of_clusters: list[Rule] = []
        for rule in rules:
            scope = rule.scope
            if MEASURES[rule.measure].of_clusters:
                of_clusters.append(rule)
            elif scope is not None:
                by_scope[Shape(project, rule.group_by, scope)].append(rule)
            else:
                fields = tuple(FIELD_OF_GROUP[name] for name in rule.group_by)
                by_query[SpanShape(project, fields, rule.node, rule.score)].append(rule)
        found: dict[str, dict[Group, Looks]] = {}
        if of_clusters:
            found |= _measure_alike(partial(self._clusters.measure, project), of_clusters, ends)
        for shape, alike in by_scope.items():
            found |= _measure_alike(partial(self._rollups.measure, shape), alike, ends)
        for span_shape, alike in by_query.items():
            found |= _measure_alike(partial(self._spans.measure, span_shape), alike, ends)
        return found

    def affecting_clusters(
        self, project: ProjectId, rule: Rule, window: TimeRange, limit: int
    ) -> list[AffectingCluster]:
        """Return the failure clusters that a rule counts in a window, worst first; others have none."""
        spec = MEASURES[rule.measure]
        if not spec.of_clusters:
            return []
        return self._clusters.most_affecting(project, window, spec.columns[0], limit)


class _Measure(Protocol):
    def __call__(self, windows: Sequence[TimeRange], columns: Sequence[str], *, groups: int) -> GroupSums: ...


def _measure_alike(
    measure: _Measure, rules: Sequence[Rule], ends: Mapping[str, Sequence[datetime]]
) -> dict[str, dict[Group, Looks]]:
    wanted = {
        rule.key: {end: rule.condition.windows(end, rule.window) for end in ends[rule.key]} for rule in rules
    }
    windows = {window for looks in wanted.values() for of_look in looks.values() for window in of_look}
    for rule in rules:
        if rule.group_by and (isinstance(rule.condition, Absence) or rule.no_data == "alert"):
            # A group that has fallen silent is known by the day before.
            newest = ends[rule.key][0]
            windows.add(TimeRange(newest - _DAY, newest))
    ordered = sorted(windows, key=lambda window: (window.start, window.end))
    place = {window: number for number, window in enumerate(ordered)}
    columns = sorted({column for rule in rules for column in MEASURES[rule.measure].columns})
    found = measure(ordered, columns, groups=max(rule.group_cap for rule in rules))
    if not rules[0].group_by:
        found.setdefault((), [dict.fromkeys(columns) for _ in ordered])
    result: dict[str, dict[Group, Looks]] = {}
    for rule in rules:
        value_of = MEASURES[rule.measure].value_of
        result[rule.key] = {
            group: {
                end: [value_of(sums[place[window]]) for window in of_look]
                for end, of_look in wanted[rule.key].items()
            }
            for group, sums in list(found.items())[: rule.group_cap]
        }
    return result
