"""Sums of a day whose spans retention drops stay, also when they are made anew at the same moment."""

import itertools
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from datetime import UTC, date, datetime
from typing import Any, cast

import pytest

from sightline_core.ids import ProjectId
from sightline_storage import SpanRecord, Store, StoreConfig, open_store
from sightline_storage.engines.engine import Engine, Row
from sightline_storage.failures.failure_hours import FailureHours
from sightline_storage.rollups import rollup_refresh

NOON = datetime(2026, 9, 20, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    opened = open_store(StoreConfig(data_dir=tmp_path_factory.mktemp("store")))
    yield opened
    opened.close()


class _Interrupted:
    """An engine that lets something happen just before it first reads a table."""

    def __init__(self, engine: Engine, table: str, happen: Callable[[], None]) -> None:
        self._engine = engine
        self._table = table
        self._happen: Callable[[], None] | None = happen

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def query(self, sql: str, params: Mapping[str, Any]) -> list[Row]:
        if self._happen and f"`{self._table}`" in sql:
            happen, self._happen = self._happen, None
            happen()
        return self._engine.query(sql, params)


class OldDay:
    """Three failed spans of a day that expires, and their sums in one table."""

    def __init__(self, store: Store, project: ProjectId, table: str) -> None:
        self._store, self._project, self._table = store, project, table
        self._numbers = itertools.count(1)
        for _ in range(3):
            self.write_span()

    def write_span(self) -> None:
        number = next(self._numbers)
        span = SpanRecord(
            project=self._project,
            trace_id=f"{number:032x}",
            span_id=f"{number:016x}",
            start_ns=int(NOON.timestamp()) * 10**9 + number,
            failure_category="exception",
            failure_fingerprint="boom",
        )
        self._store.writer.write([span], token=f"{self._project} {number}")

    def expire(self) -> None:
        self._store.drop_expired(self._project, date(2026, 9, 21))

    def make_sums(self, meanwhile: Callable[[], None] = lambda: None) -> int:
        """Make the sums anew, with something that happens meanwhile, and return how many spans they hold."""
        engine = cast(Engine, _Interrupted(self._store.engine, self._table, meanwhile))
        rollup_refresh.refresh_rollups(engine, NOON)
        FailureHours(engine).refresh([(self._project, NOON)], NOON)
        query = f"SELECT sum(spans) FROM {self._table} FINAL WHERE project = {{project:String}}"
        return int(self._store.engine.query(query, {"project": self._project})[0][0])


@pytest.fixture(params=["rollup_minute", "failure_hours"])
def old_day(store: Store, request: pytest.FixtureRequest) -> OldDay:
    return OldDay(store, ProjectId(request.node.name), request.param)


def test_sums_stay_when_another_worker_drops_their_day_while_they_are_made_anew(
    old_day: OldDay, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert old_day.make_sums() == 3
    old_day.write_span()
    monkeypatch.setattr(rollup_refresh, "_closing", nullcontext())  # the other one has a lock of its own
    assert old_day.make_sums(meanwhile=old_day.expire) >= 3


def test_no_day_is_dropped_while_its_sums_are_made_anew(old_day: OldDay) -> None:
    def expire_and_go_on() -> None:
        old_day.expire()
        old_day.write_span()
        expired.set()

    expired, retention = threading.Event(), threading.Thread(target=expire_and_go_on)

    def begin() -> None:
        retention.start()
        expired.wait(0.5)  # in vain

    assert old_day.make_sums(meanwhile=begin) == 3
    retention.join()
    assert old_day.make_sums() == 3
