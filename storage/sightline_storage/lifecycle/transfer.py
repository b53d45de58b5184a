"""Copying a store to a server while ingest goes on, and the blocks that all copies are made of.

Everything moves in ClickHouse's Native format, in blocks of some ten thousand rows of one project: of whole
minutes, or of a share of the traces of one. A copy needs the memory of one block. Writing a block twice
changes nothing. Whoever gets spans sums their minutes anew: it may have summed other spans of them, and
later than the rollups that are copied.
"""

import itertools
import math
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sightline_core.errors import BackendError
from sightline_core.nanoseconds import SECOND_NS
from sightline_storage.engines.engine import Engine
from sightline_storage.rollups.rollup_refresh import CLOSED, mark_minutes
from sightline_storage.rollups.written_minutes import MARK_DELAY_S
from sightline_storage.spans.span_filters import minute_values

_ROWS_A_BLOCK = 10_000
_SECONDS_A_BLOCK = 90 * 86_400  # spans have a partition a day, and an insert may touch a hundred
_LISTED_MINUTES = 2_000  # that a query names
_MAX_BLOCKS = 100_000_000
_HASHES = 2**64


@dataclass(frozen=True, slots=True)
class Block:
    """Rows of one project and table with `start` ≤ time < `end`, in seconds since the epoch (UTC).

    Of spans those whose hash of the trace id is in `first_hash` … `last_hash` and, if minutes are listed, in
    one of them. `rows` counts what is stored of them, copies of a row that wait to be merged included.
    """

    table: str
    project: str
    start_s: int
    end_s: int
    rows: int
    first_hash: int = 0
    last_hash: int = _HASHES - 1
    minutes: Sequence[int] = ()


# Table → its time column, in the order of copying. The trace index is rebuilt by the spans that arrive.
TIMES = {
    "rollup_marks": "bucket",
    "spans": "start_time",
    "rollup_minute": "bucket",
    "rollup_hour": "bucket",
    "failure_hours": "bucket",
    "scores": "scored_at",
    "reprice_audit": "start_time",
    # After the spans: of what is deleted meanwhile a part may have been read.
    "deleted_traces": "deleted_at",
}
# Of the marks those of closed days; what else is marked is marked at the other end when its spans are there.
_ROWS = {"rollup_marks": f"done = {CLOSED}"}
_SHARE = {"spans": "cityHash64(trace_id) BETWEEN {first_hash:UInt64} AND {last_hash:UInt64}"}

Columns = dict[str, list[str]]
_Minute = tuple[str, int, int]
"""Project, start in seconds since the epoch, and how many rows are stored of it."""


def export_to(source: Engine, target: Engine) -> int:
    """Copy everything to another store while the source takes spans; return how many rows were copied.

    Copies all blocks, then again and again the minutes that were written meanwhile, until there are none or
    no fewer rows in them than the time before, as when spans go on arriving; what is written after that
    belongs to the next call. Rollups follow with the target's next refresh.
    """
    columns = columns_of(source)
    since_s, pending = store_time(source), pending_minutes(source)
    blocks = [block for table in TIMES for block in blocks_of(source, table)]
    copied = _copy(source, target, blocks, columns)
    mark_blocks(target, [*pending, *minutes_of(target, blocks)])
    before: float = math.inf
    while True:
        now_s = store_time(source)
        late = minutes_written(source, since_s)
        rows = _copy(source, target, _blocks_of_minutes(source, late), columns)
        # A day that retention closed meanwhile keeps its sums there: spans of it may not have come along.
        copied += rows + _copy(source, target, blocks_of(source, "rollup_marks"), columns)
        mark_blocks(target, late)
        if rows >= before or not late:
            return copied
        since_s, before = now_s, rows


def _copy(source: Engine, target: Engine, blocks: Iterable[Block], columns: Columns) -> int:
    copied = 0
    for piece in pieces_of(source, blocks):
        rows = read_rows(source, piece, columns)
        target.insert(piece.table, columns[piece.table], [rows], token=f"export-{uuid.uuid4().hex}")
        copied += piece.rows
    return copied


def mark_blocks(engine: Engine, minutes: Sequence[Block]) -> None:
    """Have sums made anew of these minutes."""
    if minutes:
        starts = [(block.project, block.start_s * SECOND_NS) for block in minutes]
        mark_minutes(engine, starts, token=f"copy-{uuid.uuid4().hex}")


def read_rows(engine: Engine, block: Block, columns: Columns) -> bytes:
    """Return the rows of a block in the Native format."""
    names = ", ".join(f"`{name}`" for name in columns[block.table])
    return engine.read_native(f"SELECT {names} {_rows_of(block)}", _values_of(block))


def pieces_of(engine: Engine, blocks: Iterable[Block]) -> Iterator[Block]:
    """Yield the blocks with their rows, each counted once; of a busy minute several, with a share each.

    One of which all rows are deleted is left out.
    """
    for block in blocks:
        rows = _count_rows(engine, block)
        pieces = -(-rows // _ROWS_A_BLOCK) if block.table == "spans" else 1
        if pieces <= 1:
            if rows:
                yield replace(block, rows=rows)
            continue
        bounds = [_HASHES * number // pieces for number in range(pieces + 1)]
        for first, end in itertools.pairwise(bounds):
            piece = replace(block, first_hash=first, last_hash=end - 1)
            yield replace(piece, rows=_count_rows(engine, piece))


def _count_rows(engine: Engine, block: Block) -> int:
    ((rows,),) = engine.query(f"SELECT count() {_rows_of(block)}", _values_of(block))
    return int(rows)


def _rows_of(block: Block) -> str:
    table = block.table
    conditions = [_within(TIMES[table]), _ROWS.get(table, "1"), _SHARE.get(table, "1")]
    if block.minutes:
        conditions.append("toStartOfMinute(start_time) IN {minutes:Array(DateTime('UTC'))}")
    return f"FROM {table} FINAL WHERE {' AND '.join(conditions)}"


def _within(time: str) -> str:
    """Bounds in nanoseconds: the engine takes "before 12:01" of a time without fraction for "up to 12:00:00"
    of one with it when it chooses parts, and leaves out those that begin in the last second.
    """
    return (
        f"project = {{project:String}} AND {time} >= fromUnixTimestamp64Nano({{start_ns:Int64}}, 'UTC')"
        f" AND {time} < fromUnixTimestamp64Nano({{end_ns:Int64}}, 'UTC')"
    )


def _values_of(block: Block) -> dict[str, Any]:
    return {
        "project": block.project,
        "start_ns": block.start_s * SECOND_NS,
        "end_ns": block.end_s * SECOND_NS,
        "first_hash": block.first_hash,
        "last_hash": block.last_hash,
        "minutes": minute_values(block.minutes),
    }


def blocks_of(engine: Engine, table: str) -> Iterator[Block]:
    """Yield blocks of whole minutes with some ten thousand rows, in order of project and time."""
    for minutes in _grouped(_counted_minutes(engine, table)):
        yield _block_of(table, minutes)


def _blocks_of_minutes(engine: Engine, minutes: Iterable[Block]) -> Iterator[Block]:
    """Yield blocks of these minutes of spans, some ten thousand rows each, as far as there are any."""
    wanted = {(block.project, block.start_s) for block in minutes}
    counted = _counted_minutes(engine, "spans") if wanted else []
    for some in _grouped((minute for minute in counted if minute[:2] in wanted), _LISTED_MINUTES):
        yield replace(_block_of("spans", some), minutes=[start_s for _, start_s, _ in some])


def _counted_minutes(engine: Engine, table: str) -> list[_Minute]:
    rows = engine.query(
        f"SELECT project, toUnixTimestamp(toStartOfMinute({TIMES[table]})) AS minute, count() FROM {table}"
        f" WHERE {_ROWS.get(table, '1')}"
        f" GROUP BY project, minute ORDER BY project, minute LIMIT {_MAX_BLOCKS}",
        {},
    )
    if len(rows) == _MAX_BLOCKS:
        raise BackendError("the store has too many minutes to be copied in one go")
    return [(str(project), int(start_s), int(count)) for project, start_s, count in rows]


def _grouped(minutes: Iterable[_Minute], most: int = _ROWS_A_BLOCK) -> Iterator[list[_Minute]]:
    """Yield neighbours of one project that make a block, at most so many of them."""
    group: list[_Minute] = []
    rows = 0
    for minute in minutes:
        project, start_s, count = minute
        fits = rows + count <= _ROWS_A_BLOCK and len(group) < most
        if group and not (fits and group[0][0] == project and start_s < group[0][1] + _SECONDS_A_BLOCK):
            yield group
            group, rows = [], 0
        group.append(minute)
        rows += count
    if group:
        yield group


def _block_of(table: str, minutes: Sequence[_Minute]) -> Block:
    (project, first_s, _), (_, last_s, _) = minutes[0], minutes[-1]
    return Block(table, project, first_s, last_s + 60, sum(count for _, _, count in minutes))


def minutes_of(engine: Engine, blocks: Sequence[Block]) -> list[Block]:
    """Return the minutes in which the engine has spans, of the blocks of spans."""
    found: list[Block] = []
    spans = [block for block in blocks if block.table == "spans"]
    for project, start_s, end_s in dict.fromkeys(
        (block.project, block.start_s, block.end_s) for block in spans
    ):
        rows = engine.query(
            "SELECT DISTINCT toUnixTimestamp(toStartOfMinute(start_time)) FROM spans"
            f" WHERE {_within('start_time')} LIMIT 1000000",
            _values_of(Block("spans", project, start_s, end_s, 0)),
        )
        found += [Block("spans", project, int(start), int(start) + 60, 0) for (start,) in rows]
    return found


def pending_minutes(engine: Engine) -> list[Block]:
    """Return the minutes whose rollups are not up to date."""
    return _marked(engine, "FINAL WHERE done = 0", {})


def minutes_written(engine: Engine, since_s: int) -> list[Block]:
    """Return the minutes that spans were written into; the marks of days that were closed are no such."""
    return _marked(
        engine,
        f"WHERE marked_at >= toDateTime({{since:Int64}}, 'UTC') AND done != {CLOSED}",
        {"since": since_s - MARK_DELAY_S},
    )


def _marked(engine: Engine, which: str, params: dict[str, int]) -> list[Block]:
    rows = engine.query(
        f"SELECT project, toUnixTimestamp(bucket) AS minute, count() FROM rollup_marks {which}"
        " GROUP BY project, minute ORDER BY project, minute LIMIT 1000000",
        params,
    )
    return [Block("spans", project, minute, minute + 60, int(count)) for project, minute, count in rows]


def columns_of(engine: Engine) -> Columns:
    """Return the columns that are copied; rows that are deleted are not, so their mark is left out."""
    described = {table: engine.query(f"DESCRIBE TABLE {table}", {}) for table in TIMES}
    return {
        table: [str(row[0]) for row in rows if row[0] != "is_deleted"] for table, rows in described.items()
    }


def store_time(engine: Engine) -> int:
    """Return the time by the store's clock, in seconds since the epoch."""
    ((now,),) = engine.query("SELECT toUnixTimestamp(now())", {})
    return int(now)
