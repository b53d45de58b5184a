"""Measuring the windows of all rules with as few queries as there are shapes of rules."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

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

Failed = Callable[[ProjectId, Sequence[Rule], BackendError], None]
"""Told of rules that could not be measured, and why."""

_Windows = Mapping[str, Mapping[datetime, Sequence[TimeRange]]]
"""Key of a rule → end of a look, the newest first → the condition's windows."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Rules of a project, and the ends of the looks that are wanted of each, by its key."""

    project: ProjectId
    rules: Sequence[Rule]
    ends: Mapping[str, Sequence[datetime]]


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
        self, project: ProjectId, rules: Sequence[Rule], ends: Mapping[str, Sequence[datetime]]
    ) -> dict[str, dict[Group, Looks]]:
        """Return for each rule (by key) and group the values of each look; alike rules share queries."""
        return self.measure_all([Wanted(project, rules, ends)])[project]

    def measure_all(
        self, wanted: Sequence[Wanted], *, failed: Failed | None = None
    ) -> dict[ProjectId, dict[str, dict[Group, Looks]]]:
        """Return `measure` of each project; alike rules of all of them share queries.

        Rules that the store refuses or takes too long for, while it answers others, are handed to `failed`
        and left out; without it, and when the store is down, `BackendError` is raised.
        """
        found: dict[ProjectId, dict[str, dict[Group, Looks]]] = {each.project: {} for each in wanted}
        for question, parts in self._questions(wanted).items():
            for part, sums in self._answers(question, parts, failed):
                found[part.project] |= _looks_of(part, question, sums)
        return found

    def _questions(self, wanted: Sequence[Wanted]) -> dict["_Question", list["_Part"]]:
        """Return what is to be asked, and about which rules; those of one part have the same groups."""
        asked: dict[_Question, list[_Part]] = defaultdict(list)
        for each in wanted:
            windows = {
                rule.key: {end: rule.condition.windows(end, rule.window) for end in each.ends[rule.key]}
                for rule in each.rules
            }
            alike: dict[_Shape, list[Rule]] = defaultdict(list)
            for rule in each.rules:
                alike[_shape(each.project, rule)].append(rule)
            for shape, rules in alike.items():
                question = _question(shape, rules, windows)
                asked[question].append(_Part(each.project, shape, rules, windows))
        return asked

    def _answers(
        self, question: "_Question", parts: Sequence["_Part"], failed: Failed | None
    ) -> Iterator[tuple["_Part", GroupSums]]:
        try:
            sums = self._ask(question, [part.shape for part in parts])
        except BackendError as error:
            if failed is None:
                raise
            first, *others = parts
            self._rollups.check(first.project)
            if not others:
                failed(first.project, first.rules, error)
                return
            for part in parts:
                yield from self._answers(question, [part], failed)
        else:
            yield from zip(parts, sums, strict=True)

    def _ask(self, question: "_Question", shapes: Sequence["_Shape"]) -> list[GroupSums]:
        windows, columns, groups = question.windows, question.columns, question.groups
        of_rollups = [shape for shape in shapes if isinstance(shape, Shape)]
        if of_rollups:
            return self._rollups.measure_each(of_rollups, windows, columns, groups=groups)
        return [
            self._spans.measure(shape, windows, columns, groups=groups)
            if isinstance(shape, SpanShape)
            else self._clusters.measure(ProjectId(shape.project), windows, columns, groups=groups)
            for shape in shapes
        ]

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


@dataclass(frozen=True, slots=True)
class _ClusterShape:
    """All rules about the failure clusters of a project."""

    project: str


_Shape = Shape | SpanShape | _ClusterShape


def _shape(project: ProjectId, rule: Rule) -> _Shape:
    if MEASURES[rule.measure].of_clusters:
        return _ClusterShape(project)
    scope = rule.scope
    return _span_shape(project, rule) if scope is None else Shape(project, rule.group_by, scope)


@dataclass(frozen=True, slots=True)
class _Part:
    """Rules of a project that are about the same groups; `windows` are those of all its rules."""

    project: ProjectId
    shape: _Shape
    rules: Sequence[Rule]
    windows: _Windows


@dataclass(frozen=True, slots=True)
class _Question:
    """What is asked of a store about shapes of one kind at once."""

    kin: object
    windows: tuple[TimeRange, ...]
    columns: tuple[str, ...]
    groups: int


def _question(shape: _Shape, rules: Sequence[Rule], windows_of: _Windows) -> _Question:
    windows = {window for rule in rules for of_look in windows_of[rule.key].values() for window in of_look}
    for rule in rules:
        if rule.tells_of_silent_groups:
            # A group that has fallen silent is known by the day before its window.
            newest, (window, *_) = next(iter(windows_of[rule.key].items()))
            windows.add(TimeRange(window.start - KNOWN_FOR, newest))
    ordered = sorted(windows, key=lambda window: (window.start, window.end))
    columns = sorted({column for rule in rules for column in MEASURES[rule.measure].columns})
    # Only of rollups several projects are asked at once.
    kin = shape.kin if isinstance(shape, Shape) else shape
    return _Question(kin, tuple(ordered), tuple(columns), max(rule.group_cap for rule in rules))


def _looks_of(part: _Part, question: _Question, found: GroupSums) -> dict[str, dict[Group, Looks]]:
    place = {window: number for number, window in enumerate(question.windows)}
    if not part.rules[0].group_by:
        found.setdefault((), [dict.fromkeys(question.columns) for _ in question.windows])
    result: dict[str, dict[Group, Looks]] = {}
    for rule in part.rules:
        value_of = MEASURES[rule.measure].value_of
        result[rule.key] = {
            group: {
                end: [value_of(sums[place[window]]) for window in of_look]
                for end, of_look in part.windows[rule.key].items()
            }
            for group, sums in list(found.items())[: rule.group_cap]
        }
    return result
