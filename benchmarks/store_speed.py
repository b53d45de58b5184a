"""How fast the store answers as it grows: `python -m benchmarks.store_speed [--spans 100000 1000000]`.

For each size, builds an embedded store of traces spread over 30 days, and asks every question many times,
each time about something else: on the warm store, and again while 5,000 spans a second arrive, half of what
a whole server takes on two cores (`benchmarks.ingest`), and rollups are kept up to date. Prints JSON: for
each size what writing cost, and p50, p95 and CPU of each question in milliseconds; the CPU of what arrives
is in the latter. `--figures FILE.csv` writes those as a table too, and draws them as curves beside it.
"""

import argparse
import itertools
import json
import random
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks import store_curve
from benchmarks.store_fill import BLOCK_TRACES, DAYS, END, END_NS, open_filled, report
from benchmarks.store_load import MODELS, SPANS_A_TRACE, SpanLoad

from sightline_core.ids import DEFAULT_PROJECT, TraceId
from sightline_core.query_parser import parse_query
from sightline_core.time_range import TimeRange
from sightline_server.process import TURN_S
from sightline_storage import SpanRecord, Store
from sightline_storage.search.trace_search import TraceSearch
from sightline_storage.spend.spend_reader import SpendReader

_FREQUENT_RANKS = (10, 200)
_RARE_RANKS = (4_000, 9_000)
_ARRIVING_A_SECOND = 5_000
_REFRESH_S = 2.0
_MADE = 8  # blocks

Ask = Callable[[], Any]


class Questions:
    """The questions of a busy day. `end` is the present: what is newest, and where ranges end."""

    def __init__(self, store: Store, *, seed: int = 7) -> None:
        self.end = END
        self._store = store
        self._search = TraceSearch(store.engine)
        self._spend = SpendReader(store.engine)
        self._random = random.Random(seed)
        self._words = _words_once()
        self._ids = self._ids_of_all_days()

    def asks(self) -> dict[str, Ask]:
        """Return the questions by name, ready to be asked again and again."""
        pick = self._random

        def app() -> str:
            return f"app:app-{pick.randrange(10)}"

        return {
            "newest 50 traces": lambda: self._find(""),
            "newest 50 of an app": lambda: self._find(app()),
            "newest 50 of an app and model": lambda: self._find(f"{{{app()} model:{pick.choice(MODELS)}}}"),
            "newest 50 by app, model, error, cost": lambda: self._find(
                f"{{{app()} model:{pick.choice(MODELS[:-1])} has:error cost>0.0002}}"
            ),
            "newest 50 that failed": lambda: self._find("status:error"),
            "newest 50 that failed, of an app": lambda: self._find(f"{app()} status:error"),
            "one trace": lambda: self._store.traces.read_trace(DEFAULT_PROJECT, pick.choice(self._ids)),
            "cost by app and day": self._cost_by_day,
            "a frequent word": lambda: self._find(self._word(_FREQUENT_RANKS)),
            "a rare word": lambda: self._find(self._word(_RARE_RANKS)),
        }

    def _month(self) -> TimeRange:
        return TimeRange(self.end - timedelta(days=DAYS), self.end)

    def _find(self, query: str) -> Any:
        page = self._search.find_traces(DEFAULT_PROJECT, self._month(), parse_query(query), limit=50)
        return page.traces

    def _word(self, ranks: tuple[int, int]) -> str:
        return self._words[self._random.randrange(*ranks)]

    def _cost_by_day(self) -> Any:
        midnight = self.end.replace(hour=0, minute=0, second=0, microsecond=0)
        bounds = [midnight - timedelta(days=day) for day in range(DAYS, -1, -1)]
        days = TimeRange(bounds[0], midnight + timedelta(days=1))
        return self._spend.read_spend(DEFAULT_PROJECT, days, ["app"], bounds, {})

    def _ids_of_all_days(self) -> list[TraceId]:
        rows = self._store.engine.query(
            "SELECT trace_id FROM trace_index WHERE project = {project:String}"
            " ORDER BY cityHash64(trace_id, 1) LIMIT 1000",
            {"project": DEFAULT_PROJECT},
        )
        return [TraceId(str(row[0])) for row in rows]


def _words_once() -> list[str]:
    """Return the words of the load that mean one rank only, the most frequent first."""
    counted = Counter(map(str, SpanLoad().words))
    return [word for word, ranks in counted.items() if ranks == 1]


def measure(asks: dict[str, Ask], runs: int, when: str) -> dict[str, dict[str, float]]:
    """Ask each question so many times; return p50 and p95 in milliseconds, and the process's CPU for one."""
    measured = {}
    for name, ask in asks.items():
        for _ in range(3):
            ask()
        times, cpu = [], time.process_time()
        for _ in range(runs):
            started = time.perf_counter()
            ask()
            times.append((time.perf_counter() - started) * 1e3)
        cpu_ms = (time.process_time() - cpu) / runs * 1e3
        p50, p95 = statistics.median(times), statistics.quantiles(times, n=20)[-1]
        measured[name] = {"p50_ms": round(p50, 1), "p95_ms": round(p95, 1), "cpu_ms": round(cpu_ms, 1)}
        report(f"{when}: {name}: {p50:.0f} / {p95:.0f} ms, {cpu_ms:.0f} ms of CPU")
    return measured


class Arrivals:
    """Spans that arrive at a steady rate while the block runs, and their rollups."""

    def __init__(self, store: Store, questions: Questions, spans_a_second: float) -> None:
        self._store = store
        self._questions = questions
        self._rate = spans_a_second
        self._step_ns = round(SPANS_A_TRACE / spans_a_second * 1e9)
        self._run = time.time_ns()  # ids not of those that an earlier run left in the store
        load = SpanLoad(seed=2).traces(_MADE * BLOCK_TRACES, start_ns=END_NS, step_ns=self._step_ns)
        self._made = [
            list(itertools.chain.from_iterable(itertools.islice(load, BLOCK_TRACES))) for _ in range(_MADE)
        ]
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=each) for each in (self._write, self._refresh)]
        self.written = 0

    def __enter__(self) -> "Arrivals":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _write(self) -> None:
        started = time.perf_counter()
        for number in itertools.count():
            block = self._block(number)
            due = started + self.written / self._rate
            if self._stop.wait(max(0.0, due - time.perf_counter())):
                return
            self._store.writer.write(block, token=f"live-{self._run}-{number}")
            self.written += len(block)
            self._questions.end = datetime.fromtimestamp(block[-1]["start_ns"] / 1e9, UTC)

    def _block(self, number: int) -> list[SpanRecord]:
        """Return spans made beforehand under other ids, so that making them up takes no time of the store."""
        made = self._made[number % len(self._made)]
        shift_ns = number // len(self._made) * len(self._made) * BLOCK_TRACES * self._step_ns
        start = f"{(self._run + number) % 2**32:08x}"
        return [
            span | SpanRecord(trace_id=start + span["trace_id"][8:], start_ns=span["start_ns"] + shift_ns)
            for span in made
        ]

    def _refresh(self) -> None:
        while not self._stop.wait(_REFRESH_S):
            self._store.refresh_rollups(self._questions.end)


def run(folder: Path, spans: int, runs: int) -> dict[str, Any]:
    """Build a store of `spans` spans, ask everything, and return the figures."""
    store, filled = open_filled(folder, spans)
    try:
        questions = Questions(store)
        asks = questions.asks()
        quiet = measure(asks, runs, f"{spans:,} spans")
        started = time.perf_counter()
        with Arrivals(store, questions, _ARRIVING_A_SECOND) as arrivals:
            busy = measure(asks, runs, f"{spans:,} spans and more")
        return {
            **asdict(filled),
            "warm": quiet,
            "arriving_a_second": round(arrivals.written / (time.perf_counter() - started)),
            "while_ingesting": busy,
        }
    finally:
        store.close()


def main() -> None:
    """Run the benchmark from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--spans", type=int, nargs="+", default=[200_000], help="sizes; several are a curve")
    parser.add_argument("--runs", type=int, default=40, help="how often each question is asked")
    parser.add_argument(
        "--figures", type=Path, help="CSV file to write the figures to, with a curve beside it"
    )
    parser.add_argument("--keep", type=Path, help="folder to keep the stores in, for another run")
    given = parser.parse_args()
    sys.setswitchinterval(TURN_S)
    measured = []
    for size in given.spans:
        with ExitStack() as stack:
            root = given.keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
            measured.append(run(root / str(size), size, given.runs))
    print(json.dumps(measured, indent=2))
    if given.figures:
        store_curve.write(_figures(measured), given.figures)


def _figures(measured: list[dict[str, Any]]) -> list[store_curve.Figure]:
    when = {"warm": "warm", "while_ingesting": f"while {_ARRIVING_A_SECOND:,} spans a second arrive"}
    return [
        store_curve.Figure(title, question, size["spans"], **size[key][question])
        for key, title in when.items()
        for question in measured[0][key]
        for size in measured
    ]


if __name__ == "__main__":
    main()
