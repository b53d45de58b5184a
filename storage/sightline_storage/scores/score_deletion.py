"""Deleting scores, with all that was said under their ids before; see `deletion`."""

from collections.abc import Mapping
from typing import Any

from sightline_core.ids import ProjectId
from sightline_storage.engines.engine import Engine

_IDENTITY = "project, score_id, trace_id, span_id, session, name, source, author"


def delete_scores(engine: Engine, project: ProjectId, condition: str, params: Mapping[str, Any]) -> None:
    """Delete the project's scores that meet a condition of ours, whose values are in `params`.

    A score that is given later counts again. All nodes must be up, else `BackendError`.
    """
    scores = engine.layout.stored_table("scores")
    # In every month that has the score, because rows replace each other within a partition only.
    statement = (
        f"INSERT INTO {scores} ({_IDENTITY}, scored_at, is_deleted)"
        f" SELECT {_IDENTITY}, scored_at + toIntervalNanosecond(1), 1"
        f" FROM {scores} FINAL WHERE project = {{project:String}} AND {condition}"
    )
    for node in engine.nodes():
        node.command(statement, {**params, "project": project})
