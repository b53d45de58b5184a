"""Taking deleted rows off the disk."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from sightline_core.batches import batched
from sightline_storage.engines.engine import Engine, Node
from sightline_storage.lifecycle.deletion import OF_TRACES

_TRACES_A_STATEMENT = 1_000

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
    """
    return sum(_purge_node(engine, node, since) for node in engine.nodes())


def _purge_node(engine: Engine, node: Node, since: datetime | None) -> int:
    purged = 0
    for table in ("spans", "scores"):
        stored = engine.layout.stored_table(table)
        touched, params = touched_since(stored, since)
        deleted = f"FROM {stored} WHERE is_deleted = 1{touched}"
        partitions = node.query(f"SELECT DISTINCT _partition_id {deleted} LIMIT 100000", params)
        if table == "spans" and partitions:
            _forget_traces(engine, node, deleted, params)
        for (partition,) in partitions:
            # Work that has to stop ends at a read, see `stoppable`: here between two partitions.
            node.query("SELECT 1", {})
            node.command(
                f"OPTIMIZE TABLE {stored} PARTITION ID {{partition:String}} FINAL CLEANUP",
                {"partition": partition},
            )
        purged += len(partitions)
    return purged


def touched_since(stored_table: str, since: datetime | None) -> tuple[str, dict[str, Any]]:
    """Return a condition, and its values, that leaves out the partitions not written to since then.

    By the clock of the node; None leaves out none.
    """
    if since is None:
        return "", {}
    return _TOUCHED, {"table": stored_table, "since_s": int(since.timestamp())}


def _forget_traces(engine: Engine, node: Node, deleted: str, params: Mapping[str, Any]) -> None:
    """Remove what else is kept of traces without spans: when they were, and what their price had been."""
    query = f"SELECT DISTINCT project, trace_id {deleted} ORDER BY project, trace_id LIMIT 10000000"
    for project, rows in groupby(node.query(query, params), key=lambda row: str(row[0])):
        ids = [str(trace_id) for _, trace_id in rows]
        for some in batched(ids, _TRACES_A_STATEMENT):
            left = _left(engine, node, project, some)
            gone = sorted(set(some) - left)
            if gone:
                for table in ("reprice_audit", "trace_index"):
                    _delete(engine, node, table, {"project": project, "trace_ids": gone})
                left = _left(engine, node, project, some)
            # A span that arrived meanwhile has lost its entry in the index, also when we were cut off before.
            if left:
                node.command(_index_again(engine), {"project": project, "trace_ids": sorted(left)})


def _left(engine: Engine, node: Node, project: str, trace_ids: Sequence[str]) -> set[str]:
    """Return those of the traces that have spans."""
    rows = node.query(
        f"SELECT DISTINCT trace_id FROM {engine.layout.stored_table('spans')} FINAL"
        f" WHERE project = {{project:String}} AND {OF_TRACES} LIMIT {_TRACES_A_STATEMENT}",
        {"project": project, "trace_ids": list(trace_ids)},
    )
    return {str(trace_id) for (trace_id,) in rows}


def _delete(engine: Engine, node: Node, table: str, of_traces: Mapping[str, Any]) -> None:
    matching = f"FROM {engine.layout.stored_table(table)} WHERE project = {{project:String}} AND {OF_TRACES}"
    # A DELETE touches every part of the table, even when no row matches.
    if node.query(f"SELECT 1 {matching} LIMIT 1", of_traces):
        node.command(f"DELETE {matching}", of_traces)


def _index_again(engine: Engine) -> str:
    """As `trace_index_of_spans` does when spans are written."""
    index, spans = (engine.layout.stored_table(table) for table in ("trace_index", "spans"))
    return (
        f"INSERT INTO {index} (project, month, trace_id, first_start, last_start, last_end)"
        " SELECT project, toYYYYMM(start_time) AS month, trace_id, min(start_time), max(start_time),"
        " max(start_time + toIntervalNanosecond(duration_ns))"
        f" FROM {spans} FINAL WHERE project = {{project:String}} AND {OF_TRACES}"
        " GROUP BY project, month, trace_id"
    )
