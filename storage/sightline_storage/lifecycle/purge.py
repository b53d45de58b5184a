"""Taking deleted rows off the disk."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from sightline_core.batches import batched
from sightline_core.errors import BackendError
from sightline_storage.engines.engine import Engine, Node
from sightline_storage.lifecycle.deletion import OF_TRACES, TRACES_A_STATEMENT
from sightline_storage.lifecycle.row_removal import remove_rows

# Of these partitions parts may be merged meanwhile, so that names of parts would not do.
_TOUCHED = (
    " AND _partition_id IN (SELECT partition_id FROM system.parts WHERE active"
    " AND database = currentDatabase() AND table = {table:String}"
    " AND modification_time >= toDateTime({since_s:Int64}))"
)


def purge(engine: Engine, since: datetime | None = None) -> int:
    """Rewrite every partition that has deleted rows without them, and return how many those were.

    With `since`, only those are looked at that were written to from then on, by the clocks of the nodes. It
    costs what those partitions hold, days of spans and months of scores, and nothing when nothing was
    deleted. Cut off anywhere, it can be run again. Merged parts stay on the disk for the few minutes that the
    engine keeps what it has replaced.

    Raises `BackendError` when a partition keeps its deleted rows, as where the disk has no room for a merge,
    after the others were rewritten.
    """
    forget_traces(engine, since)
    left: list[BackendError] = []
    purged = sum(
        _purge_table(node, engine.layout.stored_table(table), since, left)
        for node in engine.nodes()
        for table in ("spans", "scores")
    )
    if left:
        raise BackendError(f"deleted rows are still on the disk: {left[0]}") from left[0]
    return purged


def _purge_table(node: Node, stored_table: str, since: datetime | None, left: list[BackendError]) -> int:
    deleted = f"FROM {stored_table} WHERE is_deleted = 1"
    touched, params = touched_since(stored_table, since)
    partitions = node.query(f"SELECT DISTINCT _partition_id {deleted}{touched} LIMIT 100000", params)
    for (partition,) in partitions:
        # Work that has to stop ends at a read, see `stoppable`: here between two partitions.
        node.query("SELECT 1", {})
        try:
            # Without the setting, a merge that there is no room for is no error.
            node.command(
                f"OPTIMIZE TABLE {stored_table} PARTITION ID {{partition:String}} FINAL CLEANUP"
                " SETTINGS optimize_throw_if_noop = 1",
                {"partition": partition},
            )
        except BackendError as error:
            of_partition = f"{deleted} AND _partition_id = {{partition:String}} LIMIT 1"
            if node.query(f"SELECT 1 {of_partition}", {"partition": partition}):
                left.append(error)
    return len(partitions)


def touched_since(stored_table: str, since: datetime | None) -> tuple[str, dict[str, Any]]:
    """Return a condition, and its values, that leaves out the partitions not written to since then.

    By the clock of the node; None leaves out none.
    """
    if since is None:
        return "", {}
    return _TOUCHED, {"table": stored_table, "since_s": int(since.timestamp())}


def forget_traces(engine: Engine, since: datetime | None = None) -> None:
    """Remove what else is kept of traces without spans: when they were, and what their price had been.

    It goes by the rows that mark them as deleted; `since` is as of `purge`.
    """
    for node in engine.nodes():
        _forget_traces(engine, node, since)


def _forget_traces(engine: Engine, node: Node, since: datetime | None) -> None:
    spans = engine.layout.stored_table("spans")
    touched, params = touched_since(spans, since)
    query = (
        f"SELECT DISTINCT project, trace_id FROM {spans} WHERE is_deleted = 1{touched}"
        " ORDER BY project, trace_id LIMIT 10000000"
    )
    for project, rows in groupby(node.query(query, params), key=lambda row: str(row[0])):
        ids = [str(trace_id) for _, trace_id in rows]
        for some in batched(ids, TRACES_A_STATEMENT):
            left = _left(engine, node, project, some)
            gone = sorted(set(some) - left)
            if gone:
                of_gone = {"project": project, "trace_ids": gone}
                for table in ("reprice_audit", "trace_index"):
                    remove_rows(node, engine.layout.stored_table(table), _OF_PROJECT_TRACES, of_gone)
                left = _left(engine, node, project, some)
            # A span that arrived meanwhile has lost its entry in the index, also when we were cut off before.
            if left:
                node.command(_index_again(engine), {"project": project, "trace_ids": sorted(left)})


_OF_PROJECT_TRACES = f"project = {{project:String}} AND {OF_TRACES}"


def _left(engine: Engine, node: Node, project: str, trace_ids: Sequence[str]) -> set[str]:
    """Return those of the traces that have spans."""
    rows = node.query(
        f"SELECT DISTINCT trace_id FROM {engine.layout.stored_table('spans')} FINAL"
        f" WHERE {_OF_PROJECT_TRACES} LIMIT {TRACES_A_STATEMENT}",
        {"project": project, "trace_ids": list(trace_ids)},
    )
    return {str(trace_id) for (trace_id,) in rows}


def _index_again(engine: Engine) -> str:
    """As `trace_index_of_spans` does when spans are written."""
    index, spans = (engine.layout.stored_table(table) for table in ("trace_index", "spans"))
    return (
        f"INSERT INTO {index} (project, month, trace_id, first_start, last_start, last_end)"
        " SELECT project, toYYYYMM(start_time) AS month, trace_id, min(start_time), max(start_time),"
        " max(start_time + toIntervalNanosecond(duration_ns))"
        f" FROM {spans} FINAL WHERE {_OF_PROJECT_TRACES}"
        " GROUP BY project, month, trace_id SETTINGS insert_deduplicate = 0"
    )
