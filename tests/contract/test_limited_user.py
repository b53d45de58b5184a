"""A store whose user may read and write, and make nothing: somebody else makes the schema."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from tests.contract.conftest import LIMITED_DATABASE, LIMITED_USER
from tests.contract.stopped_run import stop_a_run
from tests.made_spans import MakeSpan

from sightline_core.errors import ConfigurationError
from sightline_core.ids import ProjectId
from sightline_core.query_tree import EVERYTHING
from sightline_core.time_range import TimeRange
from sightline_storage import Store, StoreConfig, open_store
from sightline_storage.console.sql_console import SqlConsole
from sightline_storage.lifecycle.project_deletion import delete_project
from sightline_storage.search.trace_search import TraceSearch

EVER = TimeRange(datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))


@pytest.fixture
def url(server_url: str) -> str:
    """The URL of the store that is migrated by another user."""
    return server_url.replace("default@", f"{LIMITED_USER}@").rpartition("/")[0] + f"/{LIMITED_DATABASE}"


@pytest.fixture
def migrated(server_url: str) -> Iterator[Store]:
    """The store, opened by the user that may do everything."""
    store = open_store(StoreConfig(clickhouse_url=f"{server_url.rpartition('/')[0]}/{LIMITED_DATABASE}"))
    yield store
    for node in store.engine.nodes():
        node.command(f"DROP DATABASE {LIMITED_DATABASE} SYNC")
    store.close()


def test_a_user_without_the_right_to_make_tables_runs_a_store_that_another_has_migrated(
    migrated: Store, url: str, span: MakeSpan, project: ProjectId
) -> None:
    store = open_store(StoreConfig(clickhouse_url=url))
    spans = [span(user=f"user-{number % 3}") for number in range(300)]
    store.writer.write(spans, token="limited")
    store.refresh_rollups(datetime.now(UTC) + timedelta(hours=1))
    page = TraceSearch(store.engine).find_traces(project, EVER, EVERYTHING, limit=10)
    assert len(page.traces) == 10
    console = SqlConsole(store.engine, max_seconds=600)
    assert console.run(project, "SELECT count() FROM spans", limit=1).rows == [["300"]]
    stop_a_run(console, project)
    assert store.delete_user(project, "user-1") == 100
    assert store.purge() == 1
    assert store.drop_expired(project, date(2000, 1, 1)) == 0
    assert delete_project(store.engine, project) == 200
    assert TraceSearch(store.engine).find_traces(project, EVER, EVERYTHING, limit=10).traces == []
    store.close()


def test_what_is_to_be_made_without_the_right_to_is_named(url: str) -> None:
    with pytest.raises(ConfigurationError, match="CREATE DATABASE"):
        open_store(StoreConfig(clickhouse_url=url))
