"""Blocks of more days than the engine lets one insert touch."""

from pathlib import Path

from tests.contract.conftest import EMBEDDED_AND_CLUSTER
from tests.made_spans import MakeSpan

from sightline_core.ids import ProjectId
from sightline_storage import Store

pytestmark = EMBEDDED_AND_CLUSTER

DAY_NS = 86_400_000_000_000
DAYS = 103


def _count(store: Store, project: str) -> int:
    query = "SELECT count() FROM spans FINAL WHERE project = {project:String} LIMIT 1"
    ((count,),) = store.engine.query(query, {"project": project})
    return int(count)


def test_a_block_of_many_days_is_stored_once_survives_a_backup_and_is_deleted(
    store: Store, project: ProjectId, span: MakeSpan, tmp_path: Path
) -> None:
    first = span()["start_ns"]
    block = [span(start_ns=first - day * DAY_NS) for day in range(DAYS)]
    for _ in range(2):
        store.writer.write(block, token=f"{project}-block")
    store.back_up(tmp_path / "backup")
    store.restore(tmp_path / "backup")
    assert _count(store, project) == DAYS
    assert store.delete_traces(project, [record["trace_id"] for record in block]) == DAYS
    assert _count(store, project) == 0
