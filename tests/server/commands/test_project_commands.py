"""Projects, keys and prices by command, seen from a server that runs meanwhile."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from genai_prices.data_snapshot import get_snapshot
from tests.e2e.conftest import Server, start_server, stop_server
from tests.e2e.polling import until
from tests.server.commands.command_line import assert_refused, run_cli

from sightline_server.cli import main

ADMIN = "admin-password"


def _catalogue(input_usd: str = "1") -> str:
    """Every provider of the installed catalogue, each with one model."""
    prices = {"input_mtok": input_usd, "output_mtok": 2}
    model = {"id": "m-1", "match": {"equals": "m-1"}, "prices": prices}
    ids = [provider.id for provider in get_snapshot().providers]
    return json.dumps([{"id": id, "name": id, "api_pattern": "x", "models": [model]} for id in ids])


@contextmanager
def _published(document: str, status: int = 200, **headers: str) -> Iterator[str]:
    """An address on loopback that answers with a document."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            with suppress(OSError):  # whoever was told too much has gone
                self.wfile.write(document.encode())

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/data.json"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    running = start_server(tmp_path, SIGHTLINE_ADMIN_PASSWORD=ADMIN)
    yield running
    assert stop_server(running) == 0


def _run(tmp_path: Path, *arguments: str, **environment: str) -> str:
    done = run_cli(*arguments, "--data-dir", str(tmp_path), **environment)
    assert done.returncode == 0, done.stderr
    return str(done.stdout).strip()


def _call(span_id: int, model: str = "m-1") -> dict[str, Any]:
    """One OTLP request with one call of a million input tokens."""
    start = time.time_ns() - 5_000_000_000
    texts = {"gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": model}
    attributes: list[Any] = [{"key": key, "value": {"stringValue": text}} for key, text in texts.items()]
    attributes.append({"key": "gen_ai.usage.input_tokens", "value": {"intValue": "1000000"}})
    span = {
        "traceId": f"{span_id:032x}", "spanId": f"{span_id:016x}", "name": "chat", "attributes": attributes,
        "startTimeUnixNano": str(start), "endTimeUnixNano": str(start + 1000),
    }  # fmt: skip
    return {"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}


def _send(server: Server, key: str, span_id: int) -> int:
    headers = {"authorization": f"Bearer {key}"}
    return httpx.post(f"{server.url}/v1/traces", json=_call(span_id), headers=headers).status_code


def _get(server: Server, path: str, key: str) -> httpx.Response:
    return httpx.get(f"{server.url}{path}", headers={"authorization": f"Bearer {key}"})


def _traces(server: Server, key: str) -> list[Any]:
    found: list[Any] = _get(server, "/api/v1/traces", key).json()["traces"]
    return found


def test_roles_of_keys_hold_in_collector_and_api_until_they_are_revoked(
    server: Server, tmp_path: Path
) -> None:
    roles = ("write", "read", "admin")
    keys = {role: _run(tmp_path, "keys", "create", role, "--role", role) for role in roles}
    until(lambda: _get(server, "/api/v1/traces", keys["admin"]).status_code == 200)
    assert [_send(server, keys[role], n) for n, role in enumerate(keys, 1)] == [200, 403, 200]
    assert [_get(server, "/api/v1/traces", keys[role]).status_code for role in keys] == [403, 200, 200]
    score = {"trace_id": f"{1:032x}", "name": "good", "value": 1.0, "source": "code"}
    for role, status in (("write", 200), ("read", 403)):
        headers = {"authorization": f"Bearer {keys[role]}"}
        assert httpx.post(f"{server.url}/api/v1/scores", json=score, headers=headers).status_code == status
    assert httpx.get(f"{server.url}/", auth=("anybody", keys["read"])).status_code == 200
    listed = _run(tmp_path, "keys", "list")
    assert not any(key in listed for key in keys.values())
    write_id = next(line.split()[0] for line in listed.splitlines() if " write " in line)
    _run(tmp_path, "keys", "revoke", write_id)
    until(lambda: _send(server, keys["write"], 9) == 401)
    refused = run_cli("failures", "--server", server.url, SIGHTLINE_API_KEY=keys["write"])
    assert_refused(refused, "give the key in SIGHTLINE_API_KEY")


def test_a_key_reaches_its_own_project_only_with_its_limit(server: Server, tmp_path: Path) -> None:
    missing = run_cli("keys", "create", "x", "--project", "shop", "--data-dir", str(tmp_path))
    assert (missing.returncode, "there is no project" in missing.stderr) == (2, True)
    _run(tmp_path, "projects", "set", "shop", "--name", "Shop", "--max-spans-per-s", "1")
    shop = _run(tmp_path, "keys", "create", "app", "--role", "admin", "--project", "shop")
    other = _run(tmp_path, "keys", "create", "app", "--role", "admin")
    until(lambda: _send(server, shop, 1) == 200)
    until(lambda: len(_traces(server, shop)) == 1)
    until(lambda: _get(server, "/api/v1/traces", other).status_code == 200)
    assert _traces(server, other) == []
    assert 429 in [_send(server, shop, n) for n in range(2, 6)]
    assert [_send(server, other, n) for n in range(2, 6)] == [200] * 4
    said = _run(tmp_path, "projects", "set", "shop", "--max-spans-per-s", "0", "--max-body-size", "9")
    assert said.endswith("own limits: max_spans_per_s 0, max_body_size 9")
    until(lambda: _send(server, shop, 7) == 413)
    assert _limit(server, other, max_body_size=None) == 403  # a key of a project lifts no limit
    assert _limit(server, ADMIN, max_body_size=None) == 200
    until(lambda: _send(server, shop, 7) == 200)
    assert _limit(server, ADMIN, max_spans_per_s=1) == 200
    until(lambda: _send(server, shop, 8) == 429)
    assert "max_spans_per_s 1" in _run(tmp_path, "projects", "list")


def _limit(server: Server, secret: str, **changes: int | None) -> int:
    path = f"{server.url}/api/v1/projects/shop"
    return httpx.patch(path, json=changes, auth=("admin", secret)).status_code


def test_a_project_is_deleted_beside_a_server_that_then_refuses_its_keys(
    server: Server, tmp_path: Path
) -> None:
    _run(tmp_path, "projects", "set", "gone")
    key = _run(tmp_path, "keys", "create", "all", "--role", "admin", "--project", "gone")
    until(lambda: _get(server, "/api/v1/traces", key).status_code == 200)
    assert _send(server, key, 1) == 200
    until(lambda: len(_traces(server, key)) == 1)
    delete = ("projects", "delete", "--data-dir", str(tmp_path))
    assert_refused(run_cli(*delete, "default", "--yes"), "the default project cannot be deleted")
    assert_refused(run_cli(*delete, "gone"), "--yes")
    assert_refused(run_cli(*delete, "unknown", "--yes"), "there is no project 'unknown'")
    assert "project gone and its 1 trace deleted" in _run(tmp_path, "projects", "delete", "gone", "--yes")
    until(lambda: _send(server, key, 2) == 401)
    assert "gone" not in _run(tmp_path, "projects", "list") + _run(tmp_path, "keys", "list")
    again = run_cli("projects", "set", "gone", "--data-dir", str(tmp_path))
    assert_refused(again, "project 'gone' was deleted")


def test_a_downloaded_catalogue_and_own_prices_reach_a_running_server_and_the_past(tmp_path: Path) -> None:
    server = start_server(tmp_path)
    try:
        httpx.post(f"{server.url}/v1/traces", json=_call(1))
        assert until(lambda: _costs(server)) == {1: None}
        with _published(_catalogue()) as url:
            said = _run(tmp_path, "prices", "update", SIGHTLINE_PRICES_URL=url)
        assert said.startswith(f"{len(get_snapshot().providers)} models")
        until(lambda: _priced(server, 2) == "1")
        deal = ("prices", "set", "deal", "--model", "m-*", "--output", "1", "--input")
        _run(tmp_path, *deal, "0.5")
        until(lambda: _priced(server, 3) == "0.5")
        _run(tmp_path, *deal, "9", "--until", "2020-01-01")
        until(lambda: _priced(server, 4) == "1")
    finally:
        assert stop_server(server) == 0
    _run(tmp_path, *deal, "0.25")
    batch = ("--tier", "BATCH", "--cache-write-1h", "0.7", "--long-above", "200000", "--long-input", "0.2")
    _run(tmp_path, "prices", "set", "batch", *deal[3:], "0.1", *batch)
    told = _run(tmp_path, "prices", "list").splitlines()[-1].split(maxsplit=6)
    assert told[3:6] == ["m-*", "batch", "0.1"]
    assert told[6].split(maxsplit=1) == ["1", "cache_write_1h 0.7, above 200000: input 0.2  always"]
    _run(tmp_path, "reprice", "--from", "2020-01-01", "--to", "2100-01-01")
    server = start_server(tmp_path)
    try:
        assert until(lambda: set(_costs(server).values())) == {"0.25"}
    finally:
        assert stop_server(server) == 0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--long-input", "2"), "need --long-above"),
        (("--long-above", "200000"), "at least one price"),
        (("--long-above", "0", "--long-input", "2"), "above 1 to"),
        (("--from", "2026-10-01T12:00:30"), "without seconds"),
        (("--from", "2026-10-02", "--until", "2026-10-02"), "ends after it begins"),
        (("--tier", "x" * 65), "at most 64 printable characters"),
    ],
)
def test_a_price_that_would_never_hold_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], words: str
) -> None:
    price = ("prices", "set", "deal", "--model", "m", "--input", "1", "--output", "1")
    assert main([*price, *options, "--data-dir", str(tmp_path)]) == 2
    assert words in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def _costs(server: Server) -> dict[int, str | None]:
    """What each trace cost; None: it has no price."""
    traces = server.get("/api/v1/traces").json()["traces"]
    costs = {int(trace["trace_id"], 16): trace["cost"]["usd"] for trace in traces}
    return {number: cost and cost.rstrip("0").rstrip(".") for number, cost in costs.items()}


def _priced(server: Server, group: int) -> str | None:
    """Send one more call and return what it cost, once it can be seen."""
    number = group * 1000 + len(_costs(server))
    httpx.post(f"{server.url}/v1/traces", json=_call(number))
    until(lambda: number in _costs(server))
    return _costs(server)[number]


@pytest.mark.parametrize(
    ("document", "status", "headers", "reason"),
    [
        ("<html>", 200, {}, "no price catalogue"),
        ('{"providers": []}', 200, {}, "no list of providers"),
        ("[]", 200, {}, "it knows 0 providers"),
        (_catalogue("-1"), 200, {}, "below zero"),
        (_catalogue(), 500, {}, "answers 500"),
        ("", 404, {}, "answers 404"),
        ("", 301, {"location": "http://127.0.0.1:1/elsewhere"}, "answers 301"),
        (_catalogue()[:-9], 200, {}, "no price catalogue"),
        (_catalogue(), 200, {"content_length": "10000000"}, "cannot be read"),
        (_catalogue(), 200, {"content_encoding": "gzip"}, "cannot be read"),
        (" " * (33 * 1024 * 1024), 200, {}, "more than"),
    ],
    ids=["html", "object", "empty", "negative", "500", "404", "redirect", "cut", "torn", "garbled", "huge"],
)
def test_a_catalogue_that_cannot_be_right_changes_nothing(
    document: str,
    status: int,
    headers: dict[str, str],
    reason: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    place = ("--data-dir", str(tmp_path))
    assert main(["projects", "set", "shop", *place]) == 0
    capsys.readouterr()
    assert main(["prices", "list", *place]) == 0
    before = capsys.readouterr().out
    with _published(document, status, **headers) as url:
        monkeypatch.setenv("SIGHTLINE_PRICES_URL", url)
        assert main(["prices", "update", *place]) == 2
    assert reason in capsys.readouterr().err
    assert main(["prices", "list", *place]) == 0
    assert capsys.readouterr().out == before


def test_prices_come_from_a_file_where_there_is_no_network_and_can_be_undone(tmp_path: Path) -> None:
    file = tmp_path / "data.json"
    file.write_text(_catalogue())
    _run(tmp_path, "prices", "update", "--file", str(file))
    assert "data.json" in _run(tmp_path, "prices", "list")
    assert "up to date" in _run(tmp_path, "prices", "update", "--file", str(file))
    _run(tmp_path, "prices", "update", "--undo")
    assert "of this installation" in _run(tmp_path, "prices", "list")
    refused = run_cli(
        "prices", "update", "--data-dir", str(tmp_path), SIGHTLINE_PRICES_URL="http://example.com/"
    )
    assert "https://" in refused.stderr


def test_a_backup_has_the_metadata_too(tmp_path: Path) -> None:
    first, second, copy = tmp_path / "first", tmp_path / "second", tmp_path / "copy"
    _run(first, "keys", "create", "ci", "--role", "read")
    assert "metadata included" in _run(first, "backup", str(copy))
    assert "metadata included" in _run(second, "restore", str(copy))
    assert _run(second, "keys", "list") == _run(first, "keys", "list")
    for folder in (first, second, copy):
        assert folder.stat().st_mode & 0o077 == 0, "nobody else on the machine may read it"
    _run(second, "projects", "set", "later")
    assert "metadata stays as it is" in _run(second, "restore", str(copy))
    assert "later" in _run(second, "projects", "list")
