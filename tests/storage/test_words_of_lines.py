"""A store of an earlier version finds words that begin a line, once its index is made anew."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.e2e.polling import until
from tests.made_spans import BASE_NS, span_maker

from sightline_core.ids import DEFAULT_PROJECT
from sightline_core.query_parser import parse_query
from sightline_core.time_range import TimeRange
from sightline_migrations import clickhouse_runner, migration_files
from sightline_storage import Store, StoreConfig, open_store
from sightline_storage.search.trace_search import TraceSearch

START = datetime.fromtimestamp(BASE_NS / 1e9, UTC)
AROUND = TimeRange(START - timedelta(days=1), START + timedelta(days=1))


def _finds(store: Store, word: str) -> bool:
    return bool(TraceSearch(store.engine).find_traces(DEFAULT_PROJECT, AROUND, parse_query(word)).traces)


def test_what_was_stored_before_is_found_too(tmp_path: Path) -> None:
    earlier = tuple(file for file in migration_files() if file.version < 16)
    with pytest.MonkeyPatch.context() as older:
        older.setattr(clickhouse_runner, "migration_files", lambda: earlier)
        store = open_store(StoreConfig(data_dir=tmp_path))
    store.writer.write([span_maker(DEFAULT_PROJECT)(input='"Dear Ann,\\nRefund me"')], token="before")
    assert (_finds(store, "ann"), _finds(store, "refund")) == (True, False)
    store.close()
    store = open_store(StoreConfig(data_dir=tmp_path))
    pending = "SELECT count() FROM system.mutations WHERE table = 'spans' AND NOT is_done"
    until(lambda: store.engine.query(pending, {}) == [(0,)])
    assert (_finds(store, "ann"), _finds(store, "refund"), _finds(store, "nrefund")) == (True, True, False)
    store.close()
