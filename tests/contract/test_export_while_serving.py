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
    return subprocess.run(
        [sys.executable, "-m", "sightline_server", "export", "--to", url],
        env={**os.environ, "SIGHTLINE_DATA_DIR": str(data_dir)},
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
