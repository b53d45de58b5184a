"""Measuring windows for alert rules, and noticing minutes that changed late."""

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
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
_PROJECTS_A_QUERY = 500
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


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
        # In order of time: a query reads all that lies between its windows.
        distinct = sorted(dict.fromkeys(windows), key=lambda window: (window.start, window.end))
        splittable = not any(name in QUANTILE_COLUMNS for name in columns)
        pieces = [(window, piece) for window in distinct for piece in _pieces(window, splittable=splittable)]
        found: dict[tuple[str, ...], dict[TimeRange, Sums]] = defaultdict(dict)
        spans: Counter[tuple[str, ...]] = Counter()
        for hourly in (False, True):
            wanted = [(window, piece) for window, (piece, is_hourly) in pieces if is_hourly is hourly]
            for part in batched(wanted, _WINDOWS_A_QUERY):
                for row in self._read(shape, part, columns, hourly=hourly, groups=groups):
                    group, (number, of_window), values = _split(row, len(shape.group_by))
                    spans[group] += of_window
                    window, _ = part[number - 1]
                    _add(found[group].setdefault(window, {}), columns, values)
        nothing: Sums = dict.fromkeys(columns)
        largest = sorted(found, key=lambda group: (-spans[group], group))[:groups]
        return {group: [found[group].get(window, nothing) for window in windows] for group in largest}

    def measure_each(
        self, shapes: Sequence[Shape], windows: Sequence[TimeRange], columns: Sequence[str], *, groups: int
    ) -> list[GroupSums]:
        """Return `measure` of each of the shapes, which are of one `kin`, with one query for many of them."""
        if len(shapes) == 1:
            return [self.measure(shapes[0], windows, columns, groups=groups)]
        found: list[GroupSums] = []
        for part in batched(shapes, _SHAPES_A_QUERY):
            together = _together(part)
            sums = self.measure(together, windows, columns, groups=len(part))
            for shape, values in zip(part, together.only, strict=True):
                value_of = dict(zip(together.group_by, values, strict=True))
                group = tuple(value_of[name] for name in shape.group_by)
                found.append({group: sums[values]} if values in sums else {})
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

    def _read(
        self,
        shape: Shape,
        part: Sequence[tuple[TimeRange, TimeRange]],
        columns: Sequence[str],
        *,
        hourly: bool,
        groups: int,
    ) -> list[Row]:
        ranges, rows = [piece for _, piece in part], groups * len(part)
        return run(self._engine, build_measures(shape, ranges, columns, hourly=hourly, rows=rows))


def _together(shapes: Sequence[Shape]) -> Shape:
    """Return the shape of the groups that these shapes are about, one each, in their order."""
    names = tuple(name for name, _ in shapes[0].filters)
    only = tuple(tuple(values[0] for _, values in shape.filters) for shape in shapes)
    filters = tuple(
        (name, tuple(sorted({group[place] for group in only}))) for place, name in enumerate(names)
    )
    return Shape(shapes[0].project, names, filters, only)


def _split(row: Row, width: int) -> tuple[tuple[str, ...], tuple[int, int], Row]:
    """Return the group, the number of the window and how many spans it has, and the columns."""
    return tuple(map(str, row[:width])), (int(row[width]), int(row[width + 1])), row[width + 2 :]


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
