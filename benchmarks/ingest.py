"""Spans per CPU-second through the whole durable path: HTTP, journal, decode, price, store.

    python -m benchmarks.ingest [requests]

Requests are made before the clock starts and sent by another process, so that only the server's CPU counts.
"""

import multiprocessing
import resource
import sys
import tempfile
import threading
import time
from pathlib import Path

import httpx
import uvicorn
from benchmarks.ingest_load import SPANS_PER_REQUEST, make_request
from starlette.applications import Starlette

from sightline_collector import Collector, CollectorConfig, EventStores
from sightline_core.auth import Principal
from sightline_core.ids import DEFAULT_PROJECT
from sightline_core.pricing import CataloguePricer
from sightline_storage import StoreConfig, open_store


def send(port: int, bodies: list[bytes]) -> None:
    """Send all requests over one connection; stop at the first refusal."""
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
        for body in bodies:
            client.post(
                "/v1/traces", content=body, headers={"content-type": "application/x-protobuf"}
            ).raise_for_status()


def main(count: int) -> None:
    """Run and print one line of figures."""
    now_ns = time.time_ns()
    bodies = [make_request(number, now_ns) for number in range(count)]
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(StoreConfig(data_dir=Path(folder)))
        collector = Collector(
            store.writer,
            CollectorConfig(Path(folder), drain_timeout_s=300),
            CataloguePricer(),
            lambda _: Principal(DEFAULT_PROJECT, "benchmark"),
            events=EventStores.of(store),
        )
        collector.start()
        config = uvicorn.Config(Starlette(routes=collector.routes()), port=0, log_level="warning")
        socket = config.bind_socket()
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [socket]})
        thread.start()
        client = multiprocessing.get_context("spawn").Process(
            target=send, args=(socket.getsockname()[1], bodies)
        )
        cpu, wall = time.process_time(), time.perf_counter()
        client.start()
        client.join()
        accepted_s = time.perf_counter() - wall
        server.should_exit = True
        thread.join()
        stored = collector.stop()
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        store.close()
    spans = count * SPANS_PER_REQUEST
    wire = sum(map(len, bodies))
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"{spans} spans, {wire / spans:.0f} bytes each, all stored: {stored}; "
        f"{spans / cpu:.0f} spans per CPU-second ({cpu / spans * 1e6:.0f} CPU-µs each), "
        f"{spans / wall:.0f}/s wall, acknowledged in {accepted_s:.1f} s, peak {peak_mb} MB"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 40)
