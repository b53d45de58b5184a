"""kill -9 during load: what was acknowledged is stored, and once."""

import random
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest

from sightline_collector import Collector, CollectorConfig, EventStores
from sightline_core.auth import Principal
from sightline_core.ids import DEFAULT_PROJECT, TraceId
from sightline_core.pricing import CataloguePricer
from sightline_storage import StoreConfig, open_store

ROUNDS = 5
SPANS = 20
RESENT = 5
SERVER = Path(__file__).parent / "server_to_kill.py"


def _body(span: Any, request_of: Any, trace: int) -> bytes:
    spans = [span(number) for number in range(1, SPANS + 1)]
    for made in spans:
        made.trace_id = trace.to_bytes(16, "big")
    raw: bytes = request_of(*spans).SerializeToString()
    return raw


@pytest.mark.timeout(300)
def test_nothing_acknowledged_is_lost_or_doubled_over_kills(
    tmp_path: Path, span: Any, request_of: Any
) -> None:
    """A round begins as a retrying client does: with what went unanswered, and some that was answered."""
    acknowledged: list[int] = []
    queue: list[int] = []
    trace = 0
    resent = 0
    chance = random.Random(7)
    for _ in range(ROUNDS):
        process = subprocess.Popen([sys.executable, str(SERVER), str(tmp_path)], stdout=subprocess.PIPE)
        assert process.stdout is not None
        port = int(process.stdout.readline())
        deadline = threading.Timer(chance.uniform(0.2, 0.8), process.kill)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            deadline.start()
            while True:
                if not queue:
                    trace += 1
                    queue.append(trace)
                try:
                    response = client.post(
                        "/v1/traces",
                        content=_body(span, request_of, queue[0]),
                        headers={"content-type": "application/x-protobuf"},
                    )
                except httpx.HTTPError:
                    break
                assert response.status_code == 200
                resent += queue[0] in acknowledged
                acknowledged.append(queue.pop(0))
        queue += chance.sample(acknowledged, min(RESENT, len(acknowledged)))
        deadline.join()
        process.wait()
        process.stdout.close()
    store = open_store(StoreConfig(data_dir=tmp_path))
    collector = Collector(
        store.writer,
        CollectorConfig(tmp_path, drain_timeout_s=60),
        CataloguePricer(),
        lambda _: Principal(DEFAULT_PROJECT, "test"),
        events=EventStores.of(store),
    )
    try:
        collector.start()
        assert collector.stop()
        stored = {
            number: len(store.traces.read_trace(DEFAULT_PROJECT, TraceId(f"{number:032x}"))[1])
            for number in set(acknowledged)
        }
    finally:
        store.close()
    assert resent > 0
    assert len(set(acknowledged)) > ROUNDS
    assert stored == dict.fromkeys(acknowledged, SPANS)
