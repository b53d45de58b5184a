"""What `delete` keeps of a request while the store does not take it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from tests.server.commands.command_line import assert_refused, run_cli

from sightline_core.errors import BackendError
from sightline_core.ids import DEFAULT_PROJECT
from sightline_server.commands.delete import delete_in
from sightline_server.stores import Stores
from sightline_storage import StoreConfig, open_store
from sightline_storage.lifecycle.deletion_requests import DeletionRequests
from sightline_storage.lifecycle.deletion_table import DELETIONS
from sightline_storage.metadata.metadata_database import open_metadata, sqlite_url
from sightline_storage.metadata.project_store import ProjectStore


def test_every_id_is_kept_and_told_to_be_when_the_store_stops_at_the_first(
    tmp_path: Path, metadata: Engine
) -> None:
    ProjectStore(metadata).set_project(DEFAULT_PROJECT, now=datetime.now(UTC))
    spans = open_store(StoreConfig(data_dir=tmp_path / "store"))
    asked = {"project": "default", "kind": "user", "values": ["ann", "bob", "eve"]}
    spans.close()
    with pytest.raises(BackendError, match="all that was asked for is kept: a running server"):
        delete_in(Stores(spans, metadata), json.dumps(asked))
    spans = open_store(StoreConfig(data_dir=tmp_path / "store"))
    try:
        requests = DeletionRequests(metadata, spans.engine)
        assert {(request.value, request.state) for request in requests.open()} == {
            (user, "waiting") for user in ("ann", "bob", "eve")
        }
        assert requests.repeat(datetime.now(UTC) + timedelta(minutes=1)) == 3
    finally:
        spans.close()


def test_every_id_is_kept_when_the_store_is_away(tmp_path: Path) -> None:
    away = {"SIGHTLINE_CLICKHOUSE_URL": "clickhouse://127.0.0.1:1/away"}
    place = ("--data-dir", str(tmp_path))
    assert_refused(run_cli("delete", "user", "ann", "bob", *place, **away), "all that was asked for is kept")
    assert run_cli("projects", "set", "gone", *place).returncode == 0
    gone = run_cli("projects", "delete", "gone", "--yes", *place, **away)
    assert_refused(gone, "all that was asked for is kept")
    metadata = open_metadata(sqlite_url(tmp_path))
    with metadata.begin() as connection:
        kept = connection.execute(select(DELETIONS.c.kind, DELETIONS.c.value, DELETIONS.c.done_at)).all()
    metadata.dispose()
    assert {tuple(row) for row in kept} == {
        ("user", "ann", None),
        ("user", "bob", None),
        ("project", "gone", None),
    }
