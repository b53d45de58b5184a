"""What a flood of failing spans costs, and how fast the list of failures answers over them.

    python -m benchmarks.failure_flood --spans 1000000 --healthy 1000000

Prints one JSON object: `mark_cpu_s` (category and fingerprint of every failing span, as the collector does),
`cluster_cpu_s` (the job's first turn over all of them, from the store to the clusters), `clusters`,
`turn_cpu_s` (a turn over the same minutes again), and `list_ms` and `cluster_ms` (median and 95th percentile
of the API's answers over HTTP on loopback, over seven days). Data are generated; messages differ in numbers.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import httpx

from sightline_analysis.failures import mark_failure
from sightline_analysis.failures.hours_job import HOURS_JOB, HoursJob
from sightline_analysis.failures.job import CLUSTERS_JOB, FailureJob
from sightline_storage import SpanRecord, Store, StoreConfig, open_store
from sightline_storage.failures.failing_span_reader import FailingSpanReader
from sightline_storage.failures.failure_hours import FailureHours
from sightline_storage.failures.failure_store import FailureStore
from sightline_storage.metadata.job_progress import JobProgress
from sightline_storage.metadata.metadata_database import open_metadata, sqlite_url
from sightline_storage.rollups.write_follower import WriteFollower
from sightline_storage.rollups.written_minutes import WrittenMinutesReader

_DAYS = 7
_BLOCK = 50_000
_REQUESTS = 40

_MESSAGES: tuple[Callable[[random.Random], str], ...] = (
    lambda r: (
        f"Error code: 429 - {{'error': {{'message': 'Limit of {r.randint(1, 99)}000 tokens a minute reached, "
        f"used {r.randint(1, 99999)}. Wait {r.randint(1, 60)} s.', 'code': 'rate_limit_exceeded'}}}}"
    ),
    lambda r: f"Request {r.getrandbits(64):x} timed out after {r.randint(1, 600)} seconds",
    lambda r: (
        f"connection to 10.{r.randint(0, 255)}.{r.randint(0, 255)}.7:{r.randint(1024, 65535)} was refused"
    ),
    lambda r: f"order {r.randint(10**6, 10**7)} of user {r.randint(1, 10**5)} does not exist",
    lambda r: f"FileNotFoundError: [Errno 2] No such file or directory: '/srv/in/{r.getrandbits(48):x}.csv'",
    lambda r: f"This model takes {r.randint(4, 128)}000 tokens, the request has {r.randint(10**5, 10**6)}.",
    lambda r: f"column {r.choice(['price', 'total', 'vat'])!r} is missing in line {r.randint(1, 9999)}",
    lambda r: f"the spool of printer {r.randint(1, 400)} is full ({r.randint(90, 100)} %)",
)


def failing_spans(count: int, newest: datetime) -> Iterator[SpanRecord]:
    """Yield spans that end with an error, spread over the last days; a tenth of the causes is rare."""
    chance = random.Random(7)
    for number in range(count):
        span = _span(chance, number, newest)
        message = _MESSAGES[min(chance.randrange(10), len(_MESSAGES) - 1)](chance)
        if chance.random() < 0.1:
            message = f"{_words(chance)}: {message}"
        yield {**span, "status": "error", "status_message": message}


def healthy_spans(count: int, newest: datetime) -> Iterator[SpanRecord]:
    """Yield spans that ended well."""
    chance = random.Random(8)
    for number in range(count):
        yield {**_span(chance, number + 10**9, newest), "status": "ok"}


def _span(chance: random.Random, number: int, newest: datetime) -> SpanRecord:
    start_ns = int((newest.timestamp() - chance.random() * _DAYS * 86_400) * 1e9)
    return {
        "project": "default",
        "trace_id": f"{chance.getrandbits(100):032x}",
        "span_id": f"{number:016x}",
        "name": "chat",
        "kind": "llm",
        "start_ns": start_ns,
        "duration_ns": 10**9,
        "ingested_ns": start_ns + 10**9,
        "app": f"app-{chance.randrange(20)}",
        "app_version": f"1.{chance.randrange(5)}",
        "model": f"model-{chance.randrange(6)}",
        "provider": "openai",
        "user": f"user-{chance.randrange(20_000)}",
        "session": f"session-{chance.randrange(50_000)}",
        "cost_usd": Decimal("0.001"),
        "cost_state": "priced",
    }


def _words(chance: random.Random) -> str:
    names = ("billing", "search", "import", "print", "export", "review", "order", "stock")
    return f"step {chance.choice(names)} of {chance.choice(names)} gave up"


def write(store: Store, spans: Iterator[SpanRecord], *, mark: bool) -> float:
    """Store spans in blocks of one day each and return the CPU seconds that marking them took."""
    by_day: dict[int, list[SpanRecord]] = {}
    cpu_s, blocks = 0.0, 0
    for span in spans:
        if mark:
            started = time.process_time()
            mark_failure(span)
            cpu_s += time.process_time() - started
        block = by_day.setdefault(span["start_ns"] // (86_400 * 10**9), [])
        block.append(span)
        if len(block) == _BLOCK:
            store.writer.write(block, token=f"{mark}-{blocks}")
            block.clear()
            blocks += 1
    for block in by_day.values():
        store.writer.write(block, token=f"{mark}-{blocks}")
        blocks += 1
    return cpu_s


def _timed(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return round(time.process_time() - started, 2)


@contextmanager
def _serving(folder: str) -> Iterator[str]:
    """Start `sightline serve` over the data and yield the address of its API."""
    command = [sys.executable, "-m", "sightline_server", "serve", "--port", "0", "--data-dir", folder]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SIGHTLINE_")}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as server:
        assert server.stdout is not None
        url = server.stdout.readline().rpartition(" ")[2].strip()
        try:
            yield f"{url}/api/v1"
        finally:
            server.terminate()
            server.communicate()


def _answers_ms(client: httpx.Client, path: str) -> dict[str, float]:
    took = []
    for _ in range(_REQUESTS):
        started = time.perf_counter()
        client.get(path, params={"since": f"{_DAYS}d"}).raise_for_status()
        took.append((time.perf_counter() - started) * 1000)
    return {"p50": round(statistics.median(took), 1), "p95": round(statistics.quantiles(took, n=20)[-1], 1)}


def main() -> None:
    """Fill a store, cluster it, ask it, print the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.failure_flood", allow_abbrev=False)
    parser.add_argument("--spans", type=int, default=1_000_000, help="failing spans")
    parser.add_argument("--healthy", type=int, default=1_000_000)
    options = parser.parse_args()
    now = datetime.now(UTC)
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(StoreConfig(data_dir=Path(folder)))
        metadata = open_metadata(sqlite_url(Path(folder)))
        mark_cpu_s = write(store, failing_spans(options.spans, now), mark=True)
        write(store, healthy_spans(options.healthy, now), mark=False)
        clusters, reader = FailureStore(metadata), FailingSpanReader(store.engine)
        progress, written = JobProgress(metadata), WrittenMinutesReader(store.engine)
        job = FailureJob(clusters, reader, store.writer, WriteFollower(CLUSTERS_JOB, progress, written))
        hours = HoursJob(FailureHours(store.engine), WriteFollower(HOURS_JOB, progress, written))
        figures: dict[str, object] = {"mark_cpu_s": round(mark_cpu_s, 2)}
        figures["cluster_cpu_s"] = _timed(lambda: job.run(now + timedelta(minutes=1)))
        figures["hours_cpu_s"] = _timed(lambda: hours.run(now + timedelta(minutes=1)))
        figures["turn_cpu_s"] = _timed(lambda: job.run(now + timedelta(minutes=1)))
        # What a server that has run for some time has done already.
        progress.set_seen_ns("traces", int(now.timestamp() * 1e9))
        while store.refresh_rollups(now):
            pass
        metadata.dispose()
        store.close()
        with _serving(folder) as url, httpx.Client(base_url=url, timeout=60) as client:
            listed = client.get("/failures", params={"since": f"{_DAYS}d"}).json()["clusters"]
            figures["clusters"] = len(listed)
            figures["list_ms"] = _answers_ms(client, "/failures")
            figures["cluster_ms"] = _answers_ms(client, f"/failures/{listed[0]['id']}")
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
