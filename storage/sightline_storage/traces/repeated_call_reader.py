"""Model calls that may be stored twice: by a framework's span and by the client's span below it."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple, cast

from clickhouse_connect.cc_sqlalchemy import final
from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import Select, and_, bindparam, func, or_, select

from sightline_core.nanoseconds import to_ns
from sightline_semconv.kinds import COUNTED_KINDS
from sightline_storage.engines.engine import Engine
from sightline_storage.engines.statements import run, run_whole
from sightline_storage.rollups.rollup_queries import Bucket, range_of
from sightline_storage.rollups.written_minutes import written_in
from sightline_storage.spans.span_filters import between, of_project, of_traces, read_key
from sightline_storage.spans.span_record import SpanRecord
from sightline_storage.spans.span_table import SPANS
from sightline_storage.traces.trace_finder import bounds_of, read_windows

_S = SPANS.c
_TRACES = 1_000_000
MAX_LINES = 100_000
_LINE_KEYS: Final = (
    "trace_id", "span_id", "parent_span_id", "kind", "response_id", "counted", "start_ns", "duration_ns",
    "input_tokens", "output_tokens",
)  # fmt: skip

_USED: Final = or_(_S.input_tokens > 0, _S.output_tokens > 0)
_SILENT: Final = and_(_S.response_id == "", _S.status != "error", ~_USED)


class NearCall(NamedTuple):
    """What of a call that counts tells whether a span next to it, above or below, is of the same call."""

    span_id: str
    parent_span_id: str
    kind: str
    scope: str
    models: frozenset[str]
    """The one that was asked for and the one that answered, as far as they are named."""


class RepeatedCallReader:
    """Reads what is needed to tell which span of a repeated call counts. Thread-safe, like its engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def find_traces(self, minutes: Sequence[Bucket]) -> dict[str, list[str]]:
        """Return traces by project with a call of which several spans count, or none, as far as these started
        in the minutes."""
        found: dict[str, list[str]] = {}
        around = range_of(minutes)
        statement = build_repeated(to_ns(around.start), to_ns(around.end), minutes, _TRACES)
        for project, trace_id in run(self._engine, statement):
            found.setdefault(str(project), []).append(str(trace_id))
        return found

    def read_silent(
        self, minutes: Sequence[Bucket]
    ) -> Iterator[tuple[str, str, list[NearCall], list[NearCall]]]:
        """Yield project and trace, its calls that say nothing of themselves, and those that say what they
        used; only where one is next to another, above or below, as far as they started in the minutes."""
        around = range_of(minutes)
        statement = build_silent(to_ns(around.start), to_ns(around.end), minutes, _TRACES)
        for project, trace_id, silent, used in run(self._engine, statement):
            yield str(project), str(trace_id), _near_calls(silent), _near_calls(used)

    def read_lines(self, project: str, trace_ids: Sequence[str]) -> list[SpanRecord]:
        """Return all spans of the traces with what tells repeated calls apart, in no order.

        A trace of more than `MAX_LINES` spans is left out.
        """
        windows = read_windows(self._engine, project, list(trace_ids))
        if not windows:
            return []
        start_ns, end_ns = bounds_of(windows.values())
        rows = run_whole(
            self._engine,
            lambda some: build_lines(project, some, start_ns, end_ns, MAX_LINES),
            list(windows),
            MAX_LINES,
        )
        return [
            cast(SpanRecord, {"project": project, **dict(zip(_LINE_KEYS, row, strict=True))}) for row in rows
        ]


def build_repeated(start_ns: int, end_ns: int, minutes: Sequence[Bucket], limit: int) -> Select[Any]:
    """Which traces have a call with several spans in these minutes of which none counts, or more than one?"""
    statement = (
        select(_S.project, _S.trace_id)
        .where(
            *written_in(start_ns, end_ns, minutes),
            _S.kind.in_(sorted(COUNTED_KINDS)),
            _S.response_id != "",
        )
        .group_by(_S.project, _S.trace_id, _S.response_id)
        .having(func.count() > 1, func.sum(_S.counted) != 1)
        .order_by(_S.project, _S.trace_id)
        .distinct()
        .limit(bindparam("traces", limit, ch.UInt64))
    )
    return final(statement, SPANS)


def build_silent(start_ns: int, end_ns: int, minutes: Sequence[Bucket], limit: int) -> Select[Any]:
    """Which traces have a call that says neither tokens nor an id nor an error, next to one that says tokens?

    Project, trace, and `NearCall`s of both sorts.
    """
    calls = (
        *written_in(start_ns, end_ns, minutes),
        _S.kind.in_(sorted(COUNTED_KINDS)),
        _S.counted == 1,
    )
    # Few apps have any: calls of all others would be held by trace for nothing.
    traces = select(_S.trace_id).where(*calls, _SILENT).distinct().scalar_subquery()
    call = func.tuple(
        _S.span_id, _S.parent_span_id, _S.kind, _S.scope_name, func.array(_S.request_model, _S.response_model)
    )
    statement = (
        select(
            _S.project,
            _S.trace_id,
            func.groupArrayIf(call, _SILENT).label("silent"),
            func.groupArrayIf(call, _USED).label("used"),
        )
        .where(*calls, _S.trace_id.op("GLOBAL IN")(traces))
        .group_by(_S.project, _S.trace_id)
        .having(
            func.count() <= bindparam("spans", MAX_LINES, ch.UInt64),
            or_(
                func.hasAny(
                    func.groupArrayIf(_S.parent_span_id, _SILENT), func.groupArrayIf(_S.span_id, _USED)
                ),
                func.hasAny(
                    func.groupArrayIf(_S.span_id, _SILENT), func.groupArrayIf(_S.parent_span_id, _USED)
                ),
            ),
        )
        .limit(bindparam("traces", limit, ch.UInt64))
    )
    return final(statement, SPANS)


def _near_calls(rows: Iterable[tuple[str, str, str, str, list[str]]]) -> list[NearCall]:
    return [
        NearCall(span_id, parent, kind, scope, frozenset(filter(None, models)))
        for span_id, parent, kind, scope, models in rows
    ]


def build_lines(
    project: str, trace_ids: Sequence[str], start_ns: int, end_ns: int, limit: int
) -> Select[Any]:
    """Which span is below which in these traces, and which response id has it? Columns are `_LINE_KEYS`."""
    statement = (
        select(*map(read_key, _LINE_KEYS))
        .where(of_project(project), between(start_ns, end_ns), of_traces(_S.trace_id, trace_ids))
        .limit(bindparam("spans", limit, ch.UInt64))
    )
    return final(statement, SPANS)
