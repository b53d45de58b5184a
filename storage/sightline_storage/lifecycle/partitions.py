"""Dropping whole partitions of a project: a day or a month of it in each, at no cost for what they hold."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sightline_core.ids import ProjectId
from sightline_storage.engines.engine import OF_ANY_SIZE, Engine, Node


@dataclass(frozen=True, slots=True)
class Partition:
    """One partition of a table as one node stores it."""

    node: Node
    table: str
    id: str


def find_partitions(
    engine: Engine, project: ProjectId, conditions: Mapping[str, str], params: Mapping[str, Any]
) -> list[Partition]:
    """Return the partitions of a project on all nodes with rows that meet the condition of their table."""
    return [
        Partition(node, stored, str(partition))
        for node in engine.nodes()
        for stored, condition in (
            (engine.layout.stored_table(table), condition) for table, condition in conditions.items()
        )
        for (partition,) in node.query(
            f"SELECT DISTINCT _partition_id FROM {stored}"
            f" WHERE project = {{project:String}} AND {condition} LIMIT 100000",
            {"project": project, **params},
        )
    ]


def drop_partitions(partitions: Iterable[Partition]) -> None:
    """Drop them, however large they are; one that is gone already is no error."""
    for partition in partitions:
        partition.node.command(
            f"ALTER TABLE {partition.table} DROP PARTITION ID {{partition:String}} {OF_ANY_SIZE}",
            {"partition": partition.id},
        )
