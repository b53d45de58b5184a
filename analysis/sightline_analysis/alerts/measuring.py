"""Measuring the windows of all rules with as few queries as there are shapes of rules."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Protocol

from sightline_analysis.alerts.measures import MEASURES, Measure
from sightline_analysis.alerts.rule import KNOWN_FOR, Rule
from sightline_analysis.alerts.scope import FIELD_OF_GROUP
from sightline_analysis.failures.cluster_measures import AffectingCluster, ClusterMeasures
from sightline_core.errors import BackendError
from sightline_core.ids import ProjectId
from sightline_core.time_range import TimeRange
from sightline_storage.alerts.alert_records import Group
from sightline_storage.rollups.measure_queries import Shape
from sightline_storage.rollups.measure_reader import GroupSums, MeasureReader
from sightline_storage.search.span_measures import ScoredTrace, SpanMeasures, SpanShape

Looks = dict[datetime, list[float | None]]
"""End of a look → the values of the condition's windows."""

Failed = Callable[[Sequence[Rule], BackendError], None]
"""Told of rules that could not be measured, and why."""

_Windows = Mapping[str, Mapping[datetime, Sequence[TimeRange]]]
"""Key of a rule → end of a look, the newest first → the condition's windows."""


class RuleMeasures:
    """Measures rules: failure clusters, what rollups can answer from rollups, the others from spans."""

    def __init__(self, rollups: MeasureReader, spans: SpanMeasures, clusters: ClusterMeasures) -> None:
        self._rollups = rollups
        self._spans = spans
        self._clusters = clusters

    def changed_minutes(
        self, versions: Mapping[ProjectId, int], oldest: datetime, newest: datetime
    ) -> dict[ProjectId, dict[datetime, int]]:
        """See `MeasureReader.changed_minutes`."""
        return self._rollups.changed_minutes(versions, oldest, newest)

    def measure(
        self,
        project: ProjectId,
        rules: Sequence[Rule],
        ends: Mapping[str, Sequence[datetime]],
        *,
        failed: Failed | None = None,
    ) -> dict[str, dict[Group, Looks]]:
        """Return for each rule (by key) and group the values of each look; alike rules share queries.

        Rules that the store refuses or takes too long for, while it answers others, are handed to `failed`
        and left out; without it, and when the store is down, `BackendError` is raised.
        """
        found: dict[str, dict[Group, Looks]] = {}
        windows = {
            rule.key: {end: rule.condition.windows(end, rule.window) for end in ends[rule.key]}
            for rule in rules
        }
        for ask in self._asks(project, rules, windows):
            try:
                sums = ask.measure(ask.question.windows, ask.question.columns, groups=ask.question.groups)
            except BackendError as error:
                if failed is None:
                    raise
                self._rollups.check(project)
                failed([rule for alike in ask.parts for rule in alike], error)
                continue
            for alike, of_part in zip(ask.parts, sums, strict=True):
                found |= _looks_of(alike, windows, ask.question, of_part)
        return found

    def _asks(self, project: ProjectId, rules: Sequence[Rule], windows: "_Windows") -> Iterator["_Ask"]:
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
                by_query[_span_shape(project, rule)].append(rule)
        if of_clusters:
            measure = partial(self._clusters.measure, project)
            yield _Ask([of_clusters], _question(of_clusters, windows), _alone(measure))
        families: dict[tuple[object, _Question], list[Shape]] = defaultdict(list)
        for shape, alike in by_scope.items():
            families[shape.kin, _question(alike, windows)].append(shape)
        for (_, question), shapes in families.items():
            parts = [by_scope[shape] for shape in shapes]
            yield _Ask(parts, question, partial(self._rollups.measure_each, shapes))
        for span_shape, alike in by_query.items():
            measure = partial(self._spans.measure, span_shape)
            yield _Ask([alike], _question(alike, windows), _alone(measure))

    def scored_traces(
        self, project: ProjectId, rule: Rule, group: Group, window: TimeRange
    ) -> list[ScoredTrace]:
        """Return the scores that a rule takes the mean of in a window, worst first; other rules have none."""
        if rule.measure is not Measure.SCORE:
            return []
        scored = self._spans.scored_traces(_span_shape(project, rule), window)
        of_group = [each for each in scored if each.group == group]
        return sorted(of_group, key=lambda each: each.number, reverse=rule.condition.direction == "above")

    def affecting_clusters(
        self, project: ProjectId, rule: Rule, window: TimeRange, limit: int
    ) -> list[AffectingCluster]:
        """Return the failure clusters that a rule counts in a window, worst first; others have none."""
        spec = MEASURES[rule.measure]
        if not spec.of_clusters:
            return []
        return self._clusters.most_affecting(project, window, spec.columns[0], limit)


def _span_shape(project: ProjectId, rule: Rule) -> SpanShape:
    fields = tuple(FIELD_OF_GROUP[name] for name in rule.group_by)
    return SpanShape(project, fields, rule.node, rule.score)


class _Measure(Protocol):
    def __call__(self, windows: Sequence[TimeRange], columns: Sequence[str], *, groups: int) -> GroupSums: ...


class _MeasureEach(Protocol):
    def __call__(
        self, windows: Sequence[TimeRange], columns: Sequence[str], *, groups: int
    ) -> list[GroupSums]: ...


@dataclass(frozen=True, slots=True)
class _Question:
    """What is asked of a store about all of some rules at once."""

    windows: tuple[TimeRange, ...]
    columns: tuple[str, ...]
    groups: int


@dataclass(frozen=True, slots=True)
class _Ask:
    """Rules that are measured together; each part of them has its own groups."""

    parts: list[list[Rule]]
    question: _Question
    measure: _MeasureEach


def _alone(measure: _Measure) -> _MeasureEach:
    def measure_each(windows: Sequence[TimeRange], columns: Sequence[str], *, groups: int) -> list[GroupSums]:
        return [measure(windows, columns, groups=groups)]

    return measure_each


def _question(rules: Sequence[Rule], windows_of: _Windows) -> _Question:
    windows = {window for rule in rules for of_look in windows_of[rule.key].values() for window in of_look}
    for rule in rules:
        if rule.tells_of_silent_groups:
            # A group that has fallen silent is known by the day before its window.
            newest, (window, *_) = next(iter(windows_of[rule.key].items()))
            windows.add(TimeRange(window.start - KNOWN_FOR, newest))
    ordered = sorted(windows, key=lambda window: (window.start, window.end))
    columns = sorted({column for rule in rules for column in MEASURES[rule.measure].columns})
    return _Question(tuple(ordered), tuple(columns), max(rule.group_cap for rule in rules))


def _looks_of(
    rules: Sequence[Rule], windows: _Windows, question: _Question, found: GroupSums
) -> dict[str, dict[Group, Looks]]:
    place = {window: number for number, window in enumerate(question.windows)}
    if not rules[0].group_by:
        found.setdefault((), [dict.fromkeys(question.columns) for _ in question.windows])
    result: dict[str, dict[Group, Looks]] = {}
    for rule in rules:
        value_of = MEASURES[rule.measure].value_of
        result[rule.key] = {
            group: {
                end: [value_of(sums[place[window]]) for window in of_look]
                for end, of_look in windows[rule.key].items()
            }
            for group, sums in list(found.items())[: rule.group_cap]
        }
    return result
