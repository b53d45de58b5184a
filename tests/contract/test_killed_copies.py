"""kill -9 in the middle of a backup, an export and a deletion: nothing is lost, and the next one is exact."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select
from tests.e2e.polling import until
from tests.forked_process import ForkedProcess
from tests.made_spans import MakeSpan

from sightline_core.errors import BackendError, ConfigurationError
from sightline_core.ids import ProjectId
from sightline_storage import Store, StoreConfig, open_store
from sightline_storage.lifecycle.deletion_requests import DeletionRequests
from sightline_storage.lifecycle.deletion_table import DELETIONS
from sightline_storage.metadata.metadata_database import open_metadata, sqlite_url
from sightline_storage.scores.score_record import Score
from sightline_storage.scores.score_writer import ScoreWriter

NOW = datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)
PROJECTS = 20
"""Each is a block of its own, so that a copy takes a while and can be met in the middle."""
SPANS = 5


@contextmanager
def _opened(config: StoreConfig) -> Iterator[Store]:
    store = open_store(config)
    try:
        yield store
    finally:
        store.close()


@pytest.fixture
def data_dir(tmp_path: Path, span: MakeSpan) -> Path:
    """An embedded store of many projects with spans, scores and rollups."""
    folder = tmp_path / "data"
    with _opened(StoreConfig(data_dir=folder)) as store:
        names = [ProjectId(f"copied-{number}") for number in range(PROJECTS)]
        store.writer.write([span(project=name) for name in names for _ in range(SPANS)], token="copies")
        for name in names[:10]:
            score = Score("a" * 32, "", "", "good", "code", "", "boolean", True, "", NOW)
            ScoreWriter(store.engine).write(name, [score])
        _refresh(store)
    return folder


def _refresh(store: Store) -> None:
    while store.refresh_rollups(NOW):
        pass


def _contents(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """What each project has, with the sums of its rollups."""
    _refresh(store)
    asked = {
        "spans": "count(), groupBitXor(cityHash64(trace_id, span_id, input_tokens, cost_usd))",
        "rollup_minute": "sum(spans), sum(cost_usd)",
        "rollup_hour": "sum(spans), sum(cost_usd)",
        "scores": "count(), sum(number)",
    }
    by_project = "SELECT project, {} FROM {} FINAL GROUP BY project ORDER BY project"
    return {table: store.engine.query(by_project.format(what, table), {}) for table, what in asked.items()}


def _was_asked(metadata: Engine) -> bool:
    with metadata.connect() as connection:
        return connection.execute(select(DELETIONS.c.id)).first() is not None


def _kill_once(begun: Callable[[], bool], data_dir: Path, *arguments: str) -> None:
    """Run a command of the operator and kill it as soon as it has begun."""
    process = ForkedProcess("sightline_server", *arguments, "--data-dir", str(data_dir), env=os.environ)
    try:
        until(lambda: begun() or process.poll() is not None)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == -signal.SIGKILL


def test_a_backup_that_was_killed_is_none_and_the_next_one_restores_everything(
    data_dir: Path, tmp_path: Path
) -> None:
    half, whole = tmp_path / "half", tmp_path / "whole"
    _kill_once(lambda: len(list(half.glob("*.zst"))) > 3, data_dir, "backup", str(half))
    with _opened(StoreConfig(data_dir=data_dir)) as store:
        before = _contents(store)
        with pytest.raises(ConfigurationError, match="no complete backup"):
            store.restore(half)
        assert _contents(store) == before
        store.back_up(whole)
    assert [count for _, count, _ in before["spans"]] == [SPANS] * PROJECTS
    with _opened(StoreConfig(data_dir=tmp_path / "second")) as second:
        second.restore(whole)
        assert _contents(second) == before


def test_an_export_that_was_killed_is_completed_by_the_next_one(data_dir: Path, server_url: str) -> None:
    url = server_url.replace("/single", "/killed")
    with _opened(StoreConfig(clickhouse_url=url)) as target:

        def arrived() -> int:
            try:
                ((projects,),) = target.engine.query("SELECT uniqExact(project) FROM spans", {})
            except BackendError:
                return 0
            return int(projects)

        _kill_once(lambda: arrived() > 3, data_dir, "export", "--to", url)
        assert 3 < arrived() < PROJECTS
        with _opened(StoreConfig(data_dir=data_dir)) as source:
            source.export_to(target)
            assert _contents(target) == _contents(source)


def test_a_deletion_that_was_killed_is_completed_by_the_server_that_starts_next(
    tmp_path: Path, span: MakeSpan
) -> None:
    project = ProjectId("default")
    with _opened(StoreConfig(data_dir=tmp_path)) as store:
        users = ("ann", "bob")
        store.writer.write([span(project=project, user=users[n % 2]) for n in range(12_000)], token="users")
        _refresh(store)
    metadata = open_metadata(sqlite_url(tmp_path))
    try:
        _kill_once(lambda: _was_asked(metadata), tmp_path, "delete", "user", "ann")
        with _opened(StoreConfig(data_dir=tmp_path)) as store:
            requests = DeletionRequests(metadata, store.engine)
            assert requests.repeat(datetime.now(UTC) + timedelta(minutes=2)) == 1
            _refresh(store)
            by_user = "SELECT user, count() FROM spans FINAL GROUP BY user"
            assert store.engine.query(by_user, {}) == [("bob", 6_000)]
            assert _contents(store)["rollup_hour"][0][1] == 6_000
    finally:
        metadata.dispose()
