"""Taking rows off the disk in tables that have no mark for what is deleted.

A `DELETE` touches every part of a table, whatever its partition, and leaves two things on the disk: the rows,
until their part is merged, and its own text with the ids that were bound, in a file for each of the last
hundred.
"""

from collections.abc import Mapping
from typing import Any, Final

from sightline_core.errors import BackendError
from sightline_storage.engines.engine import OF_ANY_SIZE, Node

_ATTEMPTS: Final = 10
_PART_IS_GONE: Final = {232: "NO_SUCH_DATA_PART", 384: "PART_IS_TEMPORARILY_LOCKED"}
"""Codes of ClickHouse for a part that was merged meanwhile, or is being merged."""


def remove_rows(node: Node, stored_table: str, condition: str, params: Mapping[str, Any]) -> None:
    """Remove the rows of a node's table that meet a condition; the engine lets go of their files in minutes.

    Each part with such rows is dropped once its other rows are written again, so that it costs what those
    parts hold, and is only for tables where a row that is there twice counts once. What is written meanwhile
    is in parts of its own. Cut off anywhere, it can be run again. Raises `BackendError`.
    """
    for _ in range(_ATTEMPTS):
        parts = node.query(
            f"SELECT DISTINCT _part FROM {stored_table} WHERE {condition} LIMIT 100000", params
        )
        if not parts:
            return
        for (part,) in parts:
            _remove_from_part(node, stored_table, condition, {**params, "part": str(part)})
    raise BackendError(
        f"parts of {stored_table} are merged all the while; nothing could be removed from them"
    )


def _remove_from_part(node: Node, stored_table: str, condition: str, params: Mapping[str, Any]) -> None:
    node.command(
        f"INSERT INTO {stored_table} SELECT * FROM {stored_table}"
        f" WHERE _part = {{part:String}} AND NOT ({condition})"
        # Replicated tables would take it for the copy of a part that was removed before.
        " SETTINGS insert_deduplicate = 0",
        params,
    )
    try:
        drop = f"ALTER TABLE {stored_table} DROP PART {{part:String}} {OF_ANY_SIZE}"
        node.command(drop, {"part": params["part"]})
    except BackendError as error:
        if getattr(error.__cause__, "code", None) not in _PART_IS_GONE:
            raise
