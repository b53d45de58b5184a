"""What the metadata database quotes of deleted spans: messages in failure clusters, names in incidents."""

from datetime import datetime

from sqlalchemy import Engine as MetadataEngine

from sightline_core.batches import batched
from sightline_core.ids import ProjectId
from sightline_storage.alerts.alert_forgetting import forget_mentions
from sightline_storage.engines.engine import Engine
from sightline_storage.failures.failure_forgetting import forget_messages
from sightline_storage.lifecycle.purge import touched_since

_FINGERPRINTS_A_STATEMENT = 1_000


def forget_quotes(metadata: MetadataEngine, engine: Engine, project: ProjectId, since: datetime) -> None:
    """Forget what is quoted of spans that were deleted since then, by the clocks of the nodes.

    It goes by the rows that mark them as deleted, so that it can be done again until they are purged.
    """
    trace_ids, fingerprints = _deleted(engine, project, since)
    message_of: dict[str, str | None] = dict.fromkeys(fingerprints)
    message_of |= _stored(engine, project, fingerprints)
    titles = forget_messages(metadata, project, message_of)
    forget_mentions(metadata, project, trace_ids, titles)


def _deleted(engine: Engine, project: str, since: datetime) -> tuple[set[str], set[str]]:
    """Return the ids of traces that lost spans, and the fingerprints of the failures among these."""
    spans = engine.layout.stored_table("spans")
    condition, params = touched_since(spans, since)
    query = (
        f"SELECT DISTINCT trace_id, failure_fingerprint FROM {spans}"
        f" WHERE project = {{project:String}} AND is_deleted = 1{condition} LIMIT 10000000"
    )
    rows = [row for node in engine.nodes() for row in node.query(query, {**params, "project": project})]
    return {str(row[0]) for row in rows}, {str(row[1]) for row in rows} - {""}


def _stored(engine: Engine, project: str, fingerprints: set[str]) -> dict[str, str]:
    """Return the oldest message that is stored with each fingerprint, if any is."""
    found: dict[str, str] = {}
    for some in batched(sorted(fingerprints), _FINGERPRINTS_A_STATEMENT):
        rows = engine.query(
            "SELECT failure_fingerprint, argMin(failure_message, start_time) FROM spans FINAL"
            " WHERE project = {project:String} AND has({names:Array(String)}, failure_fingerprint)"
            f" GROUP BY failure_fingerprint LIMIT {_FINGERPRINTS_A_STATEMENT}",
            {"project": project, "names": list(some)},
        )
        found |= {str(name): str(message) for name, message in rows}
    return found
