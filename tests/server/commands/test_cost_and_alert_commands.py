"""The commands against a server process of their own."""

import csv
import io
import sqlite3
import subprocess
import threading
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.server.commands.command_line import assert_refused, run_cli

from sightline_api.csv_text import plain_cell
from sightline_core.settings import Settings
from sightline_server.cli import main
from sightline_server.commands.server_client import ServerClient
from sightline_storage.metadata.metadata_database import METADATA_FILE

RULES = """
rules:
  - key: chat-spend
    name: Chat spends too fast
    measure: cost
    window: {window}
    condition: {{kind: threshold, alert: 10}}
"""


def test_a_report_without_spend_is_a_csv_with_a_total(server_url: str) -> None:
    options = ["--by", "app", "--month", "2026-10", "--format", "csv", "--server", server_url]
    done = run_cli("report", "costs", *options)
    assert done.returncode == 0, done.stderr
    header, total = csv.reader(io.StringIO(done.stdout))
    assert header[:4] == ["app", "usd", "priced_usd", "estimated_usd"]
    assert total[:2] == ["(total)", "0"]


def test_a_server_of_this_machine_is_not_asked_through_a_proxy(server_url: str) -> None:
    nobody = "http://127.0.0.1:9"
    done = run_cli("failures", "--server", server_url, http_proxy=nobody, all_proxy=nobody)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("host", "address"), [("::1", "[::1]"), ("::", "127.0.0.1"), ("0.0.0.0", "127.0.0.1"), ("10.1.2.3",) * 2]
)
def test_commands_find_the_server_that_the_settings_make_listen(host: str, address: str) -> None:
    client = ServerClient(Settings(host=host, port=9, public_url=""), None)
    assert client.address == f"http://{address}:9"
    client.close()


def test_by_team_the_report_is_that_of_the_statements(server_url: str) -> None:
    plan = {"teams": [{"name": "support", "cost_centre": "4711"}], "rules": [], "shared": [], "version": 0}
    httpx.put(f"{server_url}/api/v1/teams", json=plan).raise_for_status()
    options = ["--by", "team", "--month", "2026-10", "--server", server_url]
    table = run_cli("report", "costs", *options, "--format", "table", COLUMNS="40").stdout
    assert "unpriced calls" in table
    assert "support" in table
    assert "4711" in table
    done = run_cli("report", "costs", *options)
    assert done.stdout.startswith("month,team,cost_centre,app,environment,split,usd")


def test_a_report_that_cannot_be_made_says_so_in_one_line(server_url: str) -> None:
    no_server = ["--server", "http://127.0.0.1:9"]
    for wrong in (["--month", "october"], ["--zone", "Mars"], ["--by", "planet"], no_server):
        done = run_cli("report", "costs", "--server", server_url, *wrong)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr


class _Stranger(BaseHTTPRequestHandler):
    """Answers with 200 and a page, as a proxy's login does, or with an error that is no problem."""

    def do_GET(self) -> None:
        self.send_response(500 if "/failures" in self.path else 200)
        self.send_header("content-type", "application/json" if "/rules" in self.path else "text/html")
        self.end_headers()
        self.wfile.write(b"<html>")


def test_another_server_is_told_in_one_line(tmp_path: Path) -> None:
    rules = tmp_path / "rules.yml"
    rules.write_text("rules: []")
    with ThreadingHTTPServer(("127.0.0.1", 0), _Stranger) as stranger:
        threading.Thread(target=stranger.serve_forever).start()
        address = f"http://127.0.0.1:{stranger.server_port}"
        for command in (("report", "costs"), ("failures",), ("alerts", "apply", str(rules))):
            assert_refused(run_cli(*command, "--server", address), "Sightline server")
        stranger.shutdown()
    for address in ("http://[::1", "http://h:abc", "127.0.0.1:4318", "localhost:4318"):
        assert_refused(run_cli("failures", "--server", address), "is no address such as")


def test_rules_are_planned_before_they_are_applied(server_url: str, tmp_path: Path) -> None:
    file = tmp_path / "rules.yml"
    file.write_text(RULES.format(window="15m"))

    def apply(*options: str) -> subprocess.CompletedProcess[str]:
        return run_cli("alerts", "apply", str(file), "--server", server_url, *options)

    unasked = apply()
    assert (unasked.returncode, unasked.stdout) == (2, "+ create chat-spend\n")
    assert httpx.get(f"{server_url}/api/v1/alerts/rules").json()["rules"] == []
    second = RULES.format(window="15m").replace("rules:", "").replace("chat-spend", "second")
    file.write_text(RULES.format(window="15m") + second + "    channels: [missing]\n")
    assert "rule second: channels: there is no channel 'missing'" in apply("--yes").stderr
    assert httpx.get(f"{server_url}/api/v1/alerts/rules").json()["rules"] == []  # not even the first
    file.write_text(RULES.format(window="15m"))
    assert apply("--yes").returncode == 0
    assert apply("--yes").stdout == "  keep chat-spend\n"
    file.write_text(RULES.format(window="30m"))
    assert apply("--yes").stdout == "~ change chat-spend\n    window: '15m' -> '30m'\n"
    file.write_text("rules: []")
    assert apply("--yes", "--delete-missing").stdout == "- delete chat-spend\n"
    file.write_text("rules: [")
    assert "is not YAML" in apply("--yes").stderr
    file.write_text(RULES.format(window="15m") + "rules: []\n")
    assert "rules is there twice" in apply("--yes").stderr


def test_rules_that_change_places_are_applied_and_a_time_may_be_written_as_such(
    server_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "rules.yml"

    def apply(above: str, below: str, more: str = "") -> subprocess.CompletedProcess[str]:
        field = "window: 15m\n    depends_on: "
        rules = RULES.format(window="15m").replace("chat-spend", above) + more
        rules += (
            RULES.format(window="15m")
            .replace("rules:", "")
            .replace("chat-spend", below)
            .replace("window: 15m", f"{field}{above}")
        )
        file.write_text(rules)
        return run_cli("alerts", "apply", str(file), "--server", server_url, "--yes")

    mute = "    mutes: [{start: 22:00, end: 06:00, zone: Europe/Berlin}]\n"
    for above, below in (("a", "b"), ("b", "a"), ("a", "b")):
        done = apply(above, below, mute)
        assert done.returncode == 0, done.stderr
    first, second = httpx.get(f"{server_url}/api/v1/alerts/rules").json()["rules"]
    assert (first["mutes"][0]["start"], second["depends_on"]) == ("22:00", "a")
    file.write_text("rules: []")
    assert (
        run_cli("alerts", "apply", str(file), "--server", server_url, "--yes", "--delete-missing").returncode
        == 0
    )


def test_exported_rules_are_applied_without_a_change(server_url: str, tmp_path: Path) -> None:
    rules: dict[str, dict[str, Any]] = {
        "plain": {"measure": "cost", "condition": {"kind": "threshold", "alert": 1}},
        "odd": {
            "measure": "score",
            "score": "helpful: no\n'yes'",
            "condition": {"kind": "threshold", "alert": 0.5, "direction": "below"},
            "query": '-env:dev "über: #1" {kind:tool status:error}',
            "group_by": ["app", "user"],
            "mutes": [{"days": ["monday"], "start": "22:00", "end": "06:00", "zone": "Europe/Berlin"}],
            "runbook": "Zeile 1\nZeile 2: 10:30 – #wach",
            "remind_every": "1h30m",
            "enabled": False,
        },
    }
    url = f"{server_url}/api/v1/alerts/rules"
    for key, rule in rules.items():
        httpx.put(f"{url}/{key}", json={"name": key, "window": "15m", **rule}).raise_for_status()
    exported = run_cli("alerts", "export", "--server", server_url)
    assert "group_cap" not in exported.stdout
    file = tmp_path / "rules.yml"
    file.write_text(exported.stdout, encoding="utf-8")
    applied = run_cli("alerts", "apply", str(file), "--server", server_url, "--yes", "--delete-missing")
    assert (applied.returncode, applied.stdout) == (0, "  keep odd\n  keep plain\n")
    for key in rules:
        httpx.delete(f"{url}/{key}").raise_for_status()


def test_a_rule_of_another_version_is_named_and_keeps_no_other_one_back(
    server_url: str, data_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = f"{server_url}/api/v1/alerts/rules"
    saved = {"name": "n", "measure": "calls", "window": "15m", "condition": {"kind": "absence"}}
    for key in ("future", "plain"):
        httpx.put(f"{rules}/{key}", json=saved).raise_for_status()
    with closing(sqlite3.connect(data_dir / METADATA_FILE)) as metadata, metadata:
        metadata.execute(
            "UPDATE alert_rules SET document = replace(document, '\"calls\"', '\"moods\"')"
            " WHERE key = 'future'"
        )
    options = ["--server", server_url]
    assert main(["alerts", "export", *options]) == 1
    exported = capsys.readouterr()
    assert "key: plain" in exported.out
    assert "rule future is of another version, it is left out: measure" in exported.err
    file = tmp_path / "rules.yml"
    file.write_text(exported.out)
    assert main(["alerts", "apply", str(file), *options, "--yes", "--delete-missing"]) == 0
    applied = capsys.readouterr()
    assert applied.out == "  keep plain\n"
    assert "rule future is of another version, it stays: measure" in applied.err
    file.write_text(exported.out.replace("key: plain", "key: future"))
    assert main(["alerts", "apply", str(file), *options, "--yes"]) == 0
    assert capsys.readouterr() == ("~ change future\n", "")
    for key in ("future", "plain"):
        httpx.delete(f"{rules}/{key}").raise_for_status()


def test_what_somebody_saved_since_the_plan_was_shown_stays(
    server_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = f"{server_url}/api/v1/alerts/rules"
    saved = {
        "name": "Theirs",
        "measure": "calls",
        "window": "15m",
        "condition": {"kind": "threshold", "alert": 1},
    }
    file = tmp_path / "rules.yml"
    file.write_text(RULES.format(window="15m"))

    def accept_late(_question: str) -> str:
        httpx.put(f"{rules}/chat-spend", json=saved).raise_for_status()
        return "y"

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr("builtins.input", accept_late)
    assert main(["alerts", "apply", str(file), "--server", server_url]) == 2
    assert "rule chat-spend: there is one with this key already" in capsys.readouterr().err
    assert httpx.get(rules).json()["rules"][0]["name"] == "Theirs"
    httpx.delete(f"{rules}/chat-spend").raise_for_status()


def test_names_of_strangers_are_no_formulas_in_a_spreadsheet() -> None:
    cells = [plain_cell(name) for name in ("=1+1", "@x", "-1", "chat", "")]
    assert cells == ["'=1+1", "'@x", "'-1", "chat", ""]


def test_an_export_of_a_provider_is_imported_and_compared(server_url: str, tmp_path: Path) -> None:
    file = tmp_path / "september.csv"
    file.write_text("Day,Model,USD\n2026-09-21,o3,1.25\n", encoding="utf-8")
    mapped = ["--format", "csv", "--map", "day=Day", "--map", "model=Model", "--map", "usd=USD"]
    common = ["--provider", "openai", "--server", server_url]
    done = run_cli("reconcile", "import", str(file), *mapped, *common)
    assert done.stdout == "openai cost: 1 lines, $1.25, 2026-09-21 to 2026-09-21\n", done.stderr
    shown = run_cli("reconcile", "show", "--month", "2026-09", *common)
    (row,) = csv.DictReader(io.StringIO(shown.stdout))
    assert (row["day"], row["gap_usd"], row["never_counted"]) == ("2026-09-21", "1.25", "1.25")
    asked = ["--month", "2026-09", "--format", "table", *common]
    assert "never counted 1.25" in run_cli("reconcile", "show", *asked, COLUMNS="40").stdout
    for wrong in (["--map", "day"], ["--map", "day=Nothing"]):
        refused = run_cli("reconcile", "import", str(file), "--format", "csv", *wrong, *common)
        assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
    missing = run_cli("reconcile", "import", str(tmp_path / "none"), "--format", "openai-csv", *common)
    assert "cannot be read" in missing.stderr
