"""How the process starts, refuses to start, and ends."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests.e2e.conftest import Server, ready_server, start_server, stop_server
from tests.free_port import free_port
from tests.server.commands import command_line
from tests.server.commands.command_line import assert_refused


def run_cli(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `sightline` to its end, in a process that imports what it needs itself."""
    return subprocess.run(
        [sys.executable, "-m", "sightline_server", *arguments],
        env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_file_of_the_store_never_takes_the_place_of_a_closed_standard_stream(tmp_path: Path) -> None:
    code = (
        "import sys; from sightline_server.cli import main;"
        " done = main(['projects', 'set', 'shop', '--data-dir', sys.argv[1]]);"
        " sys.stdout.write('nowhere'); sys.exit(done or open(sys.argv[1] + '/metadata.db').fileno())"
    )
    command = ["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", sys.executable, "-c", code, str(tmp_path)]
    assert subprocess.run(command, timeout=60, check=False).returncode > 2


@pytest.mark.parametrize("action", [("migrate", "--dry-run"), ("projects", "set", "shop")])
def test_a_reader_that_has_enough_is_no_error(action: tuple[str, ...], tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as unread:
        done = subprocess.run(
            [sys.executable, "-m", "sightline_server", *action, "--data-dir", str(tmp_path)],
            stdout=unread,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
        )
    assert (done.returncode, done.stderr) == (141, b"")


def test_too_few_files_for_the_store_are_one_line(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sightline_server", "serve", "--port", "0", "--data-dir", str(tmp_path)]
    limited = ["sh", "-c", 'ulimit -n 64; exec "$@"', "sh", *command]
    done = subprocess.run(limited, capture_output=True, text=True, timeout=60, check=False)
    assert_refused(done, "64 files", "needs 512")


def test_connections_leave_files_to_the_store() -> None:
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (512, 512));"
        " from sightline_server.open_files import max_grpc_connections, max_http_connections, raise_limit;"
        " raise_limit(); print(max_http_connections(), max_grpc_connections())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout == "128 64\n", done.stderr


@pytest.mark.parametrize("command", [("projects", "set", "shop"), ("migrate",)], ids=" ".join)
def test_a_command_runs_without_what_others_import(command: tuple[str, ...], tmp_path: Path) -> None:
    done = run_cli(*command, "--data-dir", str(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    "command", [("report", "costs"), ("reconcile", "show"), ("alerts", "apply"), ("failures",)], ids=" ".join
)
def test_a_command_without_its_server_is_one_line(command: tuple[str, ...], tmp_path: Path) -> None:
    rules = tmp_path / "rules.yml"
    rules.write_text("rules: []")
    files = [str(rules)] if command == ("alerts", "apply") else []
    assert_refused(run_cli(*command, *files, "--server", "http://127.0.0.1:9"), "no server answers")


def test_port_in_use_is_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert_refused(run_cli("serve", "--port", port, "--data-dir", str(tmp_path)), port)


def test_grpc_port_in_use_is_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = command_line.run_cli("serve", "--port", "0", "--grpc-port", port, "--data-dir", str(tmp_path))
        assert_refused(done, port, "--grpc-port")
        # Who takes no spans opens no such port, and may have the settings of a collector beside it.
        done = command_line.run_cli("worker", "--port", "0", SIGHTLINE_GRPC_PORT=port)
        assert_refused(done, "SIGHTLINE_CLICKHOUSE_URL")


def test_held_data_directory_names_its_holder(tmp_path: Path) -> None:
    server = start_server(tmp_path)
    try:
        done = command_line.run_cli("serve", "--port", "0", "--data-dir", str(tmp_path))
        assert_refused(done, str(tmp_path), str(server.process.pid))
    finally:
        assert stop_server(server) == 0


def test_data_directory_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    blocker = tmp_path / "file"
    blocker.write_text("")
    done = command_line.run_cli("serve", "--port", "0", "--data-dir", str(blocker / "data"))
    assert_refused(done, str(blocker))


def test_a_time_zone_that_the_engine_does_not_know_is_one_line(tmp_path: Path) -> None:
    done = run_cli("migrate", "--data-dir", str(tmp_path), TZ="CET-1CEST")
    assert_refused(done, "Cannot load time zone CET-1CEST")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])
def test_open_address_without_a_secret_is_refused(tmp_path: Path, host: str) -> None:
    done = command_line.run_cli("serve", "--host", host, "--port", "0", "--data-dir", str(tmp_path))
    assert_refused(done, host, "SIGHTLINE_API_KEY", "SIGHTLINE_ADMIN_PASSWORD")


def test_wrong_setting_is_named_without_its_value(tmp_path: Path) -> None:
    done = command_line.run_cli("serve", "--data-dir", str(tmp_path), SIGHTLINE_API_KEY="short")
    assert_refused(done, "SIGHTLINE_API_KEY")
    assert "short" not in done.stderr.replace("shorter", "")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_sigterm_and_the_end_of_its_terminal_drain_and_exit_0(tmp_path: Path, number: signal.Signals) -> None:
    port = free_port()
    command = [sys.executable, "-m", "sightline_server", "serve", "--port", str(port)]
    process = subprocess.Popen(
        [*command, "--data-dir", str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    server = ready_server(port, process)
    server.process.send_signal(number)
    output, _ = server.process.communicate(timeout=60)
    assert server.process.returncode == 0
    assert "Traceback" not in output


@pytest.mark.parametrize("is_abstract", [False, True], ids=["in a file", "abstract"])
def test_systemd_hears_when_the_server_is_ready_and_when_it_stops(tmp_path: Path, is_abstract: bool) -> None:
    name = f"@sightline-{os.getpid()}" if is_abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as supervisor:
        supervisor.settimeout(60)
        supervisor.bind(name.replace("@", "\0"))
        server = start_server(tmp_path / "data", NOTIFY_SOCKET=name)
        assert supervisor.recv(100) == b"READY=1"
        assert stop_server(server) == 0
        assert supervisor.recv(100) == b"STOPPING=1"


@pytest.fixture(scope="module")
def server_below_a_path(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that a proxy shows below a path of its public address."""
    folder = tmp_path_factory.mktemp("below")
    server = start_server(folder, SIGHTLINE_PUBLIC_URL="https://company.example/sightline")
    yield server
    assert stop_server(server) == 0


def test_foreign_host_header_is_refused(server_below_a_path: Server) -> None:
    answer = httpx.get(f"{server_below_a_path.url}/api/v1/apps", headers={"host": "evil.example"})
    assert answer.status_code in (400, 403, 421)


@pytest.mark.parametrize("as_asked", ["", "/sightline"], ids=["proxy takes it off", "proxy leaves it"])
def test_the_path_of_the_public_address_is_followed(server_below_a_path: Server, as_asked: str) -> None:
    with httpx.Client(base_url=f"{server_below_a_path.url}{as_asked}") as proxy:
        page = proxy.get("/traces").text
        assert '<base href="/sightline/" />' in page
        (script,) = re.findall(r'src="\./(assets/index-[^"]+)"', page)
        for path in (f"/{script}", "/api/v1/apps", "/healthz"):
            assert proxy.get(path).status_code == 200
        assert proxy.post("/v1/traces", json={}).status_code == 200


def test_an_open_tail_ends_when_the_server_stops(tmp_path: Path) -> None:
    server = start_server(tmp_path)
    with httpx.stream("GET", f"{server.url}/api/v1/traces/tail", timeout=60) as tail:
        server.process.send_signal(signal.SIGTERM)
        tail.read()  # a stream that is cut off instead of ended raises here
    output, _ = server.process.communicate(timeout=60)
    assert server.process.returncode == 0, output
