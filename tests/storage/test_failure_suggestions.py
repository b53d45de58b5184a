"""Pairs of clusters that may belong together, among very many."""

from contextlib import closing
from datetime import UTC, datetime
from itertools import pairwise

from sqlalchemy import Engine

from sightline_core.ids import ProjectId
from sightline_storage.failures.failure_records import Change, ClusterRow
from sightline_storage.failures.failure_store import FailureStore

AT = datetime(2026, 11, 2, 12, tzinfo=UTC)
A_STEP = 100
"""Instructions of SQLite's."""


def test_only_pairs_of_standing_clusters_are_suggested_most_alike_first(metadata: Engine) -> None:
    project = ProjectId("p")
    store = _store_of(metadata, project, clusters=4)
    change = Change({"F3": {"merged_into": "F0"}})
    store.decide(project, "F3", actor="a", action="merge", note="", change=change, at=AT)
    assert store.suggestions(project, limit=9) == [("F1", "F2", 0.52), ("F0", "F1", 0.51)]
    assert store.suggestions(project, limit=1) == [("F1", "F2", 0.52)]


def test_numbers_of_decisions_do_not_tell_how_much_other_projects_decide(metadata: Engine) -> None:
    stores = {ProjectId(name): _store_of(metadata, ProjectId(name), clusters=1) for name in ("one", "two")}
    change = Change({"F0": {"assignee": "ann"}})
    numbers = [
        store.decide(project, "F0", actor="a", action="assign", note="", change=change, at=AT)
        for project, store in stores.items()
        for _ in range(2)
    ]
    assert max(numbers) - min(numbers) > 1_000


def test_suggestions_take_as_many_steps_as_there_are_clusters_not_their_square(metadata: Engine) -> None:
    few, many = (
        _steps(metadata, _store_of(metadata, ProjectId(f"of-{clusters}"), clusters), f"of-{clusters}")
        for clusters in (200, 800)
    )
    assert few > 10
    assert many < 8 * few


def _steps(metadata: Engine, store: FailureStore, project: str) -> int:
    """Return how many hundred instructions SQLite runs for the suggestions of a project."""
    steps: list[int] = []
    with closing(metadata.raw_connection()) as pooled:
        connection = pooled.driver_connection
        assert connection is not None
        connection.set_progress_handler(lambda: steps.append(1), A_STEP)
    assert len(store.suggestions(ProjectId(project), limit=10)) == 10
    connection.set_progress_handler(None, 0)
    return len(steps)


def _store_of(metadata: Engine, project: ProjectId, clusters: int) -> FailureStore:
    """Return a store in which each cluster may belong to the next one."""
    store, names = FailureStore(metadata), [f"F{number}" for number in range(clusters)]
    pairs = [(one, other, (51 + number) / 100 % 1) for number, (one, other) in enumerate(pairwise(names))]
    store.add(project, [_cluster(name) for name in names], [], pairs)
    return store


def _cluster(name: str) -> ClusterRow:
    return ClusterRow(
        id=name,
        category="exception",
        scope="",
        title=name,
        created_at=AT,
        first_seen=AT,
        last_seen=AT,
        status="open",
        status_at=AT,
        resolved_version="",
        ignore_until=0,
        regressed_at=None,
        regressed_version="",
        assignee="",
        severity="",
        merged_into="",
    )
