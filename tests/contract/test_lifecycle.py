"""Deleting, expiring, repricing, exporting, backing up and restoring, on every kind of store."""

import errno
import json
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import zstandard
from sqlalchemy import Engine
from tests.contract.conftest import empty

from sightline_core.errors import BackendError, CallerError, ConfigurationError, NotFound
from sightline_core.ids import ProjectId, TraceId
from sightline_core.query_tree import EVERYTHING
from sightline_core.time_range import TimeRange
from sightline_storage import SpanRecord, Store, StoreConfig, open_store
from sightline_storage.condition import node_conditions
from sightline_storage.console.sql_console import SqlConsole
from sightline_storage.contract import SpanBlock
from sightline_storage.failures.failure_hours import FailureHours
from sightline_storage.lifecycle.deletion_requests import DeletionRequests
from sightline_storage.search.trace_search import TraceSearch
from sightline_storage.spend.repricing import Reprice, reprice_calls

MakeSpan = Callable[..., SpanRecord]
BASE_NS = 1_790_000_000_000_000_000
DAY_NS = 86_400_000_000_000
NOON = datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)
AROUND = TimeRange(NOON - timedelta(days=40), NOON + timedelta(days=2))


@pytest.fixture(autouse=True)
def _emptied(request: pytest.FixtureRequest) -> None:
    """Nothing of other tests: a copy takes all that is there, and minutes of the last seconds one by one."""
    if "store" in request.fixturenames:
        empty(request.getfixturevalue("store"))


@pytest.fixture(scope="module")
def _other_store(server_url: str) -> Iterator[Store]:
    opened = open_store(StoreConfig(clickhouse_url=server_url.replace("/single", "/exported")))
    yield opened
    for node in opened.engine.nodes():
        node.command("DROP DATABASE exported SYNC")
    opened.close()


@pytest.fixture
def target(_other_store: Store) -> Store:
    """A store to copy to, with nothing in it: what another test copied there would be summed anew."""
    empty(_other_store)
    return _other_store


def _traces(store: Store, project: ProjectId) -> set[str]:
    page = TraceSearch(store.engine).find_traces(project, AROUND, EVERYTHING, limit=1000)
    assert page.next_cursor is None
    return {row.trace_id for row in page.traces}


def _rolled_up(store: Store, project: ProjectId) -> tuple[int, int, Decimal]:
    """Spans of the minutes, spans of the hours and cost of the hours, after a refresh."""
    while store.refresh_rollups(NOON):
        pass
    query = "SELECT sum(spans), sum(cost_usd) FROM {} FINAL WHERE project = {{project:String}} LIMIT 1"
    ((minutes, _),) = store.engine.query(query.format("rollup_minute"), {"project": project})
    ((hours, usd),) = store.engine.query(query.format("rollup_hour"), {"project": project})
    return minutes, hours, usd


def test_a_backup_put_into_an_emptied_project_brings_everything_back_once(
    store: Store, project: ProjectId, span: MakeSpan, tmp_path: Path
) -> None:
    spans = [span(input="it's \\ %s \n 𝒳", start_ns=BASE_NS - n * DAY_NS // 10) for n in range(8)]
    store.writer.write(spans, token="t1")
    store.writer.write(spans, token="t2")
    before = _rolled_up(store, project)
    assert store.back_up(tmp_path / "backup") >= 8
    with pytest.raises(CallerError, match="exists"):
        store.back_up(tmp_path / "backup")
    store.delete_traces(project, [s["trace_id"] for s in spans])
    assert _traces(store, project) == set()
    store.restore(tmp_path / "backup")
    store.restore(tmp_path / "backup")
    assert _traces(store, project) == {s["trace_id"] for s in spans}
    assert _rolled_up(store, project) == before


def test_a_copy_holds_a_part_that_begins_in_the_last_second_of_its_block(
    store: Store, target: Store, project: ProjectId, span: MakeSpan, tmp_path: Path
) -> None:
    minute_ns = BASE_NS // (60 * 10**9) * 60 * 10**9
    late, early = (span(start_ns=minute_ns + round(second * 1e9)) for second in (59.5, 30.5))
    for number, record in enumerate((late, early)):
        store.writer.write([record], token=f"{project}-{number}")
    store.export_to(target)
    assert _traces(target, project) == {late["trace_id"], early["trace_id"]}
    assert _rolled_up(target, project) == _rolled_up(store, project)
    store.back_up(tmp_path / "backup")
    store.delete_traces(project, [late["trace_id"], early["trace_id"]])
    store.restore(tmp_path / "backup")
    assert _traces(store, project) == {late["trace_id"], early["trace_id"]}


def test_a_copy_takes_a_busy_minute_in_pieces(
    store: Store,
    target: Store,
    project: ProjectId,
    span: MakeSpan,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sightline_storage.lifecycle.transfer._ROWS_A_BLOCK", 50)
    spans = [span(start_ns=BASE_NS + n) for n in range(200)]
    store.writer.write(spans, token=str(project))
    before = _rolled_up(store, project)
    store.back_up(tmp_path / "backup")
    blocks = json.loads((tmp_path / "backup" / "manifest.json").read_text())["blocks"]
    rows = [block["rows"] for block in blocks if (block["table"], block["project"]) == ("spans", project)]
    assert sum(rows) == 200
    assert max(rows) < 90
    store.export_to(target)
    assert _traces(target, project) == {record["trace_id"] for record in spans}
    store.delete_traces(project, [record["trace_id"] for record in spans])
    store.restore(tmp_path / "backup")
    assert _traces(store, project) == {record["trace_id"] for record in spans}
    assert _rolled_up(store, project) == before


def test_a_day_that_is_closed_during_a_copy_keeps_its_sums_there(
    store: Store, target: Store, project: ProjectId, span: MakeSpan, monkeypatch: pytest.MonkeyPatch
) -> None:
    midnight_ns = BASE_NS // DAY_NS * DAY_NS
    spans = [span(start_ns=midnight_ns + n * 60 * 10**9, cost_usd=Decimal(1)) for n in range(5)]
    store.writer.write(spans, token=str(project))
    before = _rolled_up(store, project)
    read_native = store.engine.read_native
    dropped: list[int] = []

    def read_and_drop(sql: str, params: Mapping[str, Any]) -> bytes:
        rows = read_native(sql, params)
        if " FROM spans " in sql and params["project"] == project and not dropped:
            dropped.append(store.drop_expired(project, date(2026, 9, 22)))
        return rows

    monkeypatch.setattr(store.engine, "read_native", read_and_drop)
    store.export_to(target)
    assert dropped[0] >= 1
    assert _rolled_up(target, project) == before
    target.writer.write([span(start_ns=midnight_ns)], token=f"{project}-late")
    assert _rolled_up(target, project) == before


def test_a_backup_made_while_spans_arrive_holds_all_that_was_stored_before_it_and_sums_what_it_holds(
    store: Store, target: Store, project: ProjectId, span: MakeSpan, tmp_path: Path
) -> None:
    enough, ended = threading.Event(), threading.Event()

    def arrive() -> None:
        for number in count():
            # Minutes that are stored already, and new ones before and after them.
            starts = (BASE_NS, BASE_NS - number % 5 * DAY_NS, BASE_NS + number * 60 * 10**9)
            store.writer.write([span(start_ns=start) for start in starts], token=f"{project}-{number}")
            if number == 5:
                enough.set()
            if ended.is_set():
                return

    with ThreadPoolExecutor(1) as pool:
        arriving = pool.submit(arrive)
        try:
            assert enough.wait(60)
            before = _traces(store, project)
            store.back_up(tmp_path / "backup")
        finally:
            ended.set()
        arriving.result(60)
    target.restore(tmp_path / "backup")
    restored = _traces(target, project)
    assert before <= restored <= _traces(store, project)
    assert _rolled_up(target, project)[:2] == (len(restored), len(restored))


def test_what_was_deleted_after_a_backup_is_in_the_sums_again_when_it_is_restored(
    store: Store, project: ProjectId, span: MakeSpan, tmp_path: Path
) -> None:
    spans = [span(user="ann"), span(user="bob")]
    store.writer.write(spans, token="t")
    before = _rolled_up(store, project)
    store.back_up(tmp_path / "backup")
    manifest = tmp_path / "backup" / "manifest.json"
    # As of a backup that was made later than a second after the last span.
    said = json.loads(manifest.read_text())
    manifest.write_text(json.dumps({**said, "late": [], "checksum": None}))
    store.delete_user(project, "ann")
    assert _rolled_up(store, project)[:2] == (1, 1)
    store.restore(tmp_path / "backup")
    assert _rolled_up(store, project) == before


def test_a_target_that_sums_what_it_has_while_it_is_copied_to_has_the_same_sums_in_the_end(
    store: Store, project: ProjectId, span: MakeSpan, target: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.writer.write([span(), span(start_ns=BASE_NS - DAY_NS)], token="t")
    read_native = store.engine.read_native

    def read_while_the_target_sums(sql: str, params: Mapping[str, Any]) -> bytes:
        _rolled_up(target, project)
        return read_native(sql, params)

    monkeypatch.setattr(store.engine, "read_native", read_while_the_target_sums)
    store.export_to(target)
    assert _rolled_up(target, project) == _rolled_up(store, project)
    assert _rolled_up(target, project)[:2] == (2, 2)


def test_a_backup_holds_nothing_of_a_trace_that_was_deleted_before(
    store: Store, project: ProjectId, span: MakeSpan, tmp_path: Path
) -> None:
    store.writer.write([span(trace_id="a" * 32)], token="t")
    assert store.reprice(project, AROUND, lambda _: SpanRecord(cost_usd=Decimal(1)), NOON) == 1
    store.delete_traces(project, ["a" * 32])
    store.back_up(tmp_path / "backup")
    blocks = json.loads((tmp_path / "backup" / "manifest.json").read_text())["blocks"]
    assert {block["table"] for block in blocks if block["project"] == project} <= {"rollup_marks"}


def test_what_is_deleted_during_a_backup_does_not_come_back_in_part(
    store: Store,
    target: Store,
    project: ProjectId,
    span: MakeSpan,
    metadata: Engine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sightline_storage.lifecycle.transfer._ROWS_A_BLOCK", 1)
    trace = {"trace_id": "a" * 32}
    first, second, third = (BASE_NS + minute * 60 * 10**9 for minute in (0, 2, 4))
    spans = [span(**trace, start_ns=first), span(**trace, start_ns=second, user="ann"), span(start_ns=third)]
    store.writer.write(spans, token=str(project))
    requests, read_native = DeletionRequests(metadata, store.engine), store.engine.read_native

    def read_and_delete(sql: str, params: Mapping[str, Any]) -> bytes:
        rows = read_native(sql, params)
        if " FROM spans " in sql and not requests.open():
            at = NOON + timedelta(hours=1)
            requests.carry_out(requests.ask(project, "user", "ann", by="test", now=at), at)
        return rows

    monkeypatch.setattr(store.engine, "read_native", read_and_delete)
    store.back_up(tmp_path / "backup")
    target.restore(tmp_path / "backup")
    assert "a" * 32 in _traces(target, project)
    assert DeletionRequests(metadata, target.engine).carry_out_in(target.engine) == 1
    assert _traces(target, project) == {spans[2]["trace_id"]}


def test_a_folder_without_a_complete_backup_is_refused(store: Store, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no complete backup"):
        store.restore(tmp_path)


def test_a_backup_with_a_changed_byte_is_refused(
    store: Store, project: ProjectId, span: MakeSpan, tmp_path: Path
) -> None:
    store.writer.write([span(input="what was asked")], token="t")
    store.back_up(tmp_path / "backup")
    for file in (tmp_path / "backup").glob("*.zst"):
        changed = bytearray(file.read_bytes())
        assert zstandard.get_frame_parameters(bytes(changed)).has_checksum
        changed[-1] ^= 1
        file.write_bytes(changed)
    with pytest.raises(ConfigurationError, match="is damaged"):
        store.restore(tmp_path / "backup")


def test_what_a_damaged_backup_puts_back_is_in_the_sums(
    store: Store, target: Store, project: ProjectId, span: MakeSpan, tmp_path: Path
) -> None:
    store.writer.write([span(), span()], token=project)
    before = _rolled_up(store, project)
    store.back_up(tmp_path / "backup")
    blocks = json.loads((tmp_path / "backup" / "manifest.json").read_text())["blocks"]
    first = [block["table"] for block in blocks].index("rollup_minute")
    (tmp_path / "backup" / f"{first:08}.native.zst").unlink()
    with pytest.raises(ConfigurationError, match="damaged or missing"):
        target.restore(tmp_path / "backup")
    assert len(_traces(target, project)) == 2
    assert _rolled_up(target, project) == before


def test_a_backup_that_the_disk_does_not_keep_is_none(
    store: Store, project: ProjectId, span: MakeSpan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.writer.write([span()], token=project)
    folder = tmp_path / "backup"

    def refuse(_descriptor: int) -> None:
        assert not (folder / "manifest.json").exists()
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(BackendError, match="cannot be written: Input/output error"):
        store.back_up(folder)
    assert not folder.exists()


def test_an_export_takes_along_what_arrives_while_it_runs(
    store: Store, project: ProjectId, span: MakeSpan, target: Store
) -> None:
    first = [span(start_ns=BASE_NS - n * DAY_NS // 28) for n in range(12)]  # each in a minute of its own
    arriving = [span() for _ in range(12)]
    store.writer.write(first, token="first")
    _rolled_up(store, project)

    def write() -> None:
        for number, late in enumerate(arriving):
            store.writer.write([late], token=f"late-{number}")

    writing = threading.Thread(target=write)
    writing.start()
    store.export_to(target)
    writing.join()
    store.export_to(target)
    assert _traces(target, project) == _traces(store, project)
    assert len(_traces(target, project)) == 24
    assert _rolled_up(target, project) == _rolled_up(store, project)


def test_an_export_takes_what_arrived_in_many_minutes_together(
    store: Store, project: ProjectId, span: MakeSpan, target: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    minutes = [BASE_NS - n * DAY_NS // 28 for n in range(40)]
    store.writer.write([span(start_ns=start_ns) for start_ns in minutes], token="first")
    insert, copied = target.engine.insert, 0

    def insert_while_spans_arrive(table: str, *arguments: Any, token: str) -> None:
        nonlocal copied
        insert(table, *arguments, token=token)
        if table == "spans":
            copied += 1
            if copied == 1:
                store.writer.write([span(start_ns=start_ns + 1) for start_ns in minutes[::2]], token="late")

    monkeypatch.setattr(target.engine, "insert", insert_while_spans_arrive)
    store.export_to(target)
    assert _traces(target, project) == _traces(store, project)
    assert len(_traces(target, project)) == 60
    assert copied <= 6


def test_a_deleted_trace_is_gone_from_lists_sums_and_the_index(
    store: Store, project: ProjectId, span: MakeSpan
) -> None:
    kept, gone = span(), [span(trace_id="a" * 32, start_ns=BASE_NS - n * DAY_NS) for n in range(3)]
    store.writer.write([kept, *gone], token="t")
    assert _rolled_up(store, project)[:2] == (4, 4)
    assert store.delete_traces(project, ["a" * 32, "b" * 32]) == 1
    assert _traces(store, project) == {kept["trace_id"]}
    with pytest.raises(NotFound):
        store.traces.read_trace(project, TraceId("a" * 32))
    assert _rolled_up(store, project) == (1, 1, kept["cost_usd"])
    assert store.delete_traces(project, ["a" * 32]) == 0


def test_deleting_a_user_or_a_session_deletes_whole_traces_of_that_project_only(
    store: Store, project: ProjectId, span: MakeSpan
) -> None:
    other = ProjectId(f"{project}-other")
    spans = [
        span(trace_id="1" * 32, user="ann"),
        span(trace_id="1" * 32, parent_span_id="1" * 16),
        span(trace_id="2" * 32, user="bob", session="s1"),
        span(trace_id="3" * 32, user="bob", session="s2"),
        span(trace_id="4" * 32, user="ann", project=other),
    ]
    store.writer.write(spans, token="t")
    assert store.delete_user(project, "ann") == 1
    assert store.delete_session(project, "s1") == 1
    assert store.delete_user(project, "nobody") == 0
    assert _traces(store, project) == {"3" * 32}
    assert _traces(store, other) == {"4" * 32}


def test_expired_days_are_dropped_whole_for_one_project_and_rollups_stay(
    store: Store, project: ProjectId, span: MakeSpan
) -> None:
    other = ProjectId(f"{project}-other")
    spans = [span(start_ns=BASE_NS - n * DAY_NS) for n in range(4)]
    foreign = span(project=other, start_ns=BASE_NS - 3 * DAY_NS)
    store.writer.write([*spans, foreign], token="t")
    assert _rolled_up(store, project)[:2] == (4, 4)
    assert store.drop_expired(project, date(2026, 9, 20)) >= 2
    assert _traces(store, project) == {s["trace_id"] for s in spans[:2]}
    assert _traces(store, other) == {foreign["trace_id"]}
    assert _rolled_up(store, project)[:2] == (4, 4)
    assert store.drop_expired(project, date(2026, 9, 20)) == 0


def test_a_day_that_only_other_projects_have_spans_in_is_summed_when_a_longer_retention_lets_it_come(
    store: Store, project: ProjectId, span: MakeSpan
) -> None:
    foreign = span(project=ProjectId(f"{project}-other"), start_ns=BASE_NS - 3 * DAY_NS)
    store.writer.write([foreign, span(start_ns=BASE_NS - 4 * DAY_NS)], token="t")
    assert store.drop_expired(project, date(2026, 9, 20)) >= 1
    store.writer.write([span(start_ns=BASE_NS - 3 * DAY_NS)], token="history")
    assert _rolled_up(store, project)[:2] == (2, 2)


def test_days_that_are_dropped_before_a_worker_summed_them_are_in_the_sums_all_the_same(
    store: Store, project: ProjectId, span: MakeSpan
) -> None:
    spans = [span(start_ns=BASE_NS - n * DAY_NS) for n in range(4)]
    store.writer.write(spans, token="t")
    assert store.drop_expired(project, date(2026, 9, 20)) >= 2
    assert _traces(store, project) == {s["trace_id"] for s in spans[:2]}
    assert _rolled_up(store, project)[:2] == (4, 4)


def test_a_span_that_comes_after_its_day_was_dropped_takes_no_sum_away(
    store: Store, project: ProjectId, span: MakeSpan
) -> None:
    failed = {"status": "error", "failure_category": "exception", "failure_fingerprint": "boom"}
    begun = BASE_NS - 3 * DAY_NS
    old = [span(start_ns=begun + n, cost_usd=Decimal("0.5"), **failed) for n in range(3)]
    store.writer.write(old, token="t")
    day = datetime.fromtimestamp(begun // 10**9, UTC)

    def sums() -> tuple[tuple[int, int, Decimal], list[tuple[Any, ...]]]:
        FailureHours(store.engine).refresh([(project, day.replace(minute=0, second=0))], NOON)
        query = "SELECT sum(spans) FROM failure_hours FINAL WHERE project = {p:String}"
        return _rolled_up(store, project), store.engine.query(query, {"p": project})

    kept = ((3, 3, Decimal("1.5")), [(3,)])
    assert sums() == kept
    store.drop_expired(project, date(2026, 9, 20))
    late, in_time = span(start_ns=begun + 9, **failed), span(start_ns=begun + 2 * DAY_NS)
    store.writer.write([late, in_time], token="late")
    assert sums() == ((4, 4, Decimal("1.500001000001")), [(3,)])
    store.drop_expired(project, date(2026, 9, 20))
    assert _traces(store, project) == {in_time["trace_id"]}
    assert sums() == ((4, 4, Decimal("1.500001000001")), [(3,)])


def test_repricing_rewrites_the_cost_and_keeps_the_old_figure(
    store: Store, project: ProjectId, span: MakeSpan
) -> None:
    calls = [span(cost_state="unpriced", cost_usd=Decimal(0)) for _ in range(5)]
    tool = span(kind="tool", cost_state="none", cost_usd=Decimal(0), input="kept")
    store.writer.write([*calls, tool], token="t")
    new = SpanRecord(cost_usd=Decimal("0.25"), cost_state="priced", price_id="override")

    def reprice(call: SpanRecord) -> SpanRecord:
        return new if call["span_id"] != calls[0]["span_id"] else {}

    assert store.reprice(project, AROUND, reprice, NOON) == 4
    assert store.reprice(project, AROUND, reprice, NOON) == 0
    assert _rolled_up(store, project) == (6, 6, Decimal("1.00"))
    audit = store.engine.query(
        "SELECT old_cost_usd, old_cost_state, new_cost_usd, new_price_id FROM reprice_audit FINAL"
        " WHERE project = {project:String} LIMIT 100",
        {"project": project},
    )
    assert audit == [(Decimal(0), "unpriced", Decimal("0.25"), "override")] * 4
    console, asked = SqlConsole(store.engine), "SELECT old_cost_state, new_cost_usd FROM reprice_audit"
    assert console.run(project, asked, limit=9).rows == [["unpriced", "0.25"]] * 4
    assert console.run(ProjectId("neighbour"), asked, limit=9).rows == []


def test_repricing_that_was_killed_before_it_wrote_keeps_the_old_figure_once(
    store: Store, project: ProjectId, span: MakeSpan
) -> None:
    store.writer.write([span(cost_state="unpriced")], token="t")

    class Killed:
        """A writer that comes to nothing."""

        def write(self, records: Sequence[SpanRecord], *, token: str) -> None:
            raise KeyboardInterrupt

        def block(self) -> SpanBlock:
            return store.writer.block()

    def prices(usd: str) -> Reprice:
        return lambda _: SpanRecord(cost_usd=Decimal(usd), cost_state="priced", price_id="new")

    with pytest.raises(KeyboardInterrupt):
        reprice_calls(store.engine, Killed(), project, AROUND, prices("0.2"), NOON)
    assert store.reprice(project, AROUND, prices("0.3"), NOON + timedelta(minutes=1)) == 1
    assert store.reprice(project, AROUND, prices("0.4"), NOON + timedelta(minutes=2)) == 1
    asked = "SELECT old_cost_state, new_cost_usd FROM reprice_audit ORDER BY repriced_at"
    assert SqlConsole(store.engine).run(project, asked, limit=9).rows == [
        ["unpriced", "0.3"],
        ["priced", "0.4"],
    ]


def test_quiet_hours_of_a_day_are_repriced_in_one_block(
    store: Store, project: ProjectId, span: MakeSpan
) -> None:
    midnight = BASE_NS - BASE_NS % DAY_NS
    hours = [midnight + hour * 3_600_000_000_000 for hour in (-1, 0, 1, 5, 23)]
    store.writer.write([span(start_ns=start, cost_state="unpriced") for start in hours], token="t")
    blocks: list[int] = []

    class Counting:
        """A writer that notes how much is written at once."""

        def write(self, records: Sequence[SpanRecord], *, token: str) -> None:
            blocks.append(len(records))
            store.writer.write(records, token=token)

        def block(self) -> SpanBlock:
            return store.writer.block()

    priced = SpanRecord(cost_usd=Decimal("0.25"), cost_state="priced", price_id="new")
    day = timedelta(days=1)
    days = TimeRange(AROUND.start - day, AROUND.end + day)
    assert reprice_calls(store.engine, Counting(), project, days, lambda _: priced, NOON) == 5
    assert blocks == [1, 4]


def test_repricing_and_a_job_that_writes_the_same_call_keep_each_other_s_change(
    store: Store, project: ProjectId, span: MakeSpan
) -> None:
    calls = [span(cost_state="unpriced", cost_usd=Decimal(0)) for _ in range(2)]
    store.writer.write(calls, token="t")
    jobs = count()

    def reprice(call: SpanRecord) -> SpanRecord:
        if next(jobs) == 0:
            written: SpanRecord = {**call, "session": "of a job", "ingested_ns": time.time_ns()}
            store.writer.write([written], token="job")
        return SpanRecord(cost_usd=Decimal("0.25"), cost_state="priced", price_id="new")

    assert store.reprice(project, AROUND, reprice, NOON) == 2
    stored = store.engine.query(
        "SELECT session, cost_usd FROM spans FINAL WHERE project = {project:String} ORDER BY session LIMIT 9",
        {"project": project},
    )
    assert stored == [("", Decimal("0.25")), ("of a job", Decimal("0.25"))]


def test_a_call_that_a_job_writes_right_after_it_was_repriced_has_the_new_cost_in_the_end(
    store: Store, project: ProjectId, span: MakeSpan
) -> None:
    call = span(cost_state="unpriced", cost_usd=Decimal(0))
    store.writer.write([call], token="t")

    late: list[SpanRecord] = [{**call, "session": "of a job"}]

    class Overtaken:
        """A writer after which a job writes the call once as it had read it before."""

        def write(self, records: Sequence[SpanRecord], *, token: str) -> None:
            store.writer.write(records, token=token)
            if late:
                newer: SpanRecord = {**late.pop(), "ingested_ns": records[0]["ingested_ns"] + 1}
                store.writer.write([newer], token=f"{project} job")

        def block(self) -> SpanBlock:
            return store.writer.block()

    priced = SpanRecord(cost_usd=Decimal("0.25"), cost_state="priced", price_id="new")
    assert reprice_calls(store.engine, Overtaken(), project, AROUND, lambda _: priced, NOON) == 1
    params = {"project": project}
    spans = "SELECT session, cost_usd FROM spans FINAL WHERE project = {project:String} LIMIT 9"
    assert store.engine.query(spans, params) == [("of a job", Decimal("0.25"))]
    audit = "SELECT old_cost_state, new_cost_usd FROM reprice_audit FINAL WHERE project = {project:String}"
    assert store.engine.query(f"{audit} LIMIT 9", params) == [("unpriced", Decimal("0.25"))]


def test_one_shard_down_refuses_and_loses_nothing_and_counts_nothing_twice(
    listeners: tuple[Any, Any], cluster_url: str, project: ProjectId, span: MakeSpan
) -> None:
    store = open_store(StoreConfig(clickhouse_url=cluster_url))
    try:
        acknowledged, refused = [span() for _ in range(30)], [span() for _ in range(30)]
        store.writer.write(acknowledged, token=f"{project}-up")
        for down in listeners:
            down.stop()
            with pytest.raises(BackendError):
                store.writer.write(refused, token=f"{project}-down")
            with pytest.raises(BackendError):
                _traces(store, project)
            with pytest.raises(BackendError):
                store.ping()
            told = node_conditions(store.engine)
            assert [isinstance(node, BackendError) for node in told] == [down is each for each in listeners]
            down.start()
        store.writer.write(refused, token=f"{project}-down")
        assert _traces(store, project) == {s["trace_id"] for s in acknowledged + refused}
        assert _rolled_up(store, project)[:2] == (60, 60)
        shards = [
            node.query("SELECT count() FROM spans_local FINAL WHERE project = {p:String}", {"p": project})[0][
                0
            ]
            for node in store.engine.nodes()
        ]
        assert sum(shards) == 60
        assert min(shards) > 0
    finally:
        store.close()
