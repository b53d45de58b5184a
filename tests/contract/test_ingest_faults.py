"""Collectors in front of real ClickHouse servers that go away, and batches that come more than once."""

import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from clickhouse_connect.driver.exceptions import DatabaseError
from tests.collector.conftest import NOW_NS, make_request, make_span, serving

from sightline_collector import Collector, CollectorConfig, EventStores
from sightline_core.auth import Principal
from sightline_core.ids import ProjectId
from sightline_core.pricing import CataloguePricer
from sightline_storage import Store, StoreConfig, open_store
from sightline_storage.engines.client_engine import ROWS_AT_FAULT, first_line

NOW = datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)
SPANS = 10
PROTOBUF = "application/x-protobuf"
OUTAGE_S = float(os.environ.get("OUTAGE_S", "0"))
"""How long the store stays away after it was missed; `make outage` says a minute."""


@dataclass
class Door:
    """A collector that is being served."""

    collector: Collector
    client: httpx.Client

    def send(self, trace: int, *, timed: bool = True) -> None:
        """Send one request that holds a trace; it must be acknowledged."""
        spans = [make_span(number) for number in range(1, SPANS + 1)]
        for span in spans:
            span.trace_id = trace.to_bytes(16, "big")
            if not timed:
                span.start_time_unix_nano = span.end_time_unix_nano = 0
        body = make_request(*spans).SerializeToString()
        answer = self.client.post("/v1/traces", content=body, headers={"content-type": PROTOBUF})
        assert answer.status_code == 200


@contextmanager
def _door(
    store: Store, data_dir: Path, project: ProjectId, clock_ns: Callable[[], int] = time.time_ns
) -> Iterator[Door]:
    """Drains on leaving, and fails when not everything could be stored."""
    collector = Collector(
        store.writer,
        CollectorConfig(
            data_dir, flush_interval_s=0.01, flush_spans=3 * SPANS, drain_timeout_s=90 + OUTAGE_S
        ),
        CataloguePricer(),
        lambda _: Principal(project, "test"),
        events=EventStores.of(store),
        clock_ns=clock_ns,
    )
    collector.start()
    with serving(collector) as client:
        yield Door(collector, client)
    assert collector.stop()


def _counts(store: Store, project: ProjectId) -> dict[int, int]:
    query = "SELECT trace_id, count() FROM spans FINAL WHERE project = {p:String} GROUP BY trace_id"
    return {int(trace, 16): int(count) for trace, count in store.engine.query(query, {"p": project})}


def _rolled_up(store: Store, project: ProjectId) -> int:
    while store.refresh_rollups(NOW):
        pass
    query = "SELECT sum(spans) FROM rollup_hour FINAL WHERE project = {p:String}"
    return int(store.engine.query(query, {"p": project})[0][0])


def test_spans_without_times_that_come_again_later_and_elsewhere_are_one_copy(
    store: Store, project: ProjectId, tmp_path: Path
) -> None:
    for minute, traces in enumerate([(1,), (1, 2), (2, 1)]):
        arrival_ns = NOW_NS - (10 - minute) * 60_000_000_000
        with _door(store, tmp_path / str(minute), project, partial(int, arrival_ns)) as door:
            for trace in traces:
                door.send(trace, timed=False)
    assert _counts(store, project) == {1: SPANS, 2: SPANS}
    assert _rolled_up(store, project) == 2 * SPANS


def test_two_collectors_given_the_same_batches_leave_one_copy(
    store: Store, project: ProjectId, tmp_path: Path
) -> None:
    with ExitStack() as doors:
        pair = [doors.enter_context(_door(store, tmp_path / name, project)) for name in ("a", "b")]
        for trace in range(1, 11):
            for door in pair:
                door.send(trace)
        pair[0].send(1)
    assert _counts(store, project) == dict.fromkeys(range(1, 11), SPANS)
    assert _rolled_up(store, project) == 10 * SPANS


@contextmanager
def _refusing(store: Store, condition: str) -> Iterator[None]:
    """Have every node refuse blocks with a row that does not meet the condition."""
    spans = store.engine.layout.stored_table("spans")
    for node in store.engine.nodes():
        node.command(f"ALTER TABLE {spans} ADD CONSTRAINT refused CHECK {condition}")
    try:
        yield
    finally:
        for node in store.engine.nodes():
            node.command(f"ALTER TABLE {spans} DROP CONSTRAINT refused")


def test_a_span_that_the_engine_refuses_is_set_aside_and_can_be_sent_again(
    store: Store, project: ProjectId, tmp_path: Path
) -> None:
    with _refusing(store, f"NOT (project = '{project}' AND span_id = '{4:016x}' AND trace_id = '{2:032x}')"):
        with _door(store, tmp_path, project) as door:
            for trace in (1, 2, 3, 4):
                door.send(trace)
        (letter,) = door.collector.dead_letters
    assert "it cannot be stored: RowsRefused: ClickHouse failed: Constraint" in letter.reason
    assert door.collector.snapshot().spans_rejected == {"dead_letter": 1}
    assert _counts(store, project) == {1: SPANS, 2: SPANS - 1, 3: SPANS, 4: SPANS}
    assert _rolled_up(store, project) == 4 * SPANS - 1
    body = (tmp_path / "journal" / "dead-letters" / letter.content).read_bytes()
    with _door(store, tmp_path / "again", project) as door:
        answer = door.client.post(letter.path, content=body, headers={"content-type": PROTOBUF})
        assert answer.status_code == 200
    assert _counts(store, project) == dict.fromkeys((1, 2, 3, 4), SPANS)
    assert _rolled_up(store, project) == 4 * SPANS


def test_a_store_that_refuses_everything_loses_nothing(
    store: Store, project: ProjectId, tmp_path: Path
) -> None:
    with _door(store, tmp_path, project) as door, _refusing(store, f"project != '{project}'"):
        for trace in (1, 2, 3):
            door.send(trace)
        while door.collector.snapshot().storing_failures < 4:
            time.sleep(0.05)
    assert not list(door.collector.dead_letters)
    assert _counts(store, project) == dict.fromkeys((1, 2, 3), SPANS)
    assert _rolled_up(store, project) == 3 * SPANS


def test_codes_that_put_the_fault_on_rows_are_those_of_the_engine(store: Store) -> None:
    known = store.engine.query("SELECT number, errorCodeToName(number) FROM numbers(1000) LIMIT 1000", {})
    assert {int(code): name for code, name in known if code in ROWS_AT_FAULT} == ROWS_AT_FAULT


@pytest.mark.parametrize(
    "tries",
    [
        "Code: 210. DB::NetException: Connection refused (127.0.0.1:29063). (NETWORK_ERROR) (version 26.9)",
        "Timeout exceeded while reading from socket (127.0.0.1:29063)",
    ],
    ids=["down", "hangs"],
)
def test_a_shard_that_another_server_cannot_reach_is_named(tries: str) -> None:
    """As ClickHouse 26.9 says it; a server that hangs is waited for ten seconds, three times."""
    said = (
        "Received ClickHouse exception, code: 279, server response: Code: 279. DB::Exception: All connection"
        f" tries failed. Log: \n\n{tries}\n{tries}\n\n: While executing Remote. (ALL_CONNECTION_TRIES_FAILED)"
    )
    reason = first_line(DatabaseError(said))
    assert reason.startswith("All connection tries failed: ")
    assert reason.endswith("(127.0.0.1:29063)")


@pytest.mark.parametrize("kind", ["server", "cluster"])
@pytest.mark.timeout(240 + 3 * OUTAGE_S)
def test_a_store_that_stops_gets_all_that_was_acknowledged_once_it_is_back(
    kind: str,
    request: pytest.FixtureRequest,
    listeners: Any,
    project: ProjectId,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Of a cluster, one of the two shards stops."""
    store = open_store(StoreConfig(clickhouse_url=request.getfixturevalue(f"{kind}_url")))
    try:
        with _door(store, tmp_path, project) as door:
            for trace in range(1, 6):
                door.send(trace)
            listeners[0].stop()
            for trace in range(6, 21):
                door.send(trace)
            while not door.collector.snapshot().store_errors:
                door.send(20)
            sent = 30
            back = time.monotonic() + OUTAGE_S
            while time.monotonic() < back:
                sent += 1
                door.send(sent)
                time.sleep(0.25)  # an app that goes on meanwhile
            listeners[0].start()
            for trace in range(16, 31):
                door.send(trace)
        assert _counts(store, project) == dict.fromkeys(range(1, sent + 1), SPANS)
        assert _rolled_up(store, project) == sent * SPANS
        assert not list(door.collector.dead_letters)
        reasons = {getattr(record, "reason", "") for record in caplog.records}
        assert any(
            re.search(r"127\.0\.0\.1:\d+ cannot be reached|Connection refused \(127", r) for r in reasons
        )
        assert not any("standard error" in reason for reason in reasons)
    finally:
        store.close()
