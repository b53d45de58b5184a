"""Server processes that are killed, the client that talks to them, and the count of what they left."""

import os
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import httpx
from opentelemetry.proto.trace.v1.trace_pb2 import Status
from tests.collector.conftest import make_request, make_span
from tests.forked_process import ForkedProcess

from sightline_collector import Collector, CollectorConfig, EventStores, Sampling
from sightline_core.auth import Principal
from sightline_core.ids import DEFAULT_PROJECT
from sightline_core.pricing import CataloguePricer
from sightline_storage import StoreConfig, open_store

SPANS = 20
_NOW = datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)
_SERVER = "tests.collector.server_to_kill"

SAMPLING = Sampling(rate=0.5, quiet_s=0.3, slow_s=3600, costly_usd=Decimal(1))


class WarmServer:
    """A process that has imported everything and waits for its turn."""

    def __init__(self, data_dir: Path, *options: str) -> None:
        read_turn, turn = os.pipe()
        port, write_port = os.pipe()
        self.process = ForkedProcess(_SERVER, str(data_dir), *options, stdin=read_turn, stdout=write_port)
        os.close(read_turn)
        os.close(write_port)
        self._turn, self._port = open(turn, "wb"), open(port, "rb")  # noqa: SIM115 - closed by `kill`

    def serve(self) -> httpx.Client:
        """Let it open the store; return a client of it."""
        self._turn.write(b"\n")
        self._turn.flush()
        port = int(self._port.readline())
        return httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30)

    def kill(self) -> None:
        """kill -9, and wait until it is gone."""
        self.process.kill()
        self.process.wait()
        self._turn.close()
        self._port.close()


def post_trace(client: httpx.Client, trace: int, *, failed: bool = False) -> httpx.Response:
    """Send the spans of a trace; its last one may have failed."""
    spans = [make_span(number) for number in range(1, SPANS + 1)]
    for span in spans:
        span.trace_id = trace.to_bytes(16, "big")
    if failed:
        spans[-1].status.code = Status.STATUS_CODE_ERROR
    return client.post(
        "/v1/traces",
        content=make_request(*spans).SerializeToString(),
        headers={"content-type": "application/x-protobuf"},
    )


def drain_and_count(data_dir: Path, sampling: Sampling | None = None) -> tuple[dict[int, int], int]:
    """Store what the journal still holds; return spans by trace, and spans in the rollups."""
    store = open_store(StoreConfig(data_dir=data_dir))
    try:
        collector = Collector(
            store.writer,
            CollectorConfig(data_dir, drain_timeout_s=60, sampling=sampling),
            CataloguePricer(),
            lambda _: Principal(DEFAULT_PROJECT, "test"),
            events=EventStores.of(store),
        )
        collector.start()
        assert collector.stop()
        while store.refresh_rollups(_NOW):
            pass
        rows = store.engine.query("SELECT trace_id, count() FROM spans FINAL GROUP BY trace_id", {})
        ((rolled_up,),) = store.engine.query("SELECT sum(spans) FROM rollup_hour FINAL", {})
    finally:
        store.close()
    return {int(str(trace), 16): int(count) for trace, count in rows}, int(rolled_up)
