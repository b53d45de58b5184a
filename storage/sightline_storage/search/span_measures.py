"""Measures of alert rules that rollups do not have: any query, any group, scores, and new fingerprints.

Columns and windows mean what they mean in `measure_reader`.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from clickhouse_connect.cc_sqlalchemy import final
from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import ColumnElement, Select, and_, bindparam, func, select, true

from sightline_core.batches import batched
from sightline_core.nanoseconds import to_ns
from sightline_core.query_fields import FieldName
from sightline_core.query_tree import And, Node, Not, NumberRange, Or, SpanPath, TextMatch
from sightline_core.time_range import TimeRange
from sightline_storage.engines.engine import Engine, Row
from sightline_storage.engines.sql import name_of, nanos_of, windows_with
from sightline_storage.engines.statements import run
from sightline_storage.rollups.measure_queries import QUANTILE_COLUMNS, TRACE_COLUMNS, is_one_of_groups
from sightline_storage.rollups.measure_reader import GroupSums, Sums, largest_groups
from sightline_storage.rollups.rollup_table import SUMS, at_level, sketch_of
from sightline_storage.scores.score_table import SCORES
from sightline_storage.search.fitting_traces import spans_fit
from sightline_storage.search.search_scope import SearchScope
from sightline_storage.spans.span_conditions import text_value
from sightline_storage.spans.span_table import SPANS
from sightline_storage.spans.span_weights import weight_of_trace, weighted_count

S = SPANS.c
SCORE: Final = "score"
NEW_FINGERPRINTS: Final = "new_fingerprints"

HISTORY: Final = timedelta(days=30)
"""How far back a fingerprint must not have been seen to be new, and a scored trace may lie."""

_WINDOWS_A_QUERY = 60
_MAX_ROWS = 100_000
_CALL_FIELDS = frozenset(
    {"model", "request_model", "provider", "operation", "kind", "name", "tool", "agent", "ttft", "stream"}
)


@dataclass(frozen=True, slots=True)
class SpanShape:
    """What rules must have in common to share a query. `score` is the name of the scores to read."""

    project: str
    group_by: tuple[FieldName, ...]
    node: Node
    score: str = ""


@dataclass(frozen=True, slots=True)
class ScoredTrace:
    """A score of a trace: what was given when, and to which trace of which group.

    `weight` is how many traces it stands for, `first_ns` the start of the first of its spans that fit.
    """

    trace_id: str
    scored_ns: int
    number: float
    weight: int
    first_ns: int
    group: tuple[str, ...]


class SpanMeasures:
    """Thread-safe, as the engine is."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def measure(
        self, shape: SpanShape, windows: Sequence[TimeRange], columns: Sequence[str], *, groups: int
    ) -> GroupSums:
        """Return what the windows add up to for at most `groups` groups, the largest first."""
        distinct = sorted(dict.fromkeys(windows), key=lambda window: (window.start, window.end))
        found: dict[tuple[str, ...], dict[TimeRange, Sums]] = defaultdict(lambda: defaultdict(dict))
        spans: Counter[tuple[str, ...]] = Counter()
        summed = [name for name in columns if name not in (SCORE, NEW_FINGERPRINTS)]
        for part in batched(distinct, _WINDOWS_A_QUERY):
            if summed:
                spans += self._add_sums(shape, part, summed, groups, _around(distinct), found)
            if SCORE in columns:
                self._add_scores(shape, part, found)
            if NEW_FINGERPRINTS in columns:
                self._add_fingerprints(shape, part, found)
        nothing: Sums = dict.fromkeys(columns)
        return {
            group: [nothing | found[group].get(window, nothing) for window in windows]
            for group in largest_groups({group: spans[group] for group in found}, groups)
        }

    def scored_traces(self, shape: SpanShape, period: TimeRange) -> list["ScoredTrace"]:
        """Return the scores that were given in the period to traces with spans that fit."""
        scored = run(self._engine, build_scores_between(shape, period))
        found_of = {row[0]: row[1:] for row in run(self._engine, build_groups_of_scored(shape, period))}
        return [
            ScoredTrace(trace_id, int(at_ns), float(number), int(weight), int(first_ns), tuple(by))
            for trace_id, at_ns, number in scored
            if trace_id in found_of
            for weight, first_ns, *by in [found_of[trace_id]]
        ]

    def _add_sums(
        self,
        shape: SpanShape,
        part: Sequence[TimeRange],
        columns: Sequence[str],
        groups: int,
        whole: TimeRange,
        found: dict[tuple[str, ...], dict[TimeRange, Sums]],
    ) -> Counter[tuple[str, ...]]:
        """Add the sums, and return how many spans each group has."""
        width = len(shape.group_by)
        spans: Counter[tuple[str, ...]] = Counter()
        for row in self._rows(shape, part, columns, groups, whole):
            window = part[int(row[width]) - 1]
            spans[row[:width]] += int(row[width + 1])
            values = [float(value) for value in row[width + 2 :]]
            found[row[:width]][window] |= {
                name: None if value != value else value for name, value in zip(columns, values, strict=True)
            }
        return spans

    def _rows(
        self,
        shape: SpanShape,
        part: Sequence[TimeRange],
        columns: Sequence[str],
        groups: int,
        whole: TimeRange,
    ) -> list[Row]:
        """Return the rows of all groups or, where those are too many, of the largest ones in `whole`.

        Else the rows of long windows would be all that there is room for.
        """
        room = groups * len(part)
        rows = run(self._engine, build_span_measures(shape, part, columns, room + 1))
        if len(rows) <= room:
            return rows
        largest = run(self._engine, build_span_measures(shape, [whole], (), groups))
        only = [row[: len(shape.group_by)] for row in largest]
        return run(self._engine, build_span_measures(shape, part, columns, room, only))

    def _add_scores(
        self, shape: SpanShape, part: Sequence[TimeRange], found: dict[tuple[str, ...], dict[TimeRange, Sums]]
    ) -> None:
        numbers: dict[tuple[str, ...], list[ScoredTrace]] = defaultdict(list)
        for scored in self.scored_traces(shape, _around(part)):
            numbers[scored.group].append(scored)
        for group, values in numbers.items():
            for window in part:
                start_ns, end_ns = to_ns(window.start), to_ns(window.end)
                inside = [(of.number, of.weight) for of in values if start_ns <= of.scored_ns < end_ns]
                if inside:
                    total = sum(number * weight for number, weight in inside)
                    found[group][window][SCORE] = total / sum(weight for _, weight in inside)

    def _add_fingerprints(
        self, shape: SpanShape, part: Sequence[TimeRange], found: dict[tuple[str, ...], dict[TimeRange, Sums]]
    ) -> None:
        whole = _around(part)
        width = len(shape.group_by)
        firsts: dict[tuple[str, ...], dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        for row in run(self._engine, build_first_fingerprints(shape, whole)):
            firsts[row[:width]][row[width]].append(int(row[width + 2]))
        for group, of_models in firsts.items():
            # The very first fingerprint of a model is no change.
            changes = [first for seen in of_models.values() for first in sorted(seen)[1:]]
            for window in part:
                start_ns, end_ns = to_ns(window.start), to_ns(window.end)
                count = sum(start_ns <= first < end_ns for first in changes)
                found[group][window][NEW_FINGERPRINTS] = float(count)


def build_span_measures(
    shape: SpanShape,
    windows: Sequence[TimeRange],
    columns: Sequence[str],
    limit: int,
    only: Sequence[tuple[str, ...]] = (),
) -> Select[Any]:
    """What do the spans of each window add up to, for each group, or each of `only`? The largest first.

    Values of the groups, number of the window from 1, spans, then `columns`.
    """
    starts, ends = (
        bindparam(name, values, ch.Array(ch.Int64))
        for name, values in (
            ("starts", [to_ns(window.start) for window in windows]),
            ("ends", [to_ns(window.end) for window in windows]),
        )
    )
    window = windows_with(nanos_of(S.start_time), starts, ends)
    values = [text_value(field) for field in shape.group_by]
    by = [value.label(f"by_{place}") for place, value in enumerate(values)]
    of_calls = _is_about_calls(shape)
    statement = (
        select(
            *by,
            window.label("window_number"),
            weighted_count(true()).label("all_spans"),
            *(_measure(name, of_calls=of_calls).label(f"sum_{name}") for name in columns),
        )
        .where(
            spans_fit(shape.node, _scope(shape, windows[0].start, max(w.end for w in windows))),
            *([is_one_of_groups(values, only)] if only else ()),
        )
        .group_by(*(name_of(f"by_{place}") for place in range(len(by))), name_of("window_number"))
        .order_by(name_of("all_spans").desc(), *(name_of(f"by_{place}") for place in range(len(by))))
        .limit(bindparam("rows", limit, ch.UInt64))
    )
    return final(statement, SPANS)


def _measure(name: str, *, of_calls: bool) -> ColumnElement[Any]:
    if name in TRACE_COLUMNS:
        root = S.parent_span_id == ""
        return weighted_count(root if name == "traces" else and_(root, S.status == "error"))
    if name in QUANTILE_COLUMNS:
        sketch, level = QUANTILE_COLUMNS[name]
        column = f"{sketch}_ns"
        wanted = "`spans`.`parent_span_id` = ''"
        if sketch != "duration":
            wanted = f"`spans`.`{column}` > 0"
        elif of_calls:
            wanted = "1"
        return at_level(name_of(sketch_of(column, wanted)), level)
    return SUMS[name]


def _is_about_calls(shape: SpanShape) -> bool:
    """Whether latency means that of the spans that fit; otherwise it is that of traces."""
    return any(field in _CALL_FIELDS for field in (*shape.group_by, *_fields(shape.node)))


def _fields(node: Node) -> list[str]:
    match node:
        case TextMatch(field) | NumberRange(field):
            return [field]
        case Not(item):
            return _fields(item)
        case And(items) | Or(items) | SpanPath(items):
            return [field for item in items for field in _fields(item)]
    return []


def build_scores_between(shape: SpanShape, period: TimeRange) -> Select[Any]:
    """Which scores of the name were given to traces in the period? Trace, time in nanoseconds, number.

    Of a score that was given again, the newest counts.
    """
    at = SCORES.c.scored_at
    return (
        select(func.any(SCORES.c.trace_id), nanos_of(func.max(at)), func.argMax(SCORES.c.number, at))
        .where(*_scored(shape, period))
        .group_by(SCORES.c.score_id)
        .having(func.argMax(SCORES.c.is_deleted, at) == 0)
        .limit(bindparam("scores", _MAX_ROWS, ch.UInt64))
    )


def build_groups_of_scored(shape: SpanShape, period: TimeRange) -> Select[Any]:
    """Which traces that were scored in the period have spans that fit?

    With their weights, the start of the first of these spans, and their groups.
    """
    scored = select(func.cityHash64(SCORES.c.trace_id)).where(*_scored(shape, period)).scalar_subquery()
    fitting = spans_fit(shape.node, _scope(shape, period.start - HISTORY, period.end))
    statement = (
        select(
            S.trace_id,
            weight_of_trace(),
            nanos_of(func.min(S.start_time)),
            *(func.max(text_value(field)) for field in shape.group_by),
        )
        .where(fitting, func.cityHash64(S.trace_id).op("GLOBAL IN")(scored))
        .group_by(S.trace_id)
        .limit(bindparam("traces", _MAX_ROWS, ch.UInt64))
    )
    return final(statement, SPANS)


def _scored(shape: SpanShape, period: TimeRange) -> list[ColumnElement[bool]]:
    at_ns = nanos_of(SCORES.c.scored_at)
    return [
        SCORES.c.project == bindparam("project", shape.project),
        SCORES.c.name == bindparam("score", shape.score),
        SCORES.c.value_type.in_(("number", "boolean")),
        SCORES.c.trace_id != "",
        at_ns >= bindparam("scored_from", to_ns(period.start), ch.Int64),
        at_ns < bindparam("scored_to", to_ns(period.end), ch.Int64),
    ]


def build_first_fingerprints(shape: SpanShape, period: TimeRange) -> Select[Any]:
    """When was each system fingerprint of each model first seen? Groups, model, fingerprint, nanoseconds."""
    by = [text_value(field) for field in shape.group_by]
    fitting = spans_fit(shape.node, _scope(shape, period.start - HISTORY, period.end))
    statement = (
        select(*by, S.model.label("of_model"), S.system_fingerprint, nanos_of(func.min(S.start_time)))
        .where(fitting, S.system_fingerprint != "")
        .group_by(*by, name_of("of_model"), S.system_fingerprint)
        .limit(bindparam("fingerprints", _MAX_ROWS, ch.UInt64))
    )
    return final(statement, SPANS)


def _around(windows: Sequence[TimeRange]) -> TimeRange:
    return TimeRange(min(window.start for window in windows), max(window.end for window in windows))


def _scope(shape: SpanShape, start: datetime, end: datetime) -> SearchScope:
    return SearchScope(shape.project, max(0, to_ns(start)), to_ns(end))
