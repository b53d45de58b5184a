"""What the deletion of a project leaves: nothing of it in store and metadata, and all of the others."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Column, DateTime, Engine, MetaData, String, Table, func, insert, select
from tests.made_spans import BASE_NS, MakeSpan, span_maker

from sightline_core.errors import Conflict
from sightline_core.ids import ProjectId
from sightline_core.time_range import TimeRange
from sightline_server.deletion_job import DeletionJob
from sightline_storage import SpanRecord, Store
from sightline_storage.failures.failure_hours import FailureHours
from sightline_storage.lifecycle.deleted_traces import DeletedTraces
from sightline_storage.lifecycle.deletion_requests import KEPT_FOR, DeletionRequests, require_free
from sightline_storage.rollups.rollup_refresh import close_days
from sightline_storage.scores.score_record import Score
from sightline_storage.scores.score_writer import ScoreWriter

DAY_NS = 86_400_000_000_000
NOON = datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)
AROUND = TimeRange(NOON - timedelta(days=90), NOON + timedelta(days=2))
MINUTE = timedelta(minutes=1)


def _fill_store(store: Store, project: ProjectId) -> None:
    span = span_maker(project)
    store.writer.write(
        [
            span(
                trace_id=f"{trace % 2}{days:031x}",
                start_ns=BASE_NS - days * DAY_NS,
                status="error",
                failure_category="timeout",
                failure_fingerprint="f" * 32,
            )
            for days in (0, 40)
            for trace in range(3)
        ],
        token=f"{project}-filled",
    )
    score = Score("a" * 32, "", "", "good", "code", "", "boolean", True, "", NOON)
    ScoreWriter(store.engine).write(project, [score])
    priced = SpanRecord(cost_usd=Decimal(1), cost_state="priced", price_id="own")
    assert store.reprice(project, AROUND, lambda _call: priced, NOON) == 6
    FailureHours(store.engine).refresh([(project, NOON.replace(minute=0, second=0))], NOON)
    while store.refresh_rollups(NOON):
        pass
    close_days(store.engine, [(project, datetime(2026, 8, 12, tzinfo=UTC))])
    DeletedTraces(store.engine, project, "a request").note(["a" * 32])


def _stored(store: Store, project: ProjectId, final: str = "") -> dict[str, int]:
    """Rows of the project in every table on every disk; without `FINAL` also those that nobody sees."""
    tables = (
        "SELECT name FROM system.tables WHERE database = currentDatabase()"
        " AND engine LIKE '%MergeTree' AND name != 'schema_migrations'"
    )
    rows: dict[str, int] = {}
    for node in store.engine.nodes():
        for (table,) in node.query(tables, {}):
            query = f"SELECT count() FROM {table} {final} WHERE project = {{p:String}}"
            rows[table] = rows.get(table, 0) + int(node.query(query, {"p": project})[0][0])
    return rows


def _tables(metadata: Engine) -> list[Table]:
    """Every table of the database that has rows of projects."""
    found = MetaData()
    found.reflect(metadata)
    return [
        table
        for table in found.sorted_tables
        if "project" in table.c or table.name in ("projects", "alert_timeline")
    ]


def _fill_metadata(metadata: Engine, project: ProjectId, number: int) -> None:
    def value(column: Column[Any]) -> object:
        if column.name == "project" or (column.table.name, column.name) == ("projects", "id"):
            return project
        if isinstance(column.type, DateTime):
            return NOON
        return str(number) if isinstance(column.type, String) else number

    tables = _tables(metadata)
    with metadata.begin() as connection:
        for table in tables:
            connection.execute(insert(table).values({column: value(column) for column in table.c}))


def _counted(metadata: Engine) -> dict[str, int]:
    counts = {table.name: select(func.count()).select_from(table) for table in _tables(metadata)}
    with metadata.begin() as connection:
        return {name: int(connection.execute(count).scalar_one()) for name, count in counts.items()}


def test_nothing_of_a_deleted_project_is_left_and_all_of_another_one(
    store: Store, project: ProjectId, metadata: Engine
) -> None:
    other = ProjectId(f"{project[:50]}-other")
    for number, filled in enumerate((project, other)):
        _fill_store(store, filled)
        _fill_metadata(metadata, filled, number)
    before = _stored(store, other, "FINAL")
    assert all(before.values()), before
    assert _stored(store, project, "FINAL") == before
    requests = DeletionRequests(metadata, store.engine)
    asked = requests.ask(project, "project", project, by="test", now=NOON)
    assert set(_counted(metadata).values()) == {2, 3}
    assert requests.carry_out(asked, NOON).traces == 4
    assert set(_stored(store, project).values()) == {0}
    assert _stored(store, other, "FINAL") == before
    left = _counted(metadata)
    assert (left.pop("deletions"), set(left.values())) == (2, {1})
    assert [request.project for request in requests.newest(other, 10)] == [other]


def test_spans_of_a_deleted_project_that_arrive_later_go_and_its_name_is_free_after_a_day(
    store: Store, project: ProjectId, span: MakeSpan, metadata: Engine
) -> None:
    requests = DeletionRequests(metadata, store.engine)
    requests.carry_out(requests.ask(project, "project", project, by="test", now=NOON), NOON)
    store.writer.write([span()], token="late")
    job = DeletionJob(requests, store)
    job.run(NOON + MINUTE)
    assert set(_stored(store, project).values()) == {0}
    with pytest.raises(Conflict, match="2026-09-22 14:13 UTC"):
        require_free(metadata, project)
    job.run(NOON + KEPT_FOR + MINUTE)
    job.run(NOON + KEPT_FOR + 15 * MINUTE)
    require_free(metadata, project)
