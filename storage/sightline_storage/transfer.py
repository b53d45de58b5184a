"""Copying a store: to a server while ingest goes on, to a folder, and back.

Everything moves in ClickHouse's Native format, in blocks of whole minutes of one project, so a copy needs the
memory of one block. Writing a block twice changes nothing. Whoever gets spans sums their minutes anew: it may
have summed other spans of them, and later than the rollups that are copied.
"""

import json
import math
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import zstandard

from sightline_core.errors import BackendError, CallerError, ConfigurationError
from sightline_migrations import migration_files
from sightline_storage.engine import Engine
from sightline_storage.rollups import CLOSED, mark_minutes
from sightline_storage.written_minutes import MARK_DELAY_S

_ROWS_A_BLOCK = 10_000
_SECONDS_A_BLOCK = 90 * 86_400  # spans have a partition a day, and an insert may touch a hundred
_MAX_BLOCKS = 100_000_000
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Block:
    """Rows of one project and table with `start` ≤ time < `end`, in seconds since the epoch (UTC).

    `rows` counts what is stored of them, copies of a row that wait to be merged included.
    """

    table: str
    project: str
    start_s: int
    end_s: int
    rows: int


# Table → its time column, in the order of copying. The trace index is rebuilt by the spans that arrive.
_TIMES = {
    "rollup_marks": "bucket",
    "spans": "start_time",
    "rollup_minute": "bucket",
    "rollup_hour": "bucket",
    "failure_hours": "bucket",
    "scores": "scored_at",
    "reprice_audit": "start_time",
}
# Of the marks those of closed days; what else is marked is marked at the other end when its spans are there.
_ROWS = {"rollup_marks": f"done = {CLOSED}"}

Columns = dict[str, list[str]]


def export_to(source: Engine, target: Engine) -> int:
    """Copy everything to another store while the source takes spans; return how many rows were copied.

    Copies all blocks, then again and again the minutes that were written meanwhile, until there are none or
    no fewer rows in them than the time before, as when spans go on arriving; what is written after that
    belongs to the next call. Rollups follow with the target's next refresh.
    """
    columns = _columns(source)
    since_s, pending = _source_time(source), _pending_minutes(source)
    blocks = [block for table in _TIMES for block in _blocks(source, table)]
    copied = sum(_copy(source, target, block, columns) for block in blocks)
    _mark(target, [*pending, *_minutes_of(target, blocks)])
    before: float = math.inf
    while True:
        now_s = _source_time(source)
        late = _minutes_written(source, since_s)
        rows = sum(_copy(source, target, block, columns) for block in late)
        # A day that retention closed meanwhile keeps its sums there: spans of it may not have come along.
        copied += rows + sum(
            _copy(source, target, block, columns) for block in _blocks(source, "rollup_marks")
        )
        _mark(target, late)
        if rows >= before or not late:
            return copied
        since_s, before = now_s, rows


def back_up(engine: Engine, folder: Path, add: Callable[[Path], None]) -> int:
    """Write everything into a new folder and return how many rows that were; ingest may go on.

    `add` may put more into the folder before it is complete. Raises `CallerError` when the folder is there.
    """
    try:
        folder.mkdir(parents=True)
    except FileExistsError as error:
        raise CallerError(f"the folder {folder} exists already; a backup never overwrites") from error
    packer = zstandard.ZstdCompressor(level=3, write_checksum=True)
    columns = _columns(engine)
    since_s, pending = _source_time(engine), _pending_minutes(engine)
    blocks: list[Block] = []
    rows = 0
    # The marks last: retention may close a day meanwhile, and leave spans of it that are read in part only.
    for table in (*[table for table in _TIMES if table != "rollup_marks"], "rollup_marks"):
        for block in _blocks(engine, table):
            file = folder / f"{len(blocks):08}.native.zst"
            file.write_bytes(packer.compress(_read(engine, block, columns)))
            blocks.append(block)
            rows += _count(engine, block)
    manifest = {
        "format": _FORMAT,
        "schema": migration_files()[-1].version,
        "columns": columns,
        "blocks": [asdict(block) for block in blocks],
        "late": [asdict(block) for block in [*pending, *_minutes_written(engine, since_s)]],
    }
    add(folder)
    # Written last: a folder without it is not a backup.
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return rows


def restore(engine: Engine, folder: Path) -> int:
    """Put a backup back and return how many rows it held; what is stored stays, and the newer version wins.

    Raises `ConfigurationError` when the folder holds no complete backup, one of a newer version, or a file
    that is damaged, before which blocks were put back already.
    """
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        blocks = [Block(**block) for block in manifest["blocks"]]
        late = [Block(**block) for block in manifest["late"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigurationError(f"{folder} holds no complete backup") from error
    if manifest["format"] != _FORMAT or manifest["schema"] > migration_files()[-1].version:
        raise ConfigurationError(f"the backup in {folder} was made by a newer Sightline")
    unpacker = zstandard.ZstdDecompressor()
    for number, block in enumerate(blocks):
        file = folder / f"{number:08}.native.zst"
        try:
            data = unpacker.decompress(file.read_bytes())
        except (OSError, zstandard.ZstdError) as error:
            raise ConfigurationError(f"{file} is damaged or missing: {error}") from error
        columns = manifest["columns"][block.table]
        engine.insert(block.table, columns, [data], token=f"restore-{uuid.uuid4().hex}")
    _mark(engine, [*late, *_minutes_of(engine, blocks)])
    return sum(block.rows for block in blocks)


def _copy(source: Engine, target: Engine, block: Block, columns: Columns) -> int:
    rows = _read(source, block, columns)
    target.insert(block.table, columns[block.table], [rows], token=f"export-{uuid.uuid4().hex}")
    return _count(source, block)


def _mark(engine: Engine, minutes: Sequence[Block]) -> None:
    if minutes:
        starts = [(block.project, block.start_s * 1_000_000_000) for block in minutes]
        mark_minutes(engine, starts, token=f"copy-{uuid.uuid4().hex}")


def _read(engine: Engine, block: Block, columns: Columns) -> bytes:
    names = ", ".join(f"`{name}`" for name in columns[block.table])
    return engine.read_native(f"SELECT {names} {_rows_of(block.table)}", _values_of(block))


def _count(engine: Engine, block: Block) -> int:
    ((rows,),) = engine.query(f"SELECT count() {_rows_of(block.table)}", _values_of(block))
    return int(rows)


def _rows_of(table: str) -> str:
    return f"FROM {table} FINAL WHERE {_within(_TIMES[table])} AND {_ROWS.get(table, '1')}"


def _within(time: str) -> str:
    """Bounds in nanoseconds: the engine takes "before 12:01" of a time without fraction for "up to 12:00:00"
    of one with it when it chooses parts, and leaves out those that begin in the last second.
    """
    return (
        f"project = {{project:String}} AND {time} >= fromUnixTimestamp64Nano({{start_ns:Int64}}, 'UTC')"
        f" AND {time} < fromUnixTimestamp64Nano({{end_ns:Int64}}, 'UTC')"
    )


def _values_of(block: Block) -> dict[str, str | int]:
    return {
        "project": block.project,
        "start_ns": block.start_s * 1_000_000_000,
        "end_ns": block.end_s * 1_000_000_000,
    }


def _blocks(engine: Engine, table: str) -> Iterator[Block]:
    """Yield blocks of whole minutes with some ten thousand rows, in order of project and time."""
    rows = engine.query(
        f"SELECT project, toUnixTimestamp(toStartOfMinute({_TIMES[table]})) AS minute, count() FROM {table}"
        f" WHERE {_ROWS.get(table, '1')}"
        f" GROUP BY project, minute ORDER BY project, minute LIMIT {_MAX_BLOCKS}",
        {},
    )
    if len(rows) == _MAX_BLOCKS:
        raise BackendError("the store has too many minutes to be copied in one go")
    pending: Block | None = None
    for project, minute, count in rows:
        if (
            pending
            and pending.project == project
            and pending.rows + count <= _ROWS_A_BLOCK
            and minute < pending.start_s + _SECONDS_A_BLOCK
        ):
            pending = Block(table, project, pending.start_s, minute + 60, pending.rows + count)
            continue
        if pending:
            yield pending
        pending = Block(table, project, minute, minute + 60, count)
    if pending:
        yield pending


def _minutes_of(engine: Engine, blocks: Sequence[Block]) -> list[Block]:
    """Return the minutes in which the engine has spans, of the blocks of spans."""
    found: list[Block] = []
    for block in blocks:
        if block.table == "spans":
            rows = engine.query(
                "SELECT DISTINCT toUnixTimestamp(toStartOfMinute(start_time)) FROM spans"
                f" WHERE {_within('start_time')} LIMIT 1000000",
                _values_of(block),
            )
            found += [Block("spans", block.project, int(start), int(start) + 60, 0) for (start,) in rows]
    return found


def _pending_minutes(engine: Engine) -> list[Block]:
    """Return the minutes whose rollups are not up to date."""
    return _marked(engine, "FINAL WHERE done = 0", {})


def _minutes_written(engine: Engine, since_s: int) -> list[Block]:
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


def _columns(engine: Engine) -> Columns:
    """Return the columns that are copied; rows that are deleted are not, so their mark is left out."""
    described = {table: engine.query(f"DESCRIBE TABLE {table}", {}) for table in _TIMES}
    return {
        table: [str(row[0]) for row in rows if row[0] != "is_deleted"] for table, rows in described.items()
    }


def _source_time(engine: Engine) -> int:
    ((now,),) = engine.query("SELECT toUnixTimestamp(now())", {})
    return int(now)
