"""A metadata database of which the disk returns something else: told in one line, and never taken along."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from tests.server.commands.command_line import assert_refused, run_cli

from sightline_core.errors import ConfigurationError
from sightline_storage.lifecycle.backup import read_manifest
from sightline_storage.metadata.metadata_database import METADATA_FILE


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """A store whose tables of keys and deletions are damaged."""
    folder = tmp_path / "data"
    assert run_cli("migrate", "--data-dir", str(folder)).returncode == 0
    _damage(folder / METADATA_FILE)
    return folder


def _damage(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
        ((size,),) = connection.execute("PRAGMA page_size")
        roots = dict(connection.execute("SELECT name, rootpage FROM sqlite_master WHERE type = 'table'"))
    with file.open("r+b") as stream:
        for table in ("api_keys", "deletions"):
            stream.seek((roots[table] - 1) * size)
            stream.write(b"\xff" * size)


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
    assert not (tmp_path / "copy").exists()


def test_damaged_metadata_of_a_backup_takes_no_place_that_sound_metadata_can_have(tmp_path: Path) -> None:
    first, second, copy = tmp_path / "first", tmp_path / "second", tmp_path / "copy"
    assert run_cli("keys", "create", "ci", "--data-dir", str(first)).returncode == 0
    assert run_cli("backup", str(copy), "--data-dir", str(first)).returncode == 0
    file, manifest = copy / METADATA_FILE, copy / "manifest.json"
    # As of a backup of an older version, which noted no checksum of it.
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "others": {}, "checksum": None}))
    sound = file.read_bytes()
    for content in (None, b"", sound[:8192], b"garbage" * 1000):
        if content is None:
            _damage(file)
        else:
            file.write_bytes(content)
        refused = run_cli("restore", str(copy), "--data-dir", str(second))
        assert refused.returncode == 2
        assert refused.stderr.startswith(f"sightline: {file} cannot be restored: "), refused.stderr
        assert {left.name for left in second.iterdir()} == {"clickhouse", "lock"}
    file.write_bytes(sound)
    _leave_log_of_another(second / METADATA_FILE)
    restored = run_cli("restore", str(copy), "--data-dir", str(second))
    assert "metadata included" in restored.stdout, restored.stderr
    assert run_cli("doctor", "--data-dir", str(second)).returncode == 0
    assert " ci " in run_cli("keys", "list", "--data-dir", str(second)).stdout


def test_a_backup_whose_metadata_is_lost_or_another_is_refused_before_a_store_is_made(tmp_path: Path) -> None:
    first, second, copy = tmp_path / "first", tmp_path / "second", tmp_path / "copy"
    assert run_cli("migrate", "--data-dir", str(first)).returncode == 0
    assert run_cli("backup", str(copy), "--data-dir", str(first)).returncode == 0
    file = copy / METADATA_FILE
    with file.open("ab") as stream:
        stream.write(b"\0")
    refused = run_cli("restore", str(copy), "--data-dir", str(second))
    assert_refused(refused, f"{file} is damaged: it is not what was backed up")
    file.unlink()
    refused = run_cli("restore", str(copy), "--data-dir", str(second))
    assert_refused(refused, f"{file} is missing: No such file or directory")
    assert not second.exists()


def test_a_backup_that_lists_something_else_than_was_written_is_refused(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    assert run_cli("migrate", "--data-dir", str(tmp_path / "data")).returncode == 0
    assert run_cli("backup", str(copy), "--data-dir", str(tmp_path / "data")).returncode == 0
    manifest = copy / "manifest.json"
    written = manifest.read_bytes()
    read_manifest(copy)
    for place in range(len(written)):
        changed = bytearray(written)
        changed[place] ^= 1
        manifest.write_bytes(changed)
        with pytest.raises(ConfigurationError):
            read_manifest(copy)
    manifest.write_bytes(written.replace(b'"late": [', b'"late": [ '))
    read_manifest(copy)


def test_keys_are_there_after_a_restore_that_stopped_at_a_damaged_file(tmp_path: Path) -> None:
    first, second, copy = tmp_path / "first", tmp_path / "second", tmp_path / "copy"
    assert run_cli("keys", "create", "ci", "--data-dir", str(first)).returncode == 0
    assert run_cli("backup", str(copy), "--data-dir", str(first)).returncode == 0
    manifest = copy / "manifest.json"
    missing = {"table": "spans", "project": "default", "start_s": 0, "end_s": 60, "rows": 1}
    said = json.loads(manifest.read_text())
    manifest.write_text(json.dumps({**said, "blocks": [missing], "checksum": None}))
    for _ in range(2):
        refused = run_cli("restore", str(copy), "--data-dir", str(second))
        assert_refused(refused, f"{copy / '00000000.native.zst'} is damaged or missing")
        assert " ci " in run_cli("keys", "list", "--data-dir", str(second)).stdout


def _leave_log_of_another(file: Path) -> None:
    """Leave what a crash leaves of a database that was removed to have that of a backup."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE another (id)")
        connection.commit()
        log = file.with_name(f"{file.name}-wal").read_bytes()
    file.unlink()
    file.with_name(f"{file.name}-wal").write_bytes(log)


_FILE = "FUNCTION file('/of/any/name.native', 'Native', 'project String')"
_BLOCK = {"table": _FILE, "project": "default", "start_s": 0, "end_s": 60, "rows": 1}
_OF_A_STRANGER = json.dumps(
    {"format": 2, "schema": 1, "columns": {_FILE: ["project"]}, "blocks": [_BLOCK], "late": []}
)
"""It has the engine write a file, and no checksum, as those of older versions."""


@pytest.mark.parametrize("manifest", [None, "{", "[]", '{"blocks": [], "late": []}', _OF_A_STRANGER])
def test_a_folder_that_is_no_backup_makes_no_store(tmp_path: Path, manifest: str | None) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    if manifest is not None:
        (folder / "manifest.json").write_text(manifest)
    done = run_cli("restore", str(folder), "--data-dir", str(tmp_path / "mistyped"))
    assert_refused(done, f"{folder} holds no complete backup")
    assert list(tmp_path.iterdir()) == [folder]


def test_a_backup_of_a_newer_version_is_named_as_such_whatever_else_it_says(tmp_path: Path) -> None:
    first, second, copy = tmp_path / "first", tmp_path / "second", tmp_path / "copy"
    assert run_cli("migrate", "--data-dir", str(first)).returncode == 0
    assert run_cli("backup", str(copy), "--data-dir", str(first)).returncode == 0
    manifest = copy / "manifest.json"
    said = json.loads(manifest.read_text())
    for newer in ({"schema": said["schema"] + 1}, {"format": said["format"] + 1, "blocks": [{"new": 1}]}):
        manifest.write_text(json.dumps({**said, **newer}))
        refused = run_cli("restore", str(copy), "--data-dir", str(second))
        assert_refused(refused, f"the backup in {copy} was made by a newer Sightline")
    assert not second.exists()
