"""What a deletion leaves: nothing for readers at once, nothing on the disk soon, and all else as it was."""

import json
import logging
import time
import uuid
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select
from tests.made_spans import BASE_NS, MakeSpan

from sightline_analysis.failures import mark_failure
from sightline_analysis.failures.job import CLUSTERS_JOB, FailureJob
from sightline_analysis.failures.trace_job import TraceJob
from sightline_core.errors import BackendError, NotFound
from sightline_core.ids import ProjectId, TraceId
from sightline_core.plain_text import short_line
from sightline_core.query_tree import EVERYTHING
from sightline_core.time_range import TimeRange
from sightline_server.deletion_job import DeletionJob
from sightline_storage import SpanRecord, Store
from sightline_storage.alerts.alert_forgetting import FORGOTTEN
from sightline_storage.alerts.alert_tables import ALERT_INCIDENTS, ALERT_OUTBOX, ALERT_STATES
from sightline_storage.alerts.incident_store import IncidentStore
from sightline_storage.engines.engine import Node
from sightline_storage.failures.failing_span_reader import FailingSpanReader
from sightline_storage.failures.failure_records import Change
from sightline_storage.failures.failure_store import FailureStore
from sightline_storage.failures.failure_trace_reader import FailureTraceReader
from sightline_storage.lifecycle.deletion_requests import (
    KEPT_FOR,
    DeletionKind,
    DeletionRequest,
    DeletionRequests,
)
from sightline_storage.metadata.job_progress import JobProgress
from sightline_storage.metadata.metadata_database import METADATA_FILE
from sightline_storage.rollups.write_follower import WriteFollower
from sightline_storage.rollups.written_minutes import WrittenMinutesReader
from sightline_storage.scores.score_record import Score
from sightline_storage.scores.score_writer import ScoreWriter
from sightline_storage.search.trace_search import TraceSearch
from sightline_storage.stoppable import stoppable

DAY_NS = 86_400_000_000_000
NOON = datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)
AROUND = TimeRange(NOON - timedelta(days=40), NOON + timedelta(days=2))
MINUTE = timedelta(minutes=1)
TABLES = ("spans", "scores", "trace_index", "reprice_audit")


@pytest.fixture
def requests(store: Store, metadata: Engine) -> DeletionRequests:
    """Requests for deletion in the store."""
    return DeletionRequests(metadata, store.engine)


def _delete(
    requests: DeletionRequests, project: ProjectId, kind: DeletionKind, value: str, now: datetime
) -> DeletionRequest:
    return requests.carry_out(requests.ask(project, kind, value, by="test", now=now), now)


def _seen(store: Store, project: ProjectId) -> set[str]:
    page = TraceSearch(store.engine).find_traces(project, AROUND, EVERYTHING, limit=1000)
    return {row.trace_id for row in page.traces}


def _kept(store: Store, project: ProjectId) -> dict[str, set[str]]:
    """Trace ids in any row on any disk, deleted or not, be it by a `DELETE` that leaves it in its part."""
    query = "SELECT DISTINCT trace_id FROM {} WHERE project = {{p:String}} SETTINGS apply_deleted_mask = 0"
    return {
        table: {str(row[0]) for row in store.engine.query(query.format(table), {"p": project})}
        for table in TABLES
    }


def _rolled_up(store: Store, project: ProjectId) -> int:
    while store.refresh_rollups(NOON):
        pass
    query = "SELECT sum(spans) FROM {} FINAL WHERE project = {{p:String}}"
    sums = [
        int(store.engine.query(query.format(f"rollup_{size}"), {"p": project})[0][0])
        for size in ("minute", "hour")
    ]
    assert sums[0] == sums[1]
    return sums[0]


def _score(trace_id: str, at: datetime = NOON) -> Score:
    return Score(trace_id, "", "", "good", "code", "", "boolean", True, "fine", at)


def test_a_deleted_trace_is_not_seen_at_once_and_leaves_every_disk_by_a_purge(
    store: Store, project: ProjectId, span: MakeSpan
) -> None:
    gone, kept = "a" * 32, "b" * 32
    spans = [
        span(trace_id=trace, start_ns=BASE_NS - day * DAY_NS, cost_state="unpriced")
        for day in range(3)
        for trace in (gone, kept)
    ]
    store.writer.write(spans, token=f"{project}-days")
    given = [_score(gone), _score(gone, NOON - timedelta(days=40)), _score(kept)]
    ScoreWriter(store.engine).write(project, given)
    priced = SpanRecord(cost_usd=Decimal(1), cost_state="priced", price_id="own")
    assert store.reprice(project, AROUND, lambda _call: priced, NOON) == len(spans)
    assert store.delete_traces(project, [gone, "c" * 32]) == 1
    assert _seen(store, project) == {kept}
    assert store.delete_traces(project, [gone]) == 0
    assert _rolled_up(store, project) == 3
    assert store.purge() > 0
    assert _kept(store, project) == {table: {kept} for table in TABLES}
    assert store.purge() == 0
    assert _seen(store, project) == {kept}
    # A mutation's text, with the ids that it names, stays in a file. Those of migrations name none.
    mutations = (
        "SELECT command FROM system.mutations WHERE database = currentDatabase()"
        " AND command NOT LIKE '%INDEX%'"
    )
    assert [node.query(mutations, {}) for node in store.engine.nodes()] == [[] for _ in store.engine.nodes()]


def test_what_could_not_be_taken_off_the_disk_is_not_told_to_be(
    store: Store,
    project: ProjectId,
    span: MakeSpan,
    requests: DeletionRequests,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The engine merges nothing where there is no room, and says no word unless it is asked to."""
    job = DeletionJob(requests, store)
    job.run(NOON)
    days = [BASE_NS - DAY_NS, BASE_NS - 2 * DAY_NS]
    store.writer.write([span(user="ann", start_ns=start) for start in days], token="two days")
    _delete(requests, project, "user", "ann", NOON)
    merged: list[str] = []
    with monkeypatch.context() as no_room:
        _merge_nothing_at_first(no_room, type(store.engine.nodes()[0]), merged)
        with pytest.raises(BackendError, match="still on the disk"):
            job.run(NOON + 10 * MINUTE)
    assert len(merged) >= 2
    assert [request.state for request in requests.newest(project, 10)] == ["deleted"]
    assert len(_kept(store, project)["spans"]) == 1
    job.run(NOON + 11 * MINUTE)
    assert [request.state for request in requests.newest(project, 10)] == ["purged"]
    assert _kept(store, project)["spans"] == set()
    store.writer.write([span(user="bob")], token="another")
    _delete(requests, project, "user", "bob", NOON)
    job.run(NOON + MINUTE)  # the clock was set back meanwhile
    assert _kept(store, project)["spans"] == set()


def _merge_nothing_at_first(patched: pytest.MonkeyPatch, nodes: type[Node], merged: list[str]) -> None:
    command = nodes.command

    def command_elsewhere(self: Node, sql: str, params: Mapping[str, Any] | None = None) -> None:
        if sql.startswith("OPTIMIZE"):
            merged.append(sql)
            params = params if len(merged) > 1 else {"partition": "none"}
        command(self, sql, params)

    patched.setattr(nodes, "command", command_elsewhere)


def test_spans_on_their_way_while_their_user_is_deleted_go_when_they_arrive_and_later_ones_stay(
    store: Store, project: ProjectId, span: MakeSpan, requests: DeletionRequests
) -> None:
    after_ns = BASE_NS + 120 * 10**9
    by_a_clock_ahead = span(trace_id="6" * 32, user="ann", start_ns=after_ns, ingested_ns=BASE_NS)
    some = [span(trace_id="1" * 32, user="ann"), span(trace_id="2" * 32, user="bob"), by_a_clock_ahead]
    store.writer.write(some, token="a")
    asked = NOON + MINUTE
    assert _delete(requests, project, "user", "ann", asked).traces == 2
    store.writer.write(
        [
            span(trace_id="3" * 32, user="ann"),
            span(trace_id="4" * 32, user="ann", start_ns=after_ns, ingested_ns=after_ns),
        ],
        token="b",
    )
    assert requests.repeat(asked + MINUTE / 2) == 0
    assert requests.repeat(asked + MINUTE) == 1
    assert _seen(store, project) == {"2" * 32, "4" * 32}
    assert _rolled_up(store, project) == 2
    assert requests.repeat(asked + 1.5 * MINUTE) == 0
    assert len(requests.open()) == 1
    assert requests.repeat(asked + KEPT_FOR - 6 * MINUTE) == 1
    store.writer.write([span(trace_id="5" * 32, user="ann")], token="c")
    assert requests.repeat(asked + KEPT_FOR - MINUTE) == 0
    DeletionJob(requests, store).run(asked + KEPT_FOR + MINUTE)
    assert requests.open() == []
    assert _kept(store, project)["spans"] == {"2" * 32, "4" * 32}


def test_a_deletion_that_the_store_does_not_take_holds_up_no_other(
    store: Store,
    project: ProjectId,
    span: MakeSpan,
    requests: DeletionRequests,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store.writer.write([span(trace_id="1" * 32), span(trace_id="2" * 32)], token=f"{project}-two")
    for trace in ("1" * 32, "2" * 32):
        requests.ask(project, "trace", trace, by="test", now=NOON)
    job, nodes = DeletionJob(requests, store), type(store.engine.nodes()[0])
    command = nodes.command

    def command_elsewhere(self: Node, sql: str, params: Mapping[str, Any] | None = None) -> None:
        if params and params.get("trace_ids") == ["1" * 32]:
            sql = sql.replace("INSERT INTO ", "INSERT INTO none_of_")
        command(self, sql, params)

    with monkeypatch.context() as refusing:
        refusing.setattr(nodes, "command", command_elsewhere)
        with pytest.raises(BackendError, match=r"deletion [0-9a-f]{32}: ClickHouse failed"):
            job.run(NOON + MINUTE)
    assert _seen(store, project) == {"1" * 32}
    assert sorted(request.state for request in requests.open()) == ["purged", "waiting"]
    job.run(NOON + 2 * MINUTE)
    assert _seen(store, project) == set()


def test_what_came_while_the_clock_was_ahead_goes_with_its_user_or_session(
    store: Store, project: ProjectId, span: MakeSpan, requests: DeletionRequests
) -> None:
    ahead = {"start_ns": BASE_NS + DAY_NS, "ingested_ns": BASE_NS + DAY_NS + 1}
    named = [
        span(trace_id="1" * 32, user="ann", **ahead),
        span(trace_id="2" * 32, session="s-1", **ahead),
        span(trace_id="3" * 32, user="bob", **ahead),
    ]
    store.writer.write(named, token=f"{project}-ahead")
    assert _delete(requests, project, "user", "ann", NOON + MINUTE).traces == 1
    assert _delete(requests, project, "session", "s-1", NOON + MINUTE).traces == 1
    assert _seen(store, project) == {"3" * 32}


def test_failure_clusters_keep_no_message_of_a_deleted_user(
    store: Store,
    project: ProjectId,
    span: MakeSpan,
    requests: DeletionRequests,
    metadata: Engine,
    tmp_path: Path,
) -> None:
    failures, reader = FailureStore(metadata), FailingSpanReader(store.engine)
    progress, written = JobProgress(metadata), WrittenMinutesReader(store.engine)
    clusters = FailureJob(failures, reader, store.writer, WriteFollower(CLUSTERS_JOB, progress, written))
    traces = TraceJob(failures, reader, FailureTraceReader(store.engine), store.writer, progress, written)

    def fail(user: str, message: str) -> None:
        record = span(user=user, kind="tool", status="error", status_message=message)
        mark_failure(record)
        store.writer.write([record], token=f"{project}-{record['span_id']}")
        clusters.run(NOON + MINUTE)

    fail("ann", "order 17 of Mrs Smith is late")
    fail("bob", "order 18 of Mrs Smith is late")
    fail("ann", "nobody answers the telephone of the doctor")
    praised = span(user="bob", trace_id="e" * 32)
    store.writer.write([praised], token=f"{project}-praised")
    comment = "you insulted me and my wife"
    ScoreWriter(store.engine).write(
        project, [Score("e" * 32, "", "", "good", "human", "ann", "boolean", False, f" {comment} ", NOON)]
    )
    traces.run(NOON + MINUTE)
    clusters.run(NOON + 2 * MINUTE)
    late, lost, felt = sorted(
        failures.clusters(project), key=lambda row: ("order" not in row.title, row.title)
    )
    assert (late.title[:8], lost.title[:6], felt.title) == ("order 17", "nobody", comment)
    change = Change({late.id: {"title": "Late orders"}})
    renamed = failures.decide(project, late.id, actor="eve", action="rename", note="", change=change, at=NOON)
    failures.undo(project, renamed, actor="eve", at=NOON)

    _delete(requests, project, "user", "ann", NOON + 3 * MINUTE)
    (left,) = failures.clusters(project)
    assert (left.id, left.title) == (late.id, "order 18 of Mrs Smith is late")
    assert [member.message for member in failures.members(project)] == [left.title]
    assert store.engine.query(
        "SELECT failure_message FROM spans FINAL WHERE project = {p:String} AND trace_id = {t:String}",
        {"p": project, "t": "e" * 32},
    ) == [("",)]
    store.purge()
    kept: list[object] = [
        store.engine.query(f"SELECT * FROM {table} WHERE project = {{p:String}}", {"p": project})
        for table in ("spans", "scores", "rollup_marks", "failure_hours")
    ]
    with metadata.connect() as connection:
        for table in ("failure_clusters", "failure_members", "failure_decisions", "failure_suggestions"):
            kept += connection.exec_driver_sql(f"SELECT * FROM {table} WHERE project = '{project}'").all()
    texts = ("order 17", "nobody answers", comment)
    assert not any(text in str(kept) for text in texts)
    requests.mark_purged([], NOON)
    files = b"".join(file.read_bytes() for file in tmp_path.glob(f"{METADATA_FILE}*"))
    assert not any(text.encode() in files for text in texts)
    assert left.title.encode() in files


def test_a_comment_that_is_taken_back_late_is_no_failure_any_more(
    store: Store, project: ProjectId, span: MakeSpan, requests: DeletionRequests, metadata: Engine
) -> None:
    failures, reader = FailureStore(metadata), FailingSpanReader(store.engine)
    progress, written = JobProgress(metadata), WrittenMinutesReader(store.engine)
    clusters = FailureJob(failures, reader, store.writer, WriteFollower(CLUSTERS_JOB, progress, written))
    traces = TraceJob(failures, reader, FailureTraceReader(store.engine), store.writer, progress, written)
    judged = span(trace_id="e" * 32)
    store.writer.write([judged], token=f"{project}-judged")
    score = Score("e" * 32, "", "", "good", "human", "ann", "boolean", False, "it insulted my wife", NOON)
    ScoreWriter(store.engine).write(project, [score])
    traces.run(NOON + MINUTE)
    clusters.run(NOON + 2 * MINUTE)
    assert [row.title for row in failures.clusters(project)] == ["it insulted my wife"]

    requests.delete_score(project, score.score_id, NOON + timedelta(hours=2))
    traces.run(NOON + timedelta(hours=2))
    assert (failures.clusters(project), failures.members(project)) == ([], [])
    (row,) = store.traces.read_trace(project, TraceId("e" * 32))[1]
    assert row.failure_category == ""
    with pytest.raises(NotFound):
        requests.delete_score(project, score.score_id, NOON + timedelta(hours=2))


def test_incidents_and_their_messages_name_no_deleted_user_and_no_trace_of_theirs(
    store: Store, project: ProjectId, span: MakeSpan, requests: DeletionRequests, metadata: Engine
) -> None:
    hers, his = (span(user=user, name=f"of {user}") for user in ("ann", "bob"))
    hers["session"] = session = "a\nsession of ann" + "!" * 300
    store.writer.write([hers, his], token=f"{project}-two")
    incidents = IncidentStore(metadata)

    def open_incident(rule: str, groups: dict[str, str]) -> str:
        where = ", ".join(f"{name}={short_line(value)}" for name, value in groups.items())
        facts = {
            "where": where,
            "title": f"[ALERT] {rule}: {where}: cost $5",
            "url": f"http://page/alerts/{rule}",
            "query_url": "http://page/traces?start=1&end=2&q=user%3Aann",
            "traces": [
                {"name": r["name"], "cost": "$1", "url": f"http://page/t/{r['trace_id']}"}
                for r in (hers, his)
            ],
            "clusters": [],
        }
        values, incident = json.dumps(list(groups.values())), uuid.uuid4().hex
        common = {"project": project, "rule": rule, "group_values": values}
        state = {"group_hash": incident, "state": json.dumps({"group_by": list(groups)}), "updated_at": NOON}
        opened = {"id": incident, "open_key": incident, "level": "alert", "opened_at": NOON}
        told = {
            "id": incident,
            "project": project,
            "incident": incident,
            "channel": "pager",
            "created_at": NOON,
        }
        message = json.dumps({"action": "trigger", "facts": facts})
        with metadata.begin() as connection:
            connection.execute(insert(ALERT_STATES).values(common | state))
            connection.execute(
                insert(ALERT_INCIDENTS).values(
                    **common, **opened, acknowledged_by="", facts=json.dumps(facts)
                )
            )
            connection.execute(
                insert(ALERT_OUTBOX).values(**told, message=message, number=1, attempts=1, last_error="")
            )
        return incident

    of_ann = open_incident("users", {"user": "ann", "app": "ann"})
    of_session = open_incident("sessions", {"session": session})
    of_app = open_incident("apps", {"app": "ann"})
    of_bob = open_incident("others", {"user": "bob"})
    _delete(requests, project, "user", "ann", NOON + MINUTE)
    row, _, messages = incidents.incident(project, of_ann)
    assert (row.group[0], row.resolved_at, row.facts["traces"]) == (FORGOTTEN, NOON + MINUTE, [])
    assert [message.message["action"] for message in messages] == ["trigger", "resolve"]
    told = str([row.facts, [message.message for message in messages]])
    assert "user=ann" not in told
    assert "of ann" not in told
    assert "user%3Aann" not in told
    row, _, _ = incidents.incident(project, of_session)
    assert (row.group, row.resolved_at) == ((FORGOTTEN,), NOON + MINUTE)
    assert "ann" not in str(row.facts)
    for other in (of_app, of_bob):
        row, _, messages = incidents.incident(project, other)
        assert row.resolved_at is None
        assert [message.message["action"] for message in messages] == ["trigger"]
        for facts in (row.facts, messages[0].message["facts"]):
            assert [trace["name"] for trace in facts["traces"]] == ["of bob"]
    with metadata.connect() as connection:
        of_project = ALERT_STATES.c.project == project
        assert set(connection.execute(select(ALERT_STATES.c.rule).where(of_project)).scalars()) == {
            "apps",
            "others",
        }


def test_a_deletion_that_waited_for_days_is_repeated_for_a_day_after_it_was_carried_out(
    store: Store, project: ProjectId, span: MakeSpan, requests: DeletionRequests
) -> None:
    store.writer.write([span(trace_id="1" * 32, user="ann")], token="stored")
    requests.ask(project, "user", "ann", by="test", now=NOON + MINUTE)
    job, back = DeletionJob(requests, store), NOON + 3 * KEPT_FOR
    job.run(back)
    job.run(back + MINUTE / 4)
    store.writer.write([span(trace_id="2" * 32, user="ann")], token="from a journal")
    job.run(back + MINUTE)
    assert _seen(store, project) == set()
    job.run(back + KEPT_FOR + MINUTE)
    job.run(back + KEPT_FOR + 15 * MINUTE)
    assert requests.open() == []


def test_a_deletion_that_was_cut_off_before_it_marked_its_minutes_is_completed_by_the_next(
    store: Store, project: ProjectId, span: MakeSpan, requests: DeletionRequests
) -> None:
    store.writer.write([span(trace_id="5" * 32, session="s"), span(trace_id="6" * 32)], token="a")
    assert _rolled_up(store, project) == 2
    _delete(requests, project, "session", "s", NOON + MINUTE)
    # As if the marks of the deletion had never been written.
    store.engine.command(
        "INSERT INTO rollup_marks (project, bucket, token, done)"
        " SELECT project, bucket, token, 1 FROM rollup_marks FINAL WHERE project = {p:String} AND done = 0",
        {"p": project},
    )
    assert _rolled_up(store, project) == 2
    requests.repeat(NOON + 3 * MINUTE)
    assert _rolled_up(store, project) == 1


def test_a_deletion_that_was_cut_off_before_it_was_noted_tells_what_it_deleted(
    store: Store, project: ProjectId, span: MakeSpan, requests: DeletionRequests
) -> None:
    asked: list[tuple[DeletionKind, str]] = [("session", "s"), ("trace", "7" * 32)]
    store.writer.write([span(trace_id="5" * 32, session="s"), span(trace_id="7" * 32)], token="a")
    for kind, value in asked:
        request = requests.ask(project, kind, value, by="test", now=NOON + MINUTE)
        assert requests.carry_out(request, NOON + MINUTE).traces == 1
        # What is kept of it is as it was before.
        assert requests.carry_out(request, NOON + 2 * MINUTE).traces == 1
    again = requests.ask(project, "trace", "7" * 32, by="test", now=datetime.now(UTC))
    assert requests.carry_out(again, datetime.now(UTC)).traces == 0


def test_a_late_span_that_names_neither_user_nor_session_goes_with_its_trace_also_after_a_purge(
    store: Store, project: ProjectId, span: MakeSpan, requests: DeletionRequests
) -> None:
    late = {"user": span(trace_id="d" * 32), "session": span(trace_id="e" * 32), "": span(trace_id="f" * 32)}
    named = [span(trace_id="d" * 32, user="ann"), span(trace_id="e" * 32, session="s-1")]
    store.writer.write([*named, late[""]], token=f"{project}-named")
    _delete(requests, project, "user", "ann", NOON + MINUTE)
    _delete(requests, project, "session", "s-1", NOON + MINUTE)
    assert _seen(store, project) == {"f" * 32}
    store.purge()
    store.writer.write([*late.values()], token=f"{project}-late")
    assert requests.repeat(NOON + 4 * MINUTE) == 2
    assert _seen(store, project) == {"f" * 32}
    assert _rolled_up(store, project) == 1


def test_a_span_that_arrives_during_a_purge_is_found_by_its_trace_and_can_be_deleted(
    store: Store, project: ProjectId, span: MakeSpan
) -> None:
    store.purge()
    for moment in range(3, 7):
        trace_id = f"{moment:x}" * 32
        store.writer.write([span(trace_id=trace_id)], token=f"{project}-{moment}")
        store.delete_traces(project, [trace_id])
        reads = count(1)

        def arrive(reads: Iterator[int] = reads, moment: int = moment, trace_id: str = trace_id) -> None:
            if next(reads) == moment:
                store.writer.write([span(trace_id=trace_id)], token=f"{project}-late-{moment}")

        stoppable(store, arrive).purge()
        assert next(reads) > moment
        assert len(store.traces.read_trace(project, TraceId(trace_id))[1]) == 1
        assert store.delete_traces(project, [trace_id]) == 1
    store.purge()


def test_a_purge_looks_only_at_partitions_that_were_written_to_since(
    store: Store, project: ProjectId, span: MakeSpan
) -> None:
    early, late = "a" * 32, "b" * 32
    store.purge()
    store.writer.write([span(trace_id=early, start_ns=BASE_NS - 9 * DAY_NS)], token=f"{project}-early")
    store.delete_traces(project, [early])
    spans = store.engine.layout.stored_table("spans")
    for node in store.engine.nodes():
        node.command(f"OPTIMIZE TABLE {spans} FINAL")  # so that no merge writes to that partition later
    written = max(int(node.query(_NEWEST_PART, {"table": spans})[0][0]) for node in store.engine.nodes())
    since = datetime.fromtimestamp(written + 1, UTC)
    while datetime.now(UTC) < since:
        time.sleep(0.05)  # the engine knows when a part came to the second
    store.writer.write([span(trace_id=late)], token=f"{project}-late")
    store.delete_traces(project, [late])
    assert store.purge(since) == 1
    assert _kept(store, project)["spans"] == {early}
    assert store.purge() == 1
    assert _kept(store, project)["spans"] == set()


_NEWEST_PART = (
    "SELECT max(toUnixTimestamp(modification_time)) FROM system.parts"
    " WHERE active AND database = currentDatabase() AND table = {table:String}"
)


def test_a_kept_request_costs_no_purge_once_its_rows_are_off_the_disk(
    store: Store, project: ProjectId, span: MakeSpan, requests: DeletionRequests
) -> None:
    reads: list[None] = []
    job = DeletionJob(requests, stoppable(store, lambda: reads.append(None)))
    store.writer.write([span(trace_id="9" * 32, user="ann")], token="a")
    _delete(requests, project, "user", "ann", NOON)
    job.run(NOON + MINUTE)
    job.run(NOON + 12 * MINUTE)
    assert reads
    reads.clear()
    job.run(NOON + 13 * MINUTE)
    job.run(NOON + 23 * MINUTE)
    assert (reads, [request.state for request in requests.open()]) == ([], ["purged"])


def test_a_request_tells_how_far_it_is_until_its_bytes_are_off_the_disk(
    store: Store,
    project: ProjectId,
    span: MakeSpan,
    requests: DeletionRequests,
    caplog: pytest.LogCaptureFixture,
) -> None:
    job = DeletionJob(requests, store)
    job.run(NOON - MINUTE)  # nothing to do, and the next purge is ten minutes later
    store.writer.write([span(trace_id="7" * 32, user="ann")], token="a")
    with caplog.at_level(logging.INFO, "sightline_storage"):
        asked = requests.ask(project, "user", "ann", by="an operator", now=NOON + MINUTE)
    assert "ann" not in caplog.text
    assert vars(caplog.records[0])["by"] == "an operator"

    def told() -> list[tuple[str, int]]:
        return [(request.state, request.traces) for request in requests.newest(project, 10)]

    assert told() == [("waiting", 0)]
    requests.carry_out(asked, NOON + MINUTE)
    assert told() == [("deleted", 1)]
    job.run(NOON + 10 * MINUTE)
    assert told() == [("purged", 1)]
    # Repeated without finding more, it stays so; what arrives late has to leave the disk too.
    job.run(NOON + 25 * MINUTE)
    assert told() == [("purged", 1)]
    store.writer.write([span(trace_id="8" * 32, user="ann")], token="b")
    requests.repeat(NOON + 60 * MINUTE)
    assert told() == [("deleted", 2)]
    job.run(NOON + 70 * MINUTE)
    assert told() == [("purged", 2)]
    assert _kept(store, project)["spans"] == set()
    assert requests.newest(ProjectId("another"), 10) == []
