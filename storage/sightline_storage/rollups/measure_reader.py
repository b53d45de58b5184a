"""Measuring windows for alert rules, and noticing minutes that changed late."""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sightline_core.batches import batched
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

    def changed_minutes(
        self, project: str, version: int, oldest: datetime, newest: datetime
    ) -> dict[datetime, int]:
        """Return the minutes that were recomputed after `version`, each with its own, in order of time."""
        rows = run(self._engine, build_changed_minutes(project, version, oldest, newest))
        return {as_utc(minute): int(of_minute) for minute, of_minute in rows}

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
