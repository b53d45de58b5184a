"""What operators run beside a server, on real stores."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.collector.conftest import make_request, make_span
from tests.e2e.conftest import Server, start_server, stop_server
from tests.e2e.polling import until
from tests.forked_process import ForkedProcess
from tests.server.commands.command_line import assert_refused, run_cli

from sightline_collector.segment import Entry, Signal, encode
from sightline_core.ids import DEFAULT_PROJECT
from sightline_server.demo.history import seed_history
from sightline_storage import StoreConfig, look_into_store, open_store
from sightline_storage.lifecycle.deletion_requests import DeletionRequests
from sightline_storage.metadata.job_failures import JobFailures
from sightline_storage.metadata.leases import Leases
from sightline_storage.metadata.metadata_database import open_metadata, sqlite_url


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data directory of a server that stored a day of traffic and was stopped; tests only read it."""
    data_dir = tmp_path_factory.mktemp("seeded")
    server = start_server(data_dir)
    try:
        seed_history(server.url, {}, days=1, now=datetime.now(UTC) - timedelta(hours=1))
        until(lambda: apps_of(server))
    finally:
        assert stop_server(server) == 0
    return data_dir


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory as `sightline migrate` leaves it; tests only copy it."""
    data_dir = tmp_path_factory.mktemp("migrated")
    assert run_cli("migrate", "--data-dir", str(data_dir)).returncode == 0
    return data_dir


@pytest.fixture
def data_dir(migrated: Path, tmp_path: Path) -> Path:
    """A data directory of the test's own, without a span."""
    return shutil.copytree(migrated, tmp_path / "data", symlinks=True)


def apps_of(server: Server) -> Any:
    return server.get("/api/v1/apps").json()["apps"]


def apps_after_restart(data_dir: Path) -> Any:
    server = start_server(data_dir)
    try:
        return apps_of(server)
    finally:
        assert stop_server(server) == 0


def test_backup_is_proved_by_restoring_it_elsewhere(seeded: Path, tmp_path: Path) -> None:
    written = run_cli("backup", str(tmp_path / "copy"), "--data-dir", str(seeded))
    assert written.returncode == 0, written.stderr
    restored = run_cli("restore", str(tmp_path / "copy"), "--data-dir", str(tmp_path / "second"))
    assert restored.returncode == 0, restored.stderr
    original = apps_after_restart(seeded)
    assert {app["app"] for app in original} > {"support-assistant", "sql-analyst"}
    assert apps_after_restart(tmp_path / "second") == original


def test_a_backup_that_is_stopped_leaves_no_folder(seeded: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    arguments = ("backup", str(folder), "--data-dir", str(seeded))
    process = ForkedProcess("sightline_server", *arguments, env={"PATH": os.environ["PATH"], "HOME": "/"})
    while not folder.exists():
        time.sleep(0.001)
    process.terminate()
    assert process.wait(30) == 130
    assert not folder.exists()


def test_a_user_is_deleted_beside_the_server_that_holds_the_store_and_after_a_restore(tmp_path: Path) -> None:
    copy, data_dir = tmp_path / "copy", tmp_path / "data"
    server = start_server(data_dir)
    try:
        traces = {"ann": f"/api/v1/traces/{1:032x}", "bob": f"/api/v1/traces/{2:032x}"}
        for number, user in enumerate(traces, 1):
            body = make_request(make_span(number, **{"user.id": user})).SerializeToString()
            headers = {"content-type": "application/x-protobuf"}
            assert httpx.post(f"{server.url}/v1/traces", content=body, headers=headers).status_code == 200
        until(lambda: all(server.get(path).status_code == 200 for path in traces.values()))
        assert_refused(run_cli("delete", "trace", "ann", "--data-dir", str(data_dir)), "no trace id")
        elsewhere = run_cli("delete", "user", "ann", "--project", "shop", "--data-dir", str(data_dir))
        assert_refused(elsewhere, "there is no project 'shop'")
        done = run_cli("delete", "user", "ann", "nobody", "--data-dir", str(data_dir))
        assert (done.returncode, done.stdout.startswith("1 trace deleted")) == (0, True), done.stderr
        assert [server.get(path).status_code for path in traces.values()] == [404, 200]
        doctor = run_cli("doctor", "--data-dir", str(data_dir))
        assert (doctor.returncode, "embedded ClickHouse: " in doctor.stdout) == (0, True), doctor.stdout
    finally:
        assert stop_server(server) == 0
    assert run_cli("backup", str(copy), "--data-dir", str(data_dir)).returncode == 0
    delete = ("delete", "trace", f"{2:032x}", "--data-dir", str(data_dir))
    done = run_cli(*delete)
    assert (done.returncode, done.stdout.startswith("1 trace deleted")) == (0, True), done.stderr
    restored = run_cli("restore", str(copy), "--data-dir", str(data_dir))
    assert "; 1 trace deleted again" in restored.stdout, restored.stderr
    assert run_cli(*delete).stdout.startswith("0 traces deleted")


def test_repricing_with_the_same_catalogue_changes_nothing(seeded: Path) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
    done = run_cli("reprice", "--from", "2020-01-01", "--to", tomorrow, "--data-dir", str(seeded))
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("0 calls")


def test_dry_run_prints_the_schema_of_the_layout_and_touches_nothing(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    one_node = run_cli("migrate", "--dry-run", "--data-dir", str(data_dir))
    cluster = run_cli(
        "migrate",
        "--dry-run",
        SIGHTLINE_CLICKHOUSE_URL="clickhouse://h:1/sightline?cluster=main",
        SIGHTLINE_DATABASE_URL="postgresql://h/sightline",
    )
    assert "ReplacingMergeTree" in one_node.stdout
    assert "Distributed" not in one_node.stdout
    assert "Distributed" in cluster.stdout
    assert "created_at DATETIME NOT NULL" in one_node.stdout
    assert "created_at TIMESTAMP WITH TIME ZONE NOT NULL" in cluster.stdout
    assert not data_dir.exists()


def test_doctor_finds_a_healthy_store_and_one_that_cannot_be_written(data_dir: Path) -> None:
    healthy = run_cli("doctor", "--data-dir", str(data_dir))
    assert healthy.returncode == 0, healthy.stdout
    misspelt = run_cli("doctor", "--data-dir", str(data_dir), SIGHTLINE_RETENTION_DAY="30")
    assert (misspelt.returncode, "did you mean SIGHTLINE_RETENTION_DAYS?" in misspelt.stdout) == (1, True)
    (data_dir / "metadata.db").unlink()
    headless = run_cli("doctor", "--data-dir", str(data_dir))
    assert (headless.returncode, "has no metadata.db" in headless.stdout) == (1, True)
    assert not (data_dir / "metadata.db").exists()
    (data_dir / "file").write_text("")
    sick = run_cli("doctor", "--data-dir", str(data_dir / "file"))
    assert sick.returncode == 1
    assert "needs attention" in sick.stdout


def test_doctor_only_looks_at_a_store_of_an_older_version(data_dir: Path) -> None:
    with closing(sqlite3.connect(data_dir / "metadata.db")) as metadata:
        metadata.execute("UPDATE alembic_version SET version_num = '0012_order_of_messages'")
        metadata.commit()
    store = look_into_store(StoreConfig(data_dir=data_dir))
    forget = "ALTER TABLE schema_migrations DELETE WHERE version = 11 SETTINGS mutations_sync = 1"
    store.engine.command(forget)
    store.close()
    for _ in range(2):
        older = run_cli("doctor", "--data-dir", str(data_dir))
        assert older.returncode == 1
        told = [line for line in older.stdout.splitlines() if "migrations have not been run" in line]
        assert ["0011_synced_inserts" in told[0], "0013_deletions_after" in told[1]] == [True, True], told


def test_doctor_names_a_part_that_broke_until_a_backup_is_restored_and_its_folder_removed(
    seeded: Path, tmp_path: Path
) -> None:
    data_dir = str(shutil.copytree(seeded, tmp_path / "broken", symlinks=True))
    tables = tmp_path / "broken/clickhouse/data/sightline"
    assert run_cli("backup", str(tmp_path / "copy"), "--data-dir", data_dir).returncode == 0
    for column in tables.glob("spans/*_*_*_*/data.bin"):
        column.write_bytes(b"")
    examined = run_cli("doctor", "--data-dir", data_dir)
    broken = min(tables.glob("spans/detached/*"))
    assert examined.returncode == 1
    assert f"embedded ClickHouse: spans/detached/{broken.name} and " in examined.stdout
    assert run_cli("restore", str(tmp_path / "copy"), "--data-dir", data_dir).returncode == 0
    for part in tables.glob("spans/detached/*"):
        shutil.rmtree(part)
    assert run_cli("doctor", "--data-dir", data_dir).returncode == 0
    assert apps_after_restart(tmp_path / "broken") == apps_after_restart(seeded)


def test_doctor_says_where_the_reason_is_when_the_embedded_engine_does_not_start(data_dir: Path) -> None:
    (data_dir / "clickhouse" / "metadata" / "sightline.sql").write_text("damaged")
    sick = run_cli("doctor", "--data-dir", str(data_dir))
    assert sick.returncode == 1
    assert "Error initializing EmbeddedServer: its own lines on standard error say why" in sick.stdout
    assert "Syntax error (in file metadata/sightline.sql)" in sick.stderr


@pytest.mark.parametrize(
    ("minutes", "named"), [(9, []), (60, ["deletions"]), (80, ["deletions", "retention"])]
)
def test_doctor_names_the_essential_jobs_that_no_worker_took_over_in_time(
    data_dir: Path, minutes: int, named: list[str]
) -> None:
    metadata, ran_out = open_metadata(sqlite_url(data_dir)), datetime.now(UTC) - timedelta(minutes=minutes)
    gone = Leases(metadata, "gone", clock=lambda _: ran_out)
    for name in ("deletions", "failure-titles", "retention"):
        assert gone.acquire(name, timedelta(0))
    metadata.dispose()
    lines = run_cli("doctor", "--data-dir", str(data_dir)).stdout.splitlines()
    assert [line.split("'")[1] for line in lines if "no worker does the job" in line] == named


def test_doctor_tells_which_job_fails_since_when_why_and_where_its_log_is(data_dir: Path) -> None:
    metadata = open_metadata(sqlite_url(data_dir))
    JobFailures(metadata, "worker-7/42/ab12").met("retention", "BackendError: the disk is full")
    metadata.dispose()
    examined = run_cli("doctor", "--data-dir", str(data_dir))
    assert examined.returncode == 1
    told = re.search(r"the job 'retention' fails since (.*) UTC: (.*)", examined.stdout)
    assert told
    assert datetime.strptime(f"{told[1]}Z", "%Y-%m-%d %H:%M%z") <= datetime.now(UTC)
    assert told[2] == "BackendError: the disk is full; the log of process 42 on worker-7 has more"


def test_doctor_tells_of_deletions_that_take_too_long_and_not_of_whom(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    with closing(open_store(StoreConfig(data_dir=tmp_path))) as store:
        metadata = open_metadata(sqlite_url(tmp_path))
        requests = DeletionRequests(metadata, store.engine)
        for minutes in (70, 65, 5):
            asked = now - timedelta(minutes=minutes)
            requests.ask(DEFAULT_PROJECT, "user", "ann", by="test", now=asked)
            done = requests.ask(DEFAULT_PROJECT, "user", "ann", by="test", now=asked)
            requests.carry_out(done, asked)
            purged = requests.carry_out(
                requests.ask(DEFAULT_PROJECT, "user", "ann", by="t", now=asked), asked
            )
            requests.mark_purged([purged], asked)
        metadata.dispose()
    examined = run_cli("doctor", "--data-dir", str(tmp_path))
    told = [line for line in examined.stdout.splitlines() if "requested deletions" in line]
    since = f"since {now - timedelta(minutes=70):%Y-%m-%d %H:%M} UTC"
    assert examined.returncode == 1
    assert [("2 requested" in line, since in line, "ann" in line) for line in told] == [
        (True, True, False)
    ] * 2
    assert ["not been carried out" in told[0], "rows on the disk" in told[1]] == [True, True]


def test_doctor_tells_what_waits_in_the_journal_and_of_letters_without_a_note(data_dir: Path) -> None:
    _leave_in_journal(data_dir, datetime.now(UTC) - timedelta(minutes=5))
    letters = data_dir / "journal" / "dead-letters"
    letters.mkdir()
    crashed = {"reason": "unfinished", "project": "", "content": "1-b.bin", "size": 7, "when_ns": 1}
    (letters / "1-b.json").write_text(json.dumps({**crashed, "acknowledged": False}))
    fine = run_cli("doctor", "--data-dir", str(data_dir))
    assert fine.returncode == 0
    assert "set aside in 1-b.bin (7 bytes): unfinished" in fine.stdout
    _leave_in_journal(data_dir, datetime.now(UTC) - timedelta(minutes=25))
    (letters / "1-a.json").write_text("{")
    refused = {"reason": "refused", "project": "default", "content": "1-c.bin", "size": 8, "when_ns": 1}
    (letters / "1-c.json").write_text(json.dumps({**refused, "path": "/v1/traces"}))
    sick = run_cli("doctor", "--data-dir", str(data_dir))
    assert sick.returncode == 1
    assert "not been stored for 25 minutes" in sick.stdout
    assert "set aside in 1-a.bin (0 bytes): its note cannot be read" in sick.stdout
    assert "set aside in 1-c.bin (8 bytes; can be sent again to /v1/traces): refused" in sick.stdout


def test_doctor_goes_on_where_the_dead_letters_cannot_be_read(data_dir: Path) -> None:
    letter = data_dir / "journal" / "dead-letters" / "1.json"
    letter.parent.mkdir(parents=True)
    letter.symlink_to(letter)  # which root, too, cannot read
    examined = run_cli("doctor", "--data-dir", str(data_dir))
    assert (examined.returncode, examined.stderr) == (1, "")
    assert "span store: open" in examined.stdout
    assert "needs attention: what was set aside cannot be read" in examined.stdout


def test_backup_says_when_spans_still_wait_in_the_journal(data_dir: Path, tmp_path: Path) -> None:
    whole = run_cli("backup", str(tmp_path / "whole"), "--data-dir", str(data_dir))
    assert "journal" not in whole.stdout
    _leave_in_journal(data_dir, datetime.now(UTC))
    short = run_cli("backup", str(tmp_path / "short"), "--data-dir", str(data_dir))
    assert short.returncode == 0
    assert "without the spans that still wait in the journal" in short.stdout
    kept = {file: file.read_bytes() for file in (tmp_path / "short").iterdir()}
    again = run_cli("backup", str(tmp_path / "short"), "--data-dir", str(data_dir))
    assert_refused(again, "exists already")
    assert {file: file.read_bytes() for file in (tmp_path / "short").iterdir()} == kept


def test_records_behind_a_damaged_length_are_stored_and_doctor_tells_of_it(tmp_path: Path) -> None:
    received_ns = int(datetime.now(UTC).timestamp() * 1e9)
    requests = [make_request(make_span(number)).SerializeToString() for number in (1, 2, 3)]
    entries = [Entry("default", Signal.TRACES, received_ns, 1, request) for request in requests]
    records = [bytearray(b"".join(encode(entry))) for entry in entries]
    records[1][2] ^= 0x40  # four megabytes longer, so that it seems to go on behind the end of the file
    (tmp_path / "journal").mkdir()
    (tmp_path / "journal" / "000000000001.segment").write_bytes(b"".join(records))
    server = start_server(tmp_path)
    try:
        until(lambda: server.get(f"/api/v1/traces/{3:032x}").status_code == 200)
        assert server.get(f"/api/v1/traces/{1:032x}").status_code == 200
        assert server.get(f"/api/v1/traces/{2:032x}").status_code == 404
        found = run_cli("doctor", "--data-dir", str(tmp_path))
    finally:
        assert stop_server(server) == 0
    assert found.returncode == 1
    damaged = f"byte {len(records[0])}: no record by its length and checksum"
    assert f"({len(records[1])} bytes): 000000000001.segment, {damaged}" in found.stdout


def _leave_in_journal(data_dir: Path, received: datetime) -> None:
    """Put one request into the only segment, as a collector whose thread that stores is gone leaves it."""
    folder = data_dir / "journal"
    folder.mkdir(exist_ok=True)
    payload = make_request(make_span()).SerializeToString()
    entry = Entry("default", Signal.TRACES, int(received.timestamp() * 1e9), 1, payload)
    (folder / "000000000001.segment").write_bytes(b"".join(encode(entry)))


def test_split_process_on_an_embedded_store_is_refused(tmp_path: Path) -> None:
    done = run_cli("worker", "--port", "0", "--data-dir", str(tmp_path))
    assert_refused(done, "SIGHTLINE_CLICKHOUSE_URL")
