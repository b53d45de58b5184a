"""A metadata database of which the disk returns something else: told in one line, and never taken along."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from tests.server.commands.command_line import assert_refused, run_cli

from sightline_storage.metadata_database import METADATA_FILE


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """A store whose tables of keys and deletions are damaged."""
    folder = tmp_path / "data"
    assert run_cli("migrate", "--data-dir", str(folder)).returncode == 0
    file = folder / METADATA_FILE
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
        ((size,),) = connection.execute("PRAGMA page_size")
        roots = dict(connection.execute("SELECT name, rootpage FROM sqlite_master WHERE type = 'table'"))
    with file.open("r+b") as stream:
        for table in ("api_keys", "deletions"):
            stream.seek((roots[table] - 1) * size)
            stream.write(b"\xff" * size)
    return folder


@pytest.mark.parametrize(
    "command", [("keys", "list"), ("delete", "user", "ann-the-user"), ("serve", "--port", "0")], ids=" ".join
)
def test_a_command_that_meets_damage_ends_with_one_line(data_dir: Path, command: tuple[str, ...]) -> None:
    done = run_cli(*command, "--data-dir", str(data_dir))
    lines = [line for line in done.stderr.splitlines() if " INFO " not in line]
    assert (done.returncode, len(lines)) == (2, 1), done.stderr
    assert lines[0] == "sightline: the metadata database cannot be used: database disk image is malformed"


def test_doctor_finds_the_damage_that_no_command_has_met_yet(data_dir: Path) -> None:
    found = run_cli("doctor", "--data-dir", str(data_dir))
    assert (found.returncode, found.stderr) == (1, "")
    assert "needs attention: the metadata database is damaged: " in found.stdout
    assert "embedded ClickHouse: " in found.stdout


def test_damaged_metadata_is_in_no_backup(data_dir: Path, tmp_path: Path) -> None:
    done = run_cli("backup", str(tmp_path / "copy"), "--data-dir", str(data_dir))
    assert_refused(done, "the metadata database is damaged: ")
    assert not (tmp_path / "copy" / "manifest.json").exists()
