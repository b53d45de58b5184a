"""Which traces a request on a user or session has deleted: what comes of them later may name neither."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from sightline_core.ids import ProjectId
from sightline_storage.engines.engine import Engine
from sightline_storage.engines.native_block import insert_columns

MAX_TRACES: Final = 1_000_000
"""As many are deleted in one go."""

_TYPES: Final = {"project": "LowCardinality(String)", "request": "String", "trace_id": "String"}


@dataclass(frozen=True, slots=True)
class DeletedTraces:
    """Of one request."""

    engine: Engine
    project: ProjectId
    request: str

    def read(self) -> list[str]:
        """Return the ids that were noted in the last days, in any order."""
        rows = self.engine.query(
            "SELECT DISTINCT trace_id FROM deleted_traces"
            f" WHERE project = {{project:String}} AND request = {{request:String}} LIMIT {MAX_TRACES}",
            {"project": self.project, "request": self.request},
        )
        return [str(trace_id) for (trace_id,) in rows]

    def note(self, trace_ids: Collection[str]) -> None:
        """Note them, before they are deleted: nothing else may tell of them after a crash."""
        columns: dict[str, list[str]] = {
            "project": [self.project] * len(trace_ids),
            "request": [self.request] * len(trace_ids),
            "trace_id": list(trace_ids),
        }
        if trace_ids:
            insert_columns(self.engine, "deleted_traces", columns, _TYPES, token=f"noted-{uuid.uuid4().hex}")
