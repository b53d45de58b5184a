"""A defect that keeps a real server from storing is told where an operator looks, and loses nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import httpx
from tests.collector.conftest import make_request, make_span
from tests.e2e.conftest import Server, stop_server
from tests.e2e.polling import until
from tests.free_port import free_port
from tests.server.test_process import run_cli

_SERVE = """
import sys
from pathlib import Path
from sightline_collector.repeated_calls import RepeatedCalls
from sightline_server.cli import main

whole = RepeatedCalls.mark

def mark(self, records):
    if Path(sys.argv[1], "defect").exists():
        raise ZeroDivisionError("a defect of ours")
    whole(self, records)

RepeatedCalls.mark = mark
sys.exit(main(["serve", "--port", sys.argv[2], "--data-dir", sys.argv[1]]))
"""


def test_a_server_that_cannot_store_says_so_and_stores_once_it_can(tmp_path: Path) -> None:
    (tmp_path / "defect").touch()
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-c", _SERVE, str(tmp_path), str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    server = Server(f"http://127.0.0.1:{port}", process)
    try:
        until(lambda: _readiness(server) == "ready\n")
        sent = httpx.post(
            f"{server.url}/v1/traces",
            content=make_request(make_span(1)).SerializeToString(),
            headers={"content-type": "application/x-protobuf"},
        )
        assert sent.status_code == 200
        until(lambda: "ZeroDivisionError: a defect of ours" in _readiness(server))
        found = run_cli("doctor", "--data-dir", str(tmp_path))
        assert (found.returncode, found.stderr) == (1, "")
        assert "not ready: spans are not stored: ZeroDivisionError: a defect of ours" in found.stdout
        counted = next(
            line
            for line in server.get("/metrics").text.splitlines()
            if line.startswith("sightline_storing_failures_total ")
        )
        assert int(counted.split()[1]) > 2
        (tmp_path / "defect").unlink()
        until(lambda: _readiness(server) == "ready\n")
        until(lambda: server.get(f"/api/v1/traces/{1:032x}").status_code == 200)
    finally:
        assert stop_server(server) == 0


def _readiness(server: Server) -> str:
    try:
        return httpx.get(f"{server.url}/readyz", timeout=30).text
    except httpx.TransportError:
        return ""
