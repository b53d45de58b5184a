"""kill -9 during load: what was acknowledged is stored, and once."""

import random
import threading
import zlib
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from tests.collector.killed_servers import SAMPLING, SPANS, WarmServer, drain_and_count, post_trace

ROUNDS = 20
SAMPLED_ROUNDS = 4
RESENT = 5


def _load(
    data_dir: Path, rounds: int, post: Callable[[httpx.Client, int], httpx.Response], *options: str
) -> tuple[set[int], int]:
    """Kill a server so many times; return which traces were acknowledged, and how many of them once more.

    A round begins as a retrying client does: with some that was answered, and what went unanswered. It lasts
    for half a second at most after its first answer.
    """
    acknowledged: set[int] = set()
    queue: list[int] = []
    trace = resent = 0
    chance = random.Random(7)
    following = WarmServer(data_dir, *options)
    try:
        for _ in range(rounds):
            server, following = following, WarmServer(data_dir, *options)
            with server.serve() as client:
                killed = threading.Timer(chance.uniform(0.05, 0.5), server.process.kill)
                answered = False
                while True:
                    if not queue:
                        trace += 1
                        queue.append(trace)
                    try:
                        assert post(client, queue[0]).status_code == 200
                    except httpx.HTTPError:
                        break
                    resent += queue[0] in acknowledged
                    acknowledged.add(queue.pop(0))
                    if not answered:
                        answered = True
                        killed.start()
            killed.join()
            server.kill()
            queue = chance.sample(sorted(acknowledged), min(RESENT, len(acknowledged))) + queue
    finally:
        following.kill()
    return acknowledged, resent


@pytest.mark.timeout(300)
def test_nothing_acknowledged_is_lost_or_doubled_over_twenty_kills(tmp_path: Path) -> None:
    acknowledged, resent = _load(tmp_path, ROUNDS, post_trace)
    stored, rolled_up = drain_and_count(tmp_path)
    assert resent > 0
    assert len(acknowledged) > ROUNDS
    assert {number: stored.get(number) for number in acknowledged} == dict.fromkeys(acknowledged, SPANS)
    # Beyond those, at most what was journaled and killed before the answer: whole, and once.
    assert set(stored.values()) == {SPANS}
    assert rolled_up == sum(stored.values())


@pytest.mark.timeout(240)
def test_kills_while_sampling_holds_traces_lose_none_that_it_keeps_and_weigh_none_twice(
    tmp_path: Path,
) -> None:
    acknowledged, resent = _load(
        tmp_path,
        SAMPLED_ROUNDS,
        lambda client, trace: post_trace(client, trace, failed=_failed(trace)),
        "--sampling",
    )
    stored, rolled_up = drain_and_count(tmp_path, SAMPLING)
    kept = {trace for trace in acknowledged if _failed(trace) or _is_chosen(trace)}
    assert resent > 0
    assert kept < acknowledged
    assert {trace: stored.get(trace) for trace in kept} == dict.fromkeys(kept, SPANS)
    assert not (acknowledged - kept) & stored.keys()
    assert set(stored.values()) == {SPANS}
    assert rolled_up == sum(SPANS if _failed(trace) else 2 * SPANS for trace in stored)


def _failed(trace: int) -> bool:
    return trace % 3 == 0


def _is_chosen(trace: int) -> bool:
    """Whether sampling keeps a trace that nothing speaks for, which its id alone decides."""
    return zlib.crc32(f"{trace:032x}".encode()) / 2**32 < SAMPLING.rate
