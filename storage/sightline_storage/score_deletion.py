"""Deleting scores from the disk of every node, with all that was said under their ids before."""

from collections.abc import Mapping
from typing import Any

from sightline_core.ids import ProjectId
from sightline_storage.engine import Engine


def delete_scores(engine: Engine, project: ProjectId, condition: str, params: Mapping[str, Any]) -> None:
    """Delete the project's scores that meet a condition of ours, whose values are in `params`.

    All nodes must be up, else `BackendError`.
    """
    bound = {**params, "project": project}
    for node in engine.nodes():
        matching = (
            f"FROM {engine.layout.stored_table('scores')} WHERE project = {{project:String}} AND {condition}"
        )
        # A DELETE touches every part of the table, even when no row matches.
        if node.query(f"SELECT 1 {matching} LIMIT 1", bound):
            node.command(f"DELETE {matching}", bound)
