"""Blocks of more projects than the engine lets one insert touch."""

from datetime import UTC, datetime

from tests.contract.conftest import EMBEDDED_AND_CLUSTER
from tests.made_spans import MakeSpan

from sightline_core.ids import ProjectId
from sightline_storage import Store
from sightline_storage.failures.failure_hours import FailureHours

pytestmark = EMBEDDED_AND_CLUSTER

NOW = datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)
PROJECTS = 103


def _count(store: Store, table: str, prefix: str, what: str = "count()") -> int:
    query = f"SELECT {what} FROM {table} FINAL WHERE startsWith(project, {{prefix:String}}) LIMIT 1"
    ((count,),) = store.engine.query(query, {"prefix": prefix})
    return int(count)


# Not beside the block of many days: of those, each would be summed anew.
def test_a_block_of_many_projects_is_stored_once_and_summed(
    store: Store, project: ProjectId, span: MakeSpan
) -> None:
    failed = {"failure_category": "exception", "failure_fingerprint": "boom"}
    block = [span(project=f"{project}-{number}", **failed) for number in range(PROJECTS)]
    for _ in range(2):
        store.writer.write(block, token=f"{project}-block")
    while store.refresh_rollups(NOW):
        pass
    assert _count(store, "spans", project) == PROJECTS
    assert _count(store, "rollup_minute", project, "sum(spans)") == PROJECTS
    assert _count(store, "rollup_hour", project, "sum(spans)") == PROJECTS
    FailureHours(store.engine).refresh(
        [(record["project"], NOW.replace(minute=0, second=0)) for record in block], NOW
    )
    assert _count(store, "failure_hours", project, "sum(spans)") == PROJECTS
