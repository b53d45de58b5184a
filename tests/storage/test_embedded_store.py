"""The embedded store's columns, its lock, and where a store is."""

import os
import resource
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.e2e.polling import until

from sightline_core.errors import BackendError, CallerError, ConfigurationError, StoreLocked
from sightline_core.ids import ProjectId
from sightline_storage import SpanRecord, StoreConfig, open_store
from sightline_storage.config import ServerAddress
from sightline_storage.engines.written_parts import is_cut
from sightline_storage.spans.page_cursor import TraceKey
from sightline_storage.spans.span_table import COLUMN_OF_KEY, NONZERO_DEFAULTS, RECORD_KEYS, column_of


def test_span_records_and_the_table_have_the_same_columns_and_defaults(tmp_path: Path) -> None:
    store = open_store(StoreConfig(data_dir=tmp_path))
    try:
        described = {row[0]: (row[2], row[3]) for row in store.engine.query("DESCRIBE TABLE spans", {})}
    finally:
        store.close()
    assert list(described) == [*(column_of(key) for key in RECORD_KEYS), "is_deleted"]
    defaults = {name: value.strip("'") for name, (kind, value) in described.items() if kind == "DEFAULT"}
    expected = {
        key: f"{value:g}" if isinstance(value, float) else str(value)
        for key, value in NONZERO_DEFAULTS.items()
    }
    assert defaults == expected
    assert not COLUMN_OF_KEY.keys() & described.keys()


def test_a_second_process_is_told_who_holds_the_directory(tmp_path: Path) -> None:
    store = open_store(StoreConfig(data_dir=tmp_path))
    try:
        script = (
            "import sys, pathlib\n"
            "from sightline_storage.engines.data_dir_lock import DataDirLock\n"
            "try: DataDirLock(pathlib.Path(sys.argv[1]))\n"
            "except Exception as error: print(type(error).__name__, error)\n"
        )
        run = subprocess.run(
            [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True
        )
        assert run.stdout.startswith("StoreLocked")
        assert f"process {os.getpid()}" in run.stdout
        with pytest.raises(StoreLocked):
            open_store(StoreConfig(data_dir=tmp_path))
    finally:
        store.close()
    open_store(StoreConfig(data_dir=tmp_path)).close()


def test_a_block_whose_part_a_crash_left_unnamed_is_stored_when_it_is_sent_again(
    tmp_path: Path,
) -> None:
    """The engine writes down that it knows a block before the part has its name."""
    record = SpanRecord(
        project="default", trace_id=f"{1:032x}", span_id=f"{1:016x}", start_ns=1, ingested_ns=1
    )
    with closing(open_store(StoreConfig(data_dir=tmp_path))) as store:
        store.writer.write([record], token="block")
        ((part,),) = store.engine.query(
            "SELECT path FROM system.parts WHERE database = currentDatabase() AND table = 'spans'", {}
        )
    Path(part).rename(Path(part).with_name("tmp_insert_left_by_a_crash"))
    with closing(open_store(StoreConfig(data_dir=tmp_path))) as store:
        assert store.engine.query("SELECT count() FROM spans", {}) == [(0,)]
        store.writer.write([record], token="block")
        assert store.engine.query("SELECT span_id FROM spans", {}) == [(record["span_id"],)]


def test_a_store_is_made_and_migrated_only_with_room_and_opened_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine says that a table is made whose definition a full disk cut short, and never opens again."""
    config = StoreConfig(data_dir=tmp_path)

    def open_on_full_disk() -> None:
        with monkeypatch.context() as full:
            full.setattr("sightline_storage.engines.chdb_engine._ROOM_FOR_SPANS", 2**60)
            open_store(config).close()

    with pytest.raises(BackendError, match="MB free"):
        open_on_full_disk()
    assert not (tmp_path / "clickhouse").exists()
    with closing(open_store(config)) as store:
        store.engine.command("TRUNCATE TABLE schema_migrations")
    with pytest.raises(BackendError, match="MB free"):
        open_on_full_disk()
    open_store(config).close()
    open_on_full_disk()


def test_spans_wait_for_room_on_the_disk_and_what_makes_room_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine says that a block is stored whose files a full disk cut short."""
    first, second = (
        SpanRecord(project="default", trace_id=f"{n:032x}", span_id=f"{n:016x}", start_ns=1, ingested_ns=1)
        for n in (1, 2)
    )
    with closing(open_store(StoreConfig(data_dir=tmp_path))) as store:
        store.writer.write([first], token="first")
        with monkeypatch.context() as full:
            full.setattr("sightline_storage.engines.chdb_engine._ROOM_FOR_SPANS", 2**60)
            with pytest.raises(BackendError, match="enough free space"):
                store.writer.write([second], token="second")
            assert store.delete_traces(ProjectId("default"), [first["trace_id"]]) == 1
        store.writer.write([second], token="second")
        assert store.engine.query("SELECT span_id FROM spans FINAL", {}) == [(second["span_id"],)]


@contextmanager
def _files_cut_at(size: int) -> Iterator[None]:
    """As on a full disk: the kernel cuts short what is longer, of a part its lists of columns."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_block_or_merge_that_the_disk_cut_short_is_refused_and_nothing_is_lost(tmp_path: Path) -> None:
    """The engine says that it is stored, and finds the part broken at its next start."""
    config, spans = StoreConfig(data_dir=tmp_path), "SELECT count(), uniqExact(trace_id) FROM spans FINAL"
    records = [
        SpanRecord(project="default", trace_id=f"{n:032x}", span_id=f"{n:016x}", start_ns=1, ingested_ns=1)
        for n in range(4)
    ]
    with closing(open_store(config)) as store:
        for record in records[:3]:
            store.writer.write([record], token=record["trace_id"])
        with _files_cut_at(4_000), pytest.raises(BackendError, match="written again"):
            store.writer.write(records[3:], token="cut")
        assert store.engine.query(spans, {}) == [(3, 3)]
        store.writer.write(records[3:], token="cut")
        assert store.engine.query(spans, {}) == [(4, 4)]
        with _files_cut_at(4_000), pytest.raises(BackendError, match="written again"):
            store.engine.command("OPTIMIZE TABLE spans FINAL")
        assert store.engine.query(spans, {}) == [(4, 4)]
        store.engine.command("OPTIMIZE TABLE spans FINAL")
    with closing(open_store(config)) as store:
        assert store.engine.query(spans, {}) == [(4, 4)]
        assert store.engine.query("SELECT count() FROM system.detached_parts", {}) == [(0,)]


@pytest.mark.parametrize(
    ("file", "kept"),
    [
        ("metadata_version.txt", slice(0)),
        ("default_compression_codec.txt", slice(0)),
        ("columns.txt", slice(0)),
        ("columns_substreams.txt", slice(4_096, None)),
    ],
)
def test_a_part_is_whole_only_with_the_files_that_its_list_leaves_out(
    tmp_path: Path, file: str, kept: slice
) -> None:
    """One write that the disk refused may be all of such a file, or its first page."""
    config = StoreConfig(data_dir=tmp_path)
    with closing(open_store(config)) as store:
        store.writer.write([{"project": ProjectId("p"), "start_ns": 1}], token="t")
        of_spans = "SELECT path FROM system.parts WHERE table = 'spans' AND active"
        ((path,),) = store.engine.query(of_spans, {})
    part = Path(str(path))
    assert not is_cut(part)
    (part / file).write_bytes((part / file).read_bytes()[kept])
    assert is_cut(part)
    with closing(open_store(config)) as store:
        assert store.engine.query("SELECT reason FROM system.detached_parts", {}) == [("broken-on-start",)]


def test_lists_of_columns_in_a_later_format_are_not_judged(tmp_path: Path) -> None:
    """An engine that writes them otherwise must not have each of its blocks stored again and again."""
    with closing(open_store(StoreConfig(data_dir=tmp_path))) as store:
        store.writer.write([{"project": ProjectId("p"), "start_ns": 1}], token="t")
        of_spans = "SELECT path FROM system.parts WHERE table = 'spans' AND active"
        ((path,),) = store.engine.query(of_spans, {})
    listed = Path(str(path)) / "columns_substreams.txt"
    listed.write_bytes(b"columns substreams version: 2\nanything\n")
    assert not is_cut(listed.parent)
    listed.write_bytes(b"columns substreams version: 1\nanything\n")
    assert is_cut(listed.parent)


def test_a_directory_that_cannot_be_written_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="cannot write to the data directory") as caught:
        open_store(StoreConfig(data_dir=tmp_path / "file" / "below"))
    assert "\n" not in str(caught.value)


def test_a_closed_store_answers_with_a_backend_error(tmp_path: Path) -> None:
    store = open_store(StoreConfig(data_dir=tmp_path))
    store.close()
    store.close()
    with pytest.raises(BackendError, match="closed"):
        store.ping()
    with pytest.raises(BackendError, match="closed"):
        store.writer.write([{"project": ProjectId("p"), "start_ns": 1}], token="t")


def test_spans_are_stored_while_a_background_job_sums_for_long(tmp_path: Path) -> None:
    store = open_store(StoreConfig(data_dir=tmp_path))

    def sum_for_half_a_minute() -> None:
        with pytest.raises(BackendError, match="cancelled"):
            store.engine.command(
                "INSERT INTO rollup_marks (project, token) SELECT 'p', toString(sleepEachRow(0.1))"
                " FROM numbers(300) SETTINGS max_block_size = 1"
            )

    def running() -> int:
        processes = "SELECT count() FROM system.processes WHERE query LIKE 'INSERT INTO rollup_marks%'"
        return int(store.engine.query(processes, {})[0][0])

    job = threading.Thread(target=sum_for_half_a_minute)
    try:
        job.start()
        until(running)
        store.writer.write([{"project": ProjectId("p"), "start_ns": 1}], token="t")
        assert running() == 1
        store.engine.query("KILL QUERY WHERE query LIKE 'INSERT INTO rollup_marks%' SYNC", {})
    finally:
        job.join()
        store.close()


def test_a_server_url_names_hosts_credentials_database_and_cluster() -> None:
    address = ServerAddress.parse(
        "clickhouses://u%40x:p%3Aw@one,two:9443,[::1]:8443/db?cluster=prod&replicated=1"
    )
    assert address.hosts == (("one", 8443), ("two", 9443), ("::1", 8443))
    assert (address.user, address.password, address.database) == ("u@x", "p:w", "db")
    assert (address.secure, address.cluster, address.replicated) == (True, "prod", True)
    plain = ServerAddress.parse("clickhouse://host")
    assert (plain.hosts, plain.user, plain.database) == ((("host", 8123),), "default", "sightline")
    assert ServerAddress.parse("clickhouse://u:p[@[::1]/db").password == "p["


@pytest.mark.parametrize(
    "url",
    [
        "http://h",
        "clickhouse://",
        "clickhouse://u:secret@h:port/db",
        "clickhouse://u:secret@h:99999/db",
        "clickhouse://u:secret@h:0/db",
        "clickhouse://u:secret@h:²/db",
        "clickhouse://u:secret@h/db?x=1",
        "clickhouse://u:secret@h/db?cluster=",
        "clickhouse://u:secret@h,h2/db",
        "clickhouse://u:secret@h/db?cluster=prod&replicated=yes",
    ],
)
def test_a_server_url_that_is_wrong_is_one_line_without_the_password(url: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        ServerAddress.parse(url)
    assert "secret" not in str(caught.value)


def test_a_backup_says_why_its_folder_cannot_be_written(tmp_path: Path) -> None:
    def fill_the_disk(_folder: Path) -> None:
        Path("/dev/full").write_text("metadata")

    store = open_store(StoreConfig(data_dir=tmp_path / "data"))
    with closing(store):
        with pytest.raises(CallerError, match=r"^/proc/copy cannot be made: No such file or directory$"):
            store.back_up(Path("/proc/copy"))
        with pytest.raises(BackendError, match=r"copy cannot be written: No space left on device$"):
            store.back_up(tmp_path / "copy", fill_the_disk)
    assert not (tmp_path / "copy").exists()


def test_a_store_is_either_a_directory_or_a_server(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError):
        StoreConfig()
    with pytest.raises(ConfigurationError):
        StoreConfig(data_dir=tmp_path, clickhouse_url="clickhouse://h")


def test_a_server_that_does_not_answer_is_a_backend_error() -> None:
    with pytest.raises(BackendError):
        open_store(StoreConfig(clickhouse_url="clickhouse://127.0.0.1:1/db"))


def test_a_server_without_tls_is_told_in_a_few_words() -> None:
    def answer(plain: socket.socket) -> None:
        with suppress(OSError):
            while True:
                connection, _ = plain.accept()
                with connection:
                    connection.sendall(b"HTTP/1.0 400\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as plain:
        threading.Thread(target=answer, args=(plain,), daemon=True).start()
        port = plain.getsockname()[1]
        with pytest.raises(BackendError, match=rf":{port} cannot be reached: [\w -]+$"):
            open_store(StoreConfig(clickhouse_url=f"clickhouses://127.0.0.1:{port}/db"))
        plain.shutdown(socket.SHUT_RDWR)


@given(st.integers(0, 2**63 - 1), st.text("0123456789abcdef", max_size=32))
def test_a_cursor_comes_back_as_it_was(start_ns: int, trace_id: str) -> None:
    assert TraceKey.decode(TraceKey(start_ns, trace_id).encode()) == TraceKey(start_ns, trace_id)


@given(st.text(max_size=60))
def test_any_other_text_is_a_cursor_of_ours_or_the_callers_fault(text: str) -> None:
    try:
        key = TraceKey.decode(text)
    except CallerError:
        return
    assert TraceKey.decode(key.encode()) == key


def test_an_error_of_the_engine_does_not_repeat_the_values_of_the_query(tmp_path: Path) -> None:
    store = open_store(StoreConfig(data_dir=tmp_path))
    try:
        with pytest.raises(BackendError) as caught:
            store.engine.query("SELECT toDecimal64({v:String}, {v:String})", {"v": "somebody's prompt"})
    finally:
        store.close()
    assert "ClickHouse failed" in str(caught.value)
    assert "prompt" not in str(caught.value)


_RELEASE = """
import re, pathlib, chdb
from sightline_storage.engines.code_pages import release_code_pages
def resident():
    status = pathlib.Path("/proc/self/status").read_text()
    return int(re.search(r"RssFile:\\s+(\\d+)", status)[1]) // 1024
before = resident()
release_code_pages()
print(before - resident(), chdb.query("SELECT sum(number) FROM numbers(5)").bytes().decode().strip())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems count memory otherwise")
def test_code_that_only_the_start_needed_is_given_back_and_still_runs() -> None:
    done = subprocess.run([sys.executable, "-c", _RELEASE], capture_output=True, text=True, check=True)
    released_mb, answer = done.stdout.split()
    assert int(released_mb) > 50
    assert answer == "10"
