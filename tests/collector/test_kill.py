"""kill -9 during load: what was acknowledged is stored, and once."""

import random
import threading
from pathlib import Path

import httpx
import pytest
from tests.collector.killed_servers import SPANS, WarmServer, drain_and_count, post_trace

ROUNDS = 20
RESENT = 5


@pytest.mark.timeout(300)
def test_nothing_acknowledged_is_lost_or_doubled_over_twenty_kills(tmp_path: Path) -> None:
    """A round begins as a retrying client does: with what went unanswered, and some that was answered."""
    acknowledged: set[int] = set()
    queue: list[int] = []
    trace = resent = 0
    chance = random.Random(7)
    following = WarmServer(tmp_path)
    try:
        for _ in range(ROUNDS):
            server, following = following, WarmServer(tmp_path)
            with server.serve() as client:
                killed = threading.Timer(chance.uniform(0.05, 0.5), server.process.kill)
                killed.start()
                while True:
                    if not queue:
                        trace += 1
                        queue.append(trace)
                    try:
                        assert post_trace(client, queue[0]).status_code == 200
                    except httpx.HTTPError:
                        break
                    resent += queue[0] in acknowledged
                    acknowledged.add(queue.pop(0))
            killed.join()
            server.kill()
            queue += chance.sample(sorted(acknowledged), min(RESENT, len(acknowledged)))
    finally:
        following.kill()
    stored, rolled_up = drain_and_count(tmp_path)
    assert resent > 0
    assert len(acknowledged) > ROUNDS
    assert {number: stored.get(number) for number in acknowledged} == dict.fromkeys(acknowledged, SPANS)
    # Beyond those, at most what was journaled and killed before the answer: whole, and once.
    assert set(stored.values()) == {SPANS}
    assert rolled_up == sum(stored.values())
