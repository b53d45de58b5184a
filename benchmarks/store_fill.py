"""Filling a store for benchmarks: the first spans through the writer, the others copied by the engine.

A copy has ids, sessions and a time of its own, so that ten million spans are there in minutes. Old ones come
first, as they would arrive.
"""

import itertools
import json
import sys
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.store_load import SPANS_A_TRACE, SpanLoad

from sightline_core.ids import DEFAULT_PROJECT
from sightline_storage import Store, StoreConfig, open_store
from sightline_storage.spans.span_table import RECORD_KEYS, column_of

DAYS = 30
END_NS = 1_790_000_000_000_000_000
START_NS = END_NS - DAYS * 86_400_000_000_000
END = datetime.fromtimestamp(END_NS / 1e9, UTC)

BLOCK_TRACES = 640  # ten OTLP requests of 512 spans
_WRITTEN_SPANS = 65_536
_NOTE = "filled.json"

_COPIED = {
    "trace_id": "lower(hex(sipHash128(trace_id, {copy:UInt32})))",
    "span_id": "lower(hex(sipHash64(span_id, {copy:UInt32})))",
    "parent_span_id": "if(parent_span_id = '', '', lower(hex(sipHash64(parent_span_id, {copy:UInt32}))))",
    "session": "concat(session, '-', toString({copy:UInt32}))",
    "start_time": "start_time + toIntervalNanosecond({shift:Int64})",
    "ingested_at": "ingested_at + toIntervalNanosecond({shift:Int64})",
}


@dataclass(frozen=True, slots=True)
class Filled:
    """What was written, and what that cost without the cost of making it up."""

    spans: int
    write_cpu_us_a_span: float
    write_wall_us_a_span: float
    disk_bytes_a_span: float
    disk_over_payload: float


def open_filled(folder: Path, spans: int) -> tuple[Store, Filled]:
    """Return a store of so many spans; one that an earlier run left in the folder is used again."""
    store = open_store(StoreConfig(data_dir=folder))
    note = folder / _NOTE
    if note.exists():
        return store, Filled(**json.loads(note.read_text()))
    filled = _fill(store, spans)
    note.write_text(json.dumps(asdict(filled)))
    return store, filled


def _fill(store: Store, spans: int) -> Filled:
    written = min(spans, _WRITTEN_SPANS)
    step_ns = (END_NS - START_NS) // (spans // SPANS_A_TRACE)
    window_ns = written // SPANS_A_TRACE * step_ns
    cpu_s, wall_s, payload = _write(store, written, step_ns)
    for copy in range(1, -(-spans // written)):
        report(f"filling: {copy * written:,} of {spans:,} spans")
        _copy(store, copy, copy * window_ns, min(window_ns, END_NS - START_NS - copy * window_ns))
    report("filling: adding up")
    store.engine.command(
        "INSERT INTO rollup_marks (project, bucket, token, done)"
        " SELECT DISTINCT project, toStartOfMinute(start_time), 'fill', 0 FROM spans"
    )
    while store.refresh_rollups(END):
        pass
    _wait_for_merges(store)
    ((disk,),) = store.engine.query("SELECT sum(bytes_on_disk) FROM system.parts WHERE active", {})
    return Filled(
        spans,
        round(cpu_s / written * 1e6, 1),
        round(wall_s / written * 1e6, 1),
        round(disk / spans, 1),
        round(disk / spans / (payload / written), 3),
    )


def _write(store: Store, spans: int, step_ns: int) -> tuple[float, float, int]:
    """Write the first spans; return CPU seconds, seconds, and bytes of what was written."""
    load = SpanLoad().traces(spans // SPANS_A_TRACE, start_ns=START_NS, step_ns=step_ns)
    cpu_s, wall_s, payload = 0.0, 0.0, 0
    for number in range(-(-spans // SPANS_A_TRACE // BLOCK_TRACES)):
        block = list(itertools.chain.from_iterable(itertools.islice(load, BLOCK_TRACES)))
        payload += sum(len(str(span)) for span in block)
        cpu, wall = time.process_time(), time.perf_counter()
        store.writer.write(block, token=f"fill-{number}")
        cpu_s, wall_s = cpu_s + time.process_time() - cpu, wall_s + time.perf_counter() - wall
    return cpu_s, wall_s, payload


def _copy(store: Store, copy: int, shift_ns: int, length_ns: int) -> None:
    columns = [column_of(key) for key in RECORD_KEYS]
    values = [f"{_COPIED[name]} AS new_{name}" if name in _COPIED else name for name in columns]
    store.engine.command(
        f"INSERT INTO spans ({', '.join(columns)}) SELECT {', '.join(values)} FROM spans"
        f" WHERE project = '{DEFAULT_PROJECT}' AND start_time >= fromUnixTimestamp64Nano({{first:Int64}})"
        " AND start_time < fromUnixTimestamp64Nano({last:Int64})"
        " SETTINGS max_insert_threads = 1, max_threads = 1",
        {"copy": copy, "shift": shift_ns, "first": START_NS, "last": START_NS + length_ns},
    )


def _wait_for_merges(store: Store) -> None:
    """Return when the engine has nothing more to tidy up: a store that has been running is in that state."""
    idle = 0
    while idle < 3:
        ((running,),) = store.engine.query("SELECT count() FROM system.merges", {})
        report(f"filling: {running} merges")
        idle = 0 if running else idle + 1
        time.sleep(1)


def report(text: str) -> None:
    """Say how far the run is."""
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)
