"""`sightline export` beside a running server that holds the embedded store."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests.collector.conftest import NOW_NS, make_request, make_span
from tests.e2e.conftest import Server, start_server, stop_server

from sightline_storage import StoreConfig, open_store
from sightline_storage.metadata_database import METADATA_FILE


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
    return _run("export", "--to", url, SIGHTLINE_DATA_DIR=str(data_dir))


def _run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sightline_server", *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_running_server_copies_its_store_itself(server: Server, tmp_path: Path, server_url: str) -> None:
    url = server_url.replace("/single", "/copied")
    trace = f"/api/v1/traces/{10:032x}"
    while server.get(trace).status_code != 200:
        pass
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


def test_a_target_that_does_not_answer_is_one_line(server: Server, tmp_path: Path) -> None:
    assert server.process.poll() is None
    done = _export(tmp_path, "clickhouse://127.0.0.1:1/nowhere")
    assert done.returncode == 2
    assert done.stderr.startswith("sightline: ClickHouse failed")
    assert done.stdout == ""


def test_a_backup_is_restored_to_a_server_from_where_no_data_directory_is_yet(
    tmp_path: Path, server_url: str
) -> None:
    data_dir, folder = tmp_path / "data", tmp_path / "backup"
    assert _run("migrate", SIGHTLINE_DATA_DIR=str(data_dir)).returncode == 0
    assert _run("backup", str(folder), SIGHTLINE_DATA_DIR=str(data_dir)).returncode == 0
    url = server_url.replace("/single", "/restored")
    fresh = tmp_path / "fresh"
    done = _run("restore", str(folder), SIGHTLINE_DATA_DIR=str(fresh), SIGHTLINE_CLICKHOUSE_URL=url)
    assert (done.returncode, done.stderr) == (0, "")
    assert "metadata included" in done.stdout
    assert (fresh / METADATA_FILE).exists()
