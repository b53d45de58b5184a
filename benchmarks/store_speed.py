"""How fast the store writes and answers: `python -m benchmarks.store_speed [--spans 1000000] [--curve]`.

Builds an embedded store of traces spread over 30 days in a temporary folder, then asks each question on the
warm store and again while spans arrive at half of the writer's maximum. Prints one JSON object: CPU per
written span, disk bytes against payload bytes, and p50/p95 in milliseconds for each question.
"""

import argparse
import itertools
import json
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.store_load import SPANS_A_TRACE, SpanLoad
from sqlalchemy import ColumnElement, bindparam, func, or_

from sightline_core.ids import DEFAULT_PROJECT, TraceId
from sightline_core.time_range import TimeRange
from sightline_storage import Store, StoreConfig, open_store
from sightline_storage.span_table import SPANS
from sightline_storage.trace_reader import EngineTraceReader

END_NS = 1_790_000_000_000_000_000
DAYS = 30
_SPAN_NS = DAYS * 86_400_000_000_000
_BLOCK_TRACES = 640  # ten OTLP requests of 512 spans
END = datetime.fromtimestamp(END_NS / 1e9, UTC)
MONTH = TimeRange(END - timedelta(days=DAYS), END + timedelta(days=1))


def fill(store: Store, spans: int) -> dict[str, float]:
    """Write `spans` spans and return what that cost, without the cost of making them up."""
    traces = spans // SPANS_A_TRACE
    load = SpanLoad().traces(traces, start_ns=END_NS - _SPAN_NS, step_ns=_SPAN_NS // traces)
    cpu_s = wall_s = payload = 0.0
    for number in itertools.count():
        block = list(itertools.chain.from_iterable(itertools.islice(load, _BLOCK_TRACES)))
        if not block:
            break
        payload += sum(len(str(span)) for span in block)
        cpu, wall = time.process_time(), time.perf_counter()
        store.writer.write(block, token=f"fill-{number}")
        cpu_s, wall_s = cpu_s + time.process_time() - cpu, wall_s + time.perf_counter() - wall
    started = time.process_time()
    while store.refresh_rollups(END):
        pass
    disk = store.engine.query("SELECT sum(bytes_on_disk) FROM system.parts WHERE active", {})[0][0]
    return {
        "write_cpu_us_a_span": round(cpu_s / spans * 1e6, 1),
        "write_wall_us_a_span": round(wall_s / spans * 1e6, 1),
        "refresh_cpu_us_a_span": round((time.process_time() - started) / spans * 1e6, 1),
        "disk_over_payload": round(disk / payload, 3),
    }


def questions(store: Store) -> dict[str, Callable[[], Any]]:
    """Return the questions of a busy day, ready to be asked."""
    reader = EngineTraceReader(store.engine)

    def found(*conditions: Any) -> Any:
        return reader.find_matching(DEFAULT_PROJECT, MONTH, conditions, limit=50, cursor=None)

    def words(word: str) -> Any:
        bound: ColumnElement[str] = bindparam("word", word)
        return or_(func.hasAllTokens(SPANS.c.input, bound), func.hasAllTokens(SPANS.c.output, bound))

    ids = itertools.cycle(row.trace_id for row in found().traces)
    cost = (
        "SELECT app, toDate(bucket) AS day, sum(cost_usd), sum(unpriced_calls) FROM rollup_hour FINAL"
        " WHERE project = 'default' AND bucket >= {start:DateTime('UTC')} GROUP BY app, day LIMIT 10000"
    )
    return {
        "newest 50 traces": lambda: found(),
        "newest 50 of an app": lambda: found(SPANS.c.app == "app-3"),
        "app, model, errors, cost": lambda: found(
            SPANS.c.app == "app-3",
            SPANS.c.model == "gpt-4o",
            SPANS.c.status == "error",
            SPANS.c.cost_usd > 0.001,
        ),
        "one trace": lambda: store.traces.read_trace(DEFAULT_PROJECT, TraceId(next(ids))),
        "cost by app and day": lambda: store.engine.query(cost, {"start": MONTH.start}),
        "a common word": lambda: found(words(_word(store, 100))),
        "a rare word": lambda: found(words(_word(store, 10_000))),
    }


_WORDS: dict[int, str] = {}


def _word(store: Store, rank: int) -> str:
    if not _WORDS:
        rows = store.engine.query(
            "SELECT arrayJoin(splitByNonAlpha(lower(input))) AS word, count() AS n FROM"
            " (SELECT input FROM spans WHERE kind = 'llm' LIMIT 5000)"
            " GROUP BY word ORDER BY n DESC LIMIT 20000",
            {},
        )
        _WORDS.update(enumerate(str(row[0]) for row in rows))
    return _WORDS[min(rank, max(_WORDS))]


def measure(asked: dict[str, Callable[[], Any]], repeat: int) -> dict[str, dict[str, float]]:
    """Ask each question `repeat` times and return p50 and p95 in milliseconds."""
    measured = {}
    for name, ask in asked.items():
        ask()
        times = []
        for _ in range(repeat):
            started = time.perf_counter()
            ask()
            times.append((time.perf_counter() - started) * 1e3)
        p95 = statistics.quantiles(times, n=20)[-1]
        measured[name] = {"p50_ms": round(statistics.median(times), 1), "p95_ms": round(p95, 1)}
    return measured


def while_ingesting(store: Store, spans_a_second: float, ask: Callable[[], Any]) -> Any:
    """Return what `ask` returns, asked while spans arrive at a steady rate."""
    stop = threading.Event()

    def ingest() -> None:
        load = SpanLoad(seed=2).traces(10**9, start_ns=END_NS, step_ns=1_000_000)
        for number in itertools.count():
            block = list(itertools.chain.from_iterable(itertools.islice(load, _BLOCK_TRACES)))
            started = time.perf_counter()
            store.writer.write(block, token=f"live-{number}")
            if stop.wait(max(0.0, len(block) / spans_a_second - (time.perf_counter() - started))):
                return

    thread = threading.Thread(target=ingest)
    thread.start()
    try:
        return ask()
    finally:
        stop.set()
        thread.join()


def run(spans: int, repeat: int) -> dict[str, Any]:
    """Build a store of `spans` spans, ask everything, and return the figures."""
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(StoreConfig(data_dir=Path(folder)))
        try:
            written = fill(store, spans)
            asked = questions(store)
            rate = 0.5e6 / written["write_wall_us_a_span"]
            return {
                "spans": spans,
                **written,
                "quiet": measure(asked, repeat),
                "spans_a_second_meanwhile": round(rate),
                "ingesting": while_ingesting(store, rate, lambda: measure(asked, repeat)),
            }
        finally:
            store.close()


def main() -> None:
    """Run the benchmark from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--spans", type=int, default=1_000_000)
    parser.add_argument("--repeat", type=int, default=20)
    parser.add_argument("--curve", action="store_true", help="also a tenth and a third of the spans")
    given = parser.parse_args()
    sizes = [given.spans // 10, given.spans // 3, given.spans] if given.curve else [given.spans]
    for size in sizes:
        print(json.dumps(run(size, given.repeat), indent=2))


if __name__ == "__main__":
    main()
