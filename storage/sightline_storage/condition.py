"""In what condition a store is: for those who run it."""

import time
from dataclasses import dataclass

from sightline_core.errors import BackendError
from sightline_storage.engines.engine import Engine, Node
from sightline_storage.engines.server_engine import ServerEngine


@dataclass(frozen=True, slots=True)
class NodeCondition:
    """One node. `name` is its host and port, "" of the embedded engine; its clock is `skew_s` ahead."""

    name: str
    version: str
    free_bytes: int
    skew_s: float
    fullest_partition: int
    """Parts in the partition of spans that has the most."""
    broken_parts: list[str]
    """Parts that were damaged when the node loaded them, as `table/detached/name`: their rows are missing."""
    read_only_tables: list[str]
    """Replicated tables that take nothing, as the node has lost Keeper."""
    replica_delay_s: int
    """Of the other tables, by how much the one lags that is furthest behind the other replicas."""


def node_conditions(engine: Engine) -> list[NodeCondition | BackendError]:
    """Ask every node; of one that does not answer, return why."""
    hosts = engine.address.hosts if isinstance(engine, ServerEngine) else (("", 0),)
    return [
        _condition_of(f"{host}:{port}" if host else "", node, engine.layout.stored_table("spans"))
        for (host, port), node in zip(hosts, engine.nodes(), strict=True)
    ]


def _condition_of(name: str, node: Node, spans: str) -> NodeCondition | BackendError:
    try:
        ((version, free, now),) = node.query(
            "SELECT version(), (SELECT min(free_space) FROM system.disks), toUnixTimestamp64Milli(now64(3))",
            {},
        )
        skew_s = int(now) / 1000 - time.time()
        ((parts,),) = node.query(
            "SELECT max(parts) FROM (SELECT count() AS parts FROM system.parts"
            " WHERE active AND database = currentDatabase() AND table = {table:String}"
            " GROUP BY partition_id)",
            {"table": spans},
        )
        broken = node.query(
            "SELECT concat(table, '/detached/', name) AS path FROM system.detached_parts"
            " WHERE database = currentDatabase() AND startsWith(reason, 'broken') ORDER BY path LIMIT 1000",
            {},
        )
        ((read_only, delay_s),) = node.query(
            "SELECT arraySort(groupArrayIf(table, is_readonly)), maxIf(absolute_delay, NOT is_readonly)"
            " FROM system.replicas WHERE database = currentDatabase()",
            {},
        )
    except BackendError as error:
        return error
    return NodeCondition(
        name=name,
        version=str(version),
        free_bytes=int(free),
        skew_s=skew_s,
        fullest_partition=int(parts),
        broken_parts=[str(path) for (path,) in broken],
        read_only_tables=[str(table) for table in read_only],
        replica_delay_s=int(delay_s),
    )


def oldest_mark_age_s(engine: Engine) -> float:
    """Return for how long the oldest change has been waiting to get into the rollups, 0 when none is."""
    ((age,),) = engine.query(
        "SELECT if(count() = 0, 0, dateDiff('second', min(marked_at), now()))"
        " FROM rollup_marks FINAL WHERE done = 0",
        {},
    )
    return float(age)
