"""`sightline failures` against a server process of its own."""

import io
import json
import secrets
import sys
import time
from collections.abc import Sequence
from typing import Any

import httpx
import pytest
from rich.table import Table
from tests.e2e.polling import until
from tests.server.commands.command_line import run_cli

from sightline_server.commands.failures import sparkline
from sightline_server.commands.tables import write_table
from sightline_server.standard_streams import open_standard_streams

HOSTILE = "paper [red]jam[/red] in \x1b[31mtray"
_USAGE = (
    {"key": "gen_ai.operation.name", "value": {"stringValue": "chat"}},
    {"key": "gen_ai.usage.input_tokens", "value": {"intValue": "9"}},
)
"""What makes a span a call, of which alone reports of costs tell."""


def _fail(url: str, message: str, app: str = "printers", attributes: Sequence[dict[str, Any]] = ()) -> None:
    now = str(time.time_ns())
    span = {
        "traceId": secrets.token_hex(16), "spanId": secrets.token_hex(8), "name": "print",
        "startTimeUnixNano": now, "endTimeUnixNano": now, "status": {"code": 2, "message": message},
        "attributes": attributes,
    }  # fmt: skip
    answer = httpx.post(f"{url}/v1/traces", json=_request(span, app))
    assert answer.status_code == 200, answer.text


def _request(span: dict[str, Any], app: str) -> dict[str, Any]:
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": app}}]}
    return {"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": [span]}]}]}


def _clusters(url: str) -> list[dict[str, Any]]:
    done = run_cli("failures", "--since", "1h", "--server", url)
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout)["clusters"])


def _table_with(url: str, text: str) -> str | None:
    table = run_cli("failures", "--format", "table", "--server", url, COLUMNS="70").stdout
    return table if text in table else None


def test_clusters_are_listed_and_one_is_shown_with_its_examples(server_url: str) -> None:
    _fail(server_url, HOSTILE)
    (cluster,) = until(lambda: _clusters(server_url))
    # A day's figures follow those of the last hours.
    table = until(lambda: _table_with(server_url, cluster["id"]))
    assert "\x1b[31m" not in table
    assert "[red]jam" in table
    one = run_cli("failures", cluster["id"], "--format", "table", "--server", server_url)
    assert one.returncode == 0, one.stderr
    assert "[red]jam" in one.stdout
    assert "example" in one.stdout
    # What `"$APP"` is when the variable is not set: those of all apps would be a wider answer.
    unset = run_cli("failures", "--app", "", "--server", server_url)
    assert json.loads(unset.stdout)["clusters"] == []


def test_a_report_shows_names_of_strangers_as_plain_text(server_url: str) -> None:
    _fail(server_url, "jam", app=HOSTILE, attributes=_USAGE)
    report = ["report", "costs", "--format", "table", "--server", server_url]
    table = until(lambda: done if "[red]jam" in (done := run_cli(*report).stdout) else None)
    assert "\x1b[31m" not in table


def test_what_cannot_be_shown_is_said_in_one_line(server_url: str) -> None:
    for wrong in (["F0"], ["--state", "broken"], ["--since", "yesterday"], ["../traces"], ["--limit", "0"]):
        done = run_cli("failures", *wrong, "--server", server_url)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr


def test_a_sparkline_has_one_character_for_each_count_and_shows_small_ones() -> None:
    assert sparkline([0, 1, 50, 100]) == " ▁▄█"
    assert sparkline([0, 0]) == "  "


class _Unread(io.StringIO):
    def write(self, _text: str) -> int:
        raise BrokenPipeError


def test_a_table_that_nobody_reads_is_left_to_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", _Unread())
    with pytest.raises(BrokenPipeError):
        write_table(Table("id"))


def test_letters_that_the_output_does_not_have_are_written_as_numbers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    open_standard_streams()
    assert sys.stdout.write(sparkline([1])) == 1
    sys.stdout.flush()
