"""Blocks of more projects and days than the engine lets one insert touch."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from sightline_core.ids import ProjectId
from sightline_storage import SpanRecord, Store

MakeSpan = Callable[..., SpanRecord]
DAY_NS = 86_400_000_000_000
NOW = datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)
DAYS = 103


def _count(store: Store, table: str, prefix: str, what: str = "count()") -> int:
    query = f"SELECT {what} FROM {table} FINAL WHERE startsWith(project, {{prefix:String}}) LIMIT 1"
    ((count,),) = store.engine.query(query, {"prefix": prefix})
    return int(count)


# First, because it copies all that the store of this module holds.
def test_a_block_of_many_days_is_stored_once_survives_a_backup_and_is_deleted(
    store: Store, project: ProjectId, span: MakeSpan, tmp_path: Path
) -> None:
    first = span()["start_ns"]
    block = [span(start_ns=first - day * DAY_NS) for day in range(DAYS)]
    for _ in range(2):
        store.writer.write(block, token=f"{project}-block")
    store.back_up(tmp_path / "backup")
    store.restore(tmp_path / "backup")
    assert _count(store, "spans", project) == DAYS
    assert store.delete_traces(project, [record["trace_id"] for record in block]) == DAYS
    assert _count(store, "spans", project) == 0


def test_a_block_of_many_projects_is_stored_once_and_summed(
    store: Store, project: ProjectId, span: MakeSpan
) -> None:
    block = [span(project=f"{project}-{number}") for number in range(DAYS)]
    for _ in range(2):
        store.writer.write(block, token=f"{project}-block")
    while store.refresh_rollups(NOW):
        pass
    assert _count(store, "spans", project) == DAYS
    assert _count(store, "rollup_minute", project, "sum(spans)") == DAYS
    assert _count(store, "rollup_hour", project, "sum(spans)") == DAYS
