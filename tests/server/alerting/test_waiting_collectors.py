"""Workers know what waits in collectors, which are processes of their own, and what waits to be summed."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine
from tests.collector.conftest import authenticate
from tests.server.alerting.alert_life import PAGE, Clock, Life

from sightline_collector import Collector, CollectorConfig, EventStores
from sightline_collector.segment import Entry, Signal
from sightline_core.ids import DEFAULT_PROJECT, ProjectId
from sightline_core.nanoseconds import to_ns
from sightline_core.pricing import CataloguePricer
from sightline_core.settings import Settings
from sightline_server.alerting import wiring
from sightline_server.alerting.stored_until import StoredUntil
from sightline_server.alerting.wiring import build_alerting
from sightline_server.commands.doctor import examine
from sightline_server.stores import Stores
from sightline_server.waiting_spans import WaitingSpans
from sightline_storage import Store
from sightline_storage.metadata import collector_backlogs, shared_clock
from sightline_storage.metadata.collector_backlogs import CollectorBacklogs


def test_a_worker_believes_no_lack_while_spans_wait_in_a_collector_that_is_there(
    store: Store, metadata: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    collector, restarted = (
        Collector(
            store.writer,
            CollectorConfig(tmp_path / name),
            CataloguePricer(),
            authenticate,
            events=EventStores.of(store),
        )
        for name in ("waits", "empty")
    )
    backlogs = CollectorBacklogs(metadata)
    theirs, ours = WaitingSpans(backlogs, tmp_path / "a"), WaitingSpans(backlogs, tmp_path / "b")
    theirs.watch(collector)
    theirs.tell()
    assert ours.since() is None
    arrived = datetime.now(UTC) - timedelta(minutes=20)
    entry = Entry(DEFAULT_PROJECT, Signal.TRACES, to_ns(arrived), 1, b"")
    collector.journal.append(entry).result(timeout=30)
    theirs.tell()
    since = ours.since()
    assert since is not None
    assert abs(since - arrived) < timedelta(seconds=2)
    assert StoredUntil(ours.since)(datetime.now(UTC)) == since
    findings = examine(Stores(store, metadata)).findings
    assert [line for line in findings if f"{tmp_path / 'a'}: its store does not keep up" in line]

    after_a_restart = WaitingSpans(backlogs, tmp_path / "a")
    after_a_restart.watch(restarted)
    after_a_restart.tell()
    assert ours.since() is None

    theirs.tell()

    def later(connection: Connection) -> datetime:
        return shared_clock.shared_time(connection) + timedelta(minutes=11)

    monkeypatch.setattr(collector_backlogs, "shared_time", later)
    assert ours.since() is None  # it is missing itself, which rules shall tell of
    assert [each.collector.rpartition("/")[2] for each in backlogs.all()] == ["a"]
    for each in (collector, restarted):
        each.journal.close()


def test_nothing_is_missing_that_is_stored_and_not_summed_as_no_worker_was_there(
    store: Store, metadata: Engine, project: ProjectId, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wiring, "SENDERS_COME_BACK_IN", timedelta(0))
    alerting = build_alerting(
        store, metadata, page=PAGE, settings=Settings(), go_on=lambda: None, waiting_since=lambda: None
    )
    life = Life(store, metadata, project, clock)
    clock.time = datetime.now(UTC)
    life.rule(measure="calls", no_data="keep", group_by=[], condition={"kind": "absence"}, channels=[])
    minute = clock().replace(second=0, microsecond=0)
    columns = "INSERT INTO rollup_marks (project, bucket, token, done, marked_at)"
    row = f"('{project}', toDateTime({minute.timestamp():.0f}), 'waits', 0, now() - 900)"
    store.engine.command(f"{columns} VALUES {row}")
    minutes = minute - timedelta(minutes=17)
    summed = f"('{project}', toDateTime({minutes.timestamp():.0f}), 'chat', 1, 1)"
    store.engine.command(f"INSERT INTO rollup_minute (project, bucket, app, calls, spans) VALUES {summed}")
    alerting.evaluator.run()
    assert life.open_incidents() == []
    store.engine.command(f"{columns} VALUES {row.replace(', 0, now', ', 1, now')}")
    clock.time = datetime.now(UTC)
    life.look()
    assert life.only_incident().rule == "chat-spend"
