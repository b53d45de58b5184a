"""Measuring windows for alert rules, and noticing minutes that changed late."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sightline_core.batches import batched
from sightline_core.ids import ProjectId
from sightline_core.time_range import TimeRange
from sightline_storage.engines.engine import Engine, Row
from sightline_storage.engines.sql import as_utc
from sightline_storage.engines.statements import run
from sightline_storage.rollups.measure_queries import (
    QUANTILE_COLUMNS,
    Shape,
    build_changed_minutes,
    build_measures,
)

Sums = dict[str, float | None]
GroupSums = dict[tuple[str, ...], list[Sums]]
"""Group → for each window in the order asked, column → value; every value is `None` in a window without
spans.
"""

_LONG = timedelta(hours=3)
_HOUR = timedelta(hours=1)
_WINDOWS_A_QUERY = 100
_SHAPES_A_QUERY = 200
_ROWS_A_QUERY = 100_000
_PROJECTS_A_QUERY = 500
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Part:
    """What one query reads: pieces of windows, each behind its window, of one of the two rollups."""

    hourly: bool
    pieces: list[tuple[TimeRange, TimeRange]]

    @property
    def around(self) -> tuple[TimeRange, TimeRange]:
        """One piece around all of them."""
        whole = TimeRange(
            min(piece.start for _, piece in self.pieces), max(piece.end for _, piece in self.pieces)
        )
        return whole, whole


class MeasureReader:
    """Thread-safe, as the engine is."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def measure(
        self, shape: Shape, windows: Sequence[TimeRange], columns: Sequence[str], *, groups: int
    ) -> GroupSums:
        """Return what the windows add up to for at most `groups` groups, the largest first.

        Windows begin and end on full minutes. The whole hours of long ones are read from the hourly rollup,
        unless a quantile is asked for, which cannot be put together from parts.
        """
        return self._measure(shape, [shape.project], windows, columns, groups)[shape.project]

    def measure_each(
        self, shapes: Sequence[Shape], windows: Sequence[TimeRange], columns: Sequence[str], *, groups: int
    ) -> list[GroupSums]:
        """Return `measure` of each of the shapes, which are of one `kin`, with one query for many of them."""
        found: list[GroupSums] = []
        for part in batched(
            shapes, max(1, min(_SHAPES_A_QUERY, _ROWS_A_QUERY // (groups * len(windows) + 1)))
        ):
            if len({(shape.group_by, shape.filters) for shape in part}) == 1:
                projects = [shape.project for shape in part]
                sums_of = self._measure(part[0], projects, windows, columns, groups)
                found += [sums_of[project] for project in projects]
                continue
            together = _together(part)
            projects = sorted({shape.project for shape in part})
            sums_of = self._measure(together, projects, windows, columns, len(part))
            for shape, (project, *values) in zip(part, together.only, strict=True):
                sums, value_of = sums_of[project], dict(zip(together.group_by, values, strict=True))
                group = tuple(value_of[name] for name in shape.group_by)
                found.append({group: sums[tuple(values)]} if tuple(values) in sums else {})
        return found

    def check(self, project: ProjectId) -> None:
        """Raise `BackendError` when the store does not answer, on every shard."""
        run(self._engine, build_changed_minutes({project: 0}, _LONG_AGO, _LONG_AGO))

    def changed_minutes(
        self, versions: Mapping[ProjectId, int], oldest: datetime, newest: datetime
    ) -> dict[ProjectId, dict[datetime, int]]:
        """Return for each project the minutes that were recomputed after its version, with their own.

        In order of time. One query is for hundreds of projects.
        """
        found: dict[ProjectId, dict[datetime, int]] = {project: {} for project in versions}
        for part in batched(list(versions), _PROJECTS_A_QUERY):
            known = {project: versions[project] for project in part}
            for project, minute, version in run(self._engine, build_changed_minutes(known, oldest, newest)):
                found[ProjectId(project)][as_utc(minute)] = int(version)
        return found

    def _measure(
        self,
        shape: Shape,
        projects: Sequence[str],
        windows: Sequence[TimeRange],
        columns: Sequence[str],
        groups: int,
    ) -> dict[str, GroupSums]:
        """Return `measure` of the shape for each of the projects."""
        # In order of time: a query reads all that lies between its windows.
        distinct = sorted(dict.fromkeys(windows), key=lambda window: (window.start, window.end))
        parts = _parts(distinct, splittable=not any(name in QUANTILE_COLUMNS for name in columns))
        found: dict[tuple[str, ...], dict[TimeRange, Sums]] = defaultdict(dict)
        spans: dict[str, Counter[tuple[str, ...]]] = defaultdict(Counter)
        for part, rows in self._read(shape, projects, parts, columns, groups):
            for row in rows:
                (project, *group), (number, of_window), values = _split(row, len(shape.group_by))
                spans[project][tuple(group)] += of_window
                window, _ = part.pieces[number - 1]
                _add(found[project, *group].setdefault(window, {}), columns, values)
        nothing: Sums = dict.fromkeys(columns)
        return {
            project: {
                group: [found[project, *group].get(window, nothing) for window in windows]
                for group in largest_groups(spans[project], groups)
            }
            for project in projects
        }

    def _read(
        self,
        shape: Shape,
        projects: Sequence[str],
        parts: Sequence["_Part"],
        columns: Sequence[str],
        groups: int,
    ) -> Iterator[tuple["_Part", list[Row]]]:
        """Yield the rows of each part: of all groups or, where a project has too many, of its largest ones.

        Else the rows of long windows would be all that there is room for.
        """
        asked = [(part, self._rows(shape, projects, part, columns, groups)) for part in parts]
        crowded = {
            project
            for part, rows in asked
            for project, count in Counter(row[0] for row in rows).items()
            if count > groups * len(part.pieces)
        }
        for part, rows in asked:
            yield part, [row for row in rows if row[0] not in crowded]
        if not crowded:
            return
        spans: dict[str, Counter[tuple[str, ...]]] = {project: Counter() for project in sorted(crowded)}
        for part in parts:
            for row in self._rows(shape, list(spans), replace(part, pieces=[part.around]), (), groups):
                (project, *group), (_, of_group), _ = _split(row, len(shape.group_by))
                spans[project][tuple(group)] += of_group
        only = tuple(
            (project, *group)
            for project, of_project in spans.items()
            for group in largest_groups(of_project, groups)
        )
        for part in parts:
            largest = replace(shape, only=only)
            yield part, self._rows(largest, list(spans), part, columns, groups)

    def _rows(
        self, shape: Shape, projects: Sequence[str], part: "_Part", columns: Sequence[str], groups: int
    ) -> list[Row]:
        ranges, room = [piece for _, piece in part.pieces], groups * len(part.pieces) + 1
        statement = build_measures(shape, projects, ranges, columns, hourly=part.hourly, rows=room)
        return run(self._engine, statement)


def largest_groups(spans: Mapping[tuple[str, ...], int], groups: int) -> list[tuple[str, ...]]:
    """Return at most `groups` of them, those with most spans first."""
    return sorted(spans, key=lambda group: (-spans[group], group))[:groups]


def _together(shapes: Sequence[Shape]) -> Shape:
    """Return the shape of the groups that these shapes are about, one each, in their order."""
    names = tuple(name for name, _ in shapes[0].filters)
    only = tuple((shape.project, *(values[0] for _, values in shape.filters)) for shape in shapes)
    filters = tuple(
        (name, tuple(sorted({group[place] for group in only}))) for place, name in enumerate(names, start=1)
    )
    return Shape(shapes[0].project, names, filters, only)


def _split(row: Row, width: int) -> tuple[tuple[str, ...], tuple[int, int], Row]:
    """Return project and group, the number of the window and how many spans it has, and the columns."""
    numbers = width + 1
    return tuple(map(str, row[:numbers])), (int(row[numbers]), int(row[numbers + 1])), row[numbers + 2 :]


def _parts(windows: Sequence[TimeRange], *, splittable: bool) -> list[_Part]:
    pieces = [(window, piece) for window in windows for piece in _pieces(window, splittable=splittable)]
    return [
        _Part(hourly, list(some))
        for hourly in (False, True)
        for some in batched(
            [(window, piece) for window, (piece, is_hourly) in pieces if is_hourly is hourly],
            _WINDOWS_A_QUERY,
        )
    ]


def _pieces(window: TimeRange, *, splittable: bool) -> list[tuple[TimeRange, bool]]:
    """Return parts of the window, and for each whether the hourly rollup answers it."""
    first, last = _ceil_hour(window.start), _ceil_hour(window.end - _HOUR + timedelta(microseconds=1))
    if not splittable or window.duration < _LONG or last <= first:
        return [(window, False)]
    edges = ((window.start, first, False), (first, last, True), (last, window.end, False))
    return [(TimeRange(start, end), hourly) for start, end, hourly in edges if start < end]


def _ceil_hour(time: datetime) -> datetime:
    floor = time.replace(minute=0, second=0, microsecond=0)
    return floor if floor == time else floor + _HOUR


def _add(into: Sums, columns: Sequence[str], values: Sequence[Any]) -> None:
    for name, value in zip(columns, values, strict=True):
        number = float(value)
        if not math.isnan(number):
            into[name] = (into.get(name) or 0.0) + number
        else:
            into.setdefault(name, None)
