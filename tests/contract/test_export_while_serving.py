"""`sightline export` beside a running server that holds the embedded store."""

import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import httpx
import pytest
from tests.collector.conftest import NOW_NS, make_request, make_span
from tests.e2e.conftest import Server, start_server, stop_server
from tests.e2e.polling import until
from tests.server.commands.command_line import run_cli

from sightline_core.ids import ProjectId, SpanId, TraceId
from sightline_storage import SpanRecord, StoreConfig, open_store
from sightline_storage.metadata.metadata_database import METADATA_FILE


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server with ten spans."""
    server = start_server(tmp_path)
    body = make_request(*map(make_span, range(1, 11))).SerializeToString()
    answer = httpx.post(
        f"{server.url}/v1/traces", content=body, headers={"content-type": "application/x-protobuf"}
    )
    assert answer.status_code == 200
    yield server
    assert stop_server(server) == 0


def _export(data_dir: Path, url: str) -> subprocess.CompletedProcess[str]:
    return run_cli("export", "--to", url, SIGHTLINE_DATA_DIR=str(data_dir))


def test_the_running_server_copies_its_store_itself(server: Server, tmp_path: Path, server_url: str) -> None:
    url = server_url.replace("/single", "/copied")
    trace = f"/api/v1/traces/{10:032x}"
    until(lambda: server.get(trace).status_code == 200)
    done = _export(tmp_path, url)
    assert (done.returncode, done.stderr) == (0, "")
    assert "rows copied" in done.stdout
    target = open_store(StoreConfig(clickhouse_url=url))
    try:
        ((spans, newest),) = target.engine.query("SELECT count(), max(start_time) FROM spans FINAL", {})
    finally:
        target.close()
    assert (int(spans), int(newest.timestamp())) == (10, NOW_NS // 10**9 - 1)
    assert server.get("/readyz").status_code == 200


def test_what_was_deleted_since_the_last_export_is_deleted_at_the_target_too(
    server: Server, tmp_path: Path, server_url: str
) -> None:
    url = server_url.replace("/single", "/deleted")
    until(lambda: server.get(f"/api/v1/traces/{10:032x}").status_code == 200)
    assert _export(tmp_path, url).returncode == 0
    target = open_store(StoreConfig(clickhouse_url=url))
    try:
        later = target.traces.read_span(ProjectId("default"), TraceId(f"{1:032x}"), SpanId(f"{1:016x}"))
        own = {**later, "trace_id": "f" * 32, "start_ns": later["start_ns"] + 1}
        target.writer.write([cast(SpanRecord, own)], token="of the target alone")
        gone = [f"{number:032x}" for number in (3, 4)]
        assert run_cli("delete", "trace", *gone, SIGHTLINE_DATA_DIR=str(tmp_path)).returncode == 0
        done = _export(tmp_path, url)
        assert (done.returncode, done.stderr) == (0, "")
        assert "2 traces deleted there that were deleted here" in done.stdout
        rows = target.engine.query("SELECT trace_id FROM spans FINAL ORDER BY trace_id LIMIT 99", {})
        kept = [f"{number:032x}" for number in (1, 2, 5, 6, 7, 8, 9, 10)]
        assert [trace_id for (trace_id,) in rows] == [*kept, "f" * 32]
        while target.refresh_rollups(datetime.now(UTC)):
            pass
        assert target.engine.query("SELECT sum(spans) FROM rollup_hour FINAL", {}) == [(9,)]
        assert "0 traces deleted there" in _export(tmp_path, url).stdout
    finally:
        target.close()


def test_a_target_that_does_not_answer_is_one_line(server: Server, tmp_path: Path) -> None:
    assert server.process.poll() is None
    done = _export(tmp_path, "clickhouse://127.0.0.1:1/nowhere")
    assert done.returncode == 2
    assert done.stderr.startswith("sightline: ClickHouse failed")
    assert done.stdout == ""


def test_an_export_of_a_server_to_itself_is_refused(tmp_path: Path, server_url: str) -> None:
    own = server_url.replace("/single", "/own")
    arguments = ("export", "--to", f"{own}?replicated=0")
    done = run_cli(*arguments, SIGHTLINE_DATA_DIR=str(tmp_path), SIGHTLINE_CLICKHOUSE_URL=own)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("sightline: the export would go to the store that it comes from")


def test_a_backup_is_restored_to_a_server_from_where_no_data_directory_is_yet(
    tmp_path: Path, server_url: str
) -> None:
    data_dir, folder = tmp_path / "data", tmp_path / "backup"
    assert run_cli("migrate", SIGHTLINE_DATA_DIR=str(data_dir)).returncode == 0
    assert run_cli("backup", str(folder), SIGHTLINE_DATA_DIR=str(data_dir)).returncode == 0
    url = server_url.replace("/single", "/restored")
    fresh = tmp_path / "fresh"
    done = run_cli("restore", str(folder), SIGHTLINE_DATA_DIR=str(fresh), SIGHTLINE_CLICKHOUSE_URL=url)
    assert (done.returncode, done.stderr) == (0, "")
    assert "metadata included" in done.stdout
    assert (fresh / METADATA_FILE).exists()
