"""What the collector says of itself while the store is down and after, and of what it sets aside."""

from pathlib import Path
from typing import Any

from tests.collector.conftest import NOW_NS, KeptInMemory, Running, authenticate, serving

from sightline_collector import Collector, CollectorConfig
from sightline_core.pricing import CataloguePricer


def test_the_queue_grows_old_while_the_store_is_down_and_is_young_once_it_is_back(
    tmp_path: Path, span: Any, request_of: Any
) -> None:
    now_ns = [NOW_NS]
    writer = KeptInMemory(down=True)
    config = CollectorConfig(tmp_path)
    collector = Collector(
        writer, config, CataloguePricer(), authenticate, events=writer.events, clock_ns=lambda: now_ns[0]
    )
    collector.start()
    with serving(collector) as client:
        body = request_of(span(1), span(2)).SerializeToString()
        assert Running(collector, writer, client).post(body).status_code == 200
    assert writer.refused.wait(30)
    now_ns[0] += 90_000_000_000
    down = collector.snapshot()
    assert (down.queue_spans, down.queue_age_s, down.spans_written) == (2, 90.0, 0)
    assert down.queue_bytes > 0
    writer.down = False
    assert collector.stop()
    back = collector.snapshot()
    assert (back.queue_spans, back.queue_bytes, back.queue_age_s) == (0, 0, 0.0)
    assert (back.spans_journaled, back.spans_written, back.blocks_written) == (2, 2, 1)
    assert back.store_errors >= 1


def test_each_refusal_is_counted_by_its_reason(running: Any, span: Any, request_of: Any) -> None:
    body = request_of(span(1)).SerializeToString()
    running.post(body, headers={"authorization": "Bearer wrong"})
    running.post(body, headers={"authorization": "Bearer reader"})
    running.post(body, kind="text/plain")
    running.post(b"\xff")
    counted = running.collector.snapshot()
    assert counted.requests_refused == {
        "unauthenticated": 1,
        "forbidden": 1,
        "unsupported_media_type": 1,
        "bad_request": 1,
    }
    assert counted.spans_received == 0
