"""Deleting what a person's comments have become: failures of the spans that they are about."""

import uuid
from collections.abc import Mapping
from typing import Final

from sightline_core.batches import batched
from sightline_core.ids import ProjectId
from sightline_core.nanoseconds import SECOND_NS
from sightline_storage.engines.engine import Engine
from sightline_storage.lifecycle.deletion import MARK, OF_TRACES, TRACES_A_STATEMENT
from sightline_storage.rollups.rollup_refresh import mark_minutes
from sightline_storage.scores.score_record import as_message
from sightline_storage.traces.trace_finder import bounds_of, read_windows

_MAX_COMMENTS = 1_000_000

_QUOTING: Final = (
    f"FINAL WHERE project = {{project:String}} AND {OF_TRACES}"
    " AND start_time >= fromUnixTimestamp64Nano({start_ns:Int64}, 'UTC')"
    " AND start_time < fromUnixTimestamp64Nano({end_ns:Int64}, 'UTC')"
    " AND failure_category = 'negative_feedback' AND has({messages:Array(String)}, failure_message)"
)


def delete_comments(engine: Engine, project: ProjectId, condition: str, params: Mapping[str, str]) -> None:
    """Clear the failures whose messages are the comments of some scores; the spans and the scores stay.

    `condition` on scores is ours, its values are in `params`. Call it before the scores are deleted. All
    nodes must be up, else `BackendError`.
    """
    said = engine.query(
        "SELECT DISTINCT trace_id, comment FROM scores FINAL WHERE project = {project:String}"
        f" AND source = 'human' AND {condition} AND trace_id != '' AND comment != '' LIMIT {_MAX_COMMENTS}",
        {**params, "project": project},
    )
    for some in batched(said, TRACES_A_STATEMENT):
        _clear(
            engine, project, sorted({row[0] for row in some}), sorted({as_message(row[1]) for row in some})
        )


def _clear(engine: Engine, project: ProjectId, trace_ids: list[str], messages: list[str]) -> None:
    windows = read_windows(engine, project, trace_ids)
    if not windows:
        return
    start_ns, end_ns = bounds_of(windows.values())
    params = {
        "project": project,
        "trace_ids": trace_ids,
        "messages": messages,
        "start_ns": start_ns,
        "end_ns": end_ns,
    }
    spans = engine.layout.stored_table("spans")
    starts = f"SELECT DISTINCT toUnixTimestamp(toStartOfMinute(start_time)) FROM {spans} {_QUOTING}"
    # A row that is deleted has the versions with the message taken off the disk, and their cluster told.
    mark = (
        f"INSERT INTO {spans} ({MARK}) SELECT DISTINCT project, '', failure_fingerprint,"
        f" toStartOfMinute(start_time), failure_fingerprint, now64(9, 'UTC'), 1 FROM {spans} {_QUOTING}"
    )
    clear = (
        f"INSERT INTO {spans} SELECT * REPLACE ('' AS failure_category, '' AS failure_fingerprint,"
        " '' AS failure_message, '' AS failure_reason, 0 AS failure_propagated,"
        f" ingested_at + toIntervalNanosecond(1) AS ingested_at) FROM (SELECT * FROM {spans} {_QUOTING})"
    )
    for node in engine.nodes():
        minutes = [int(start) for (start,) in node.query(f"{starts} LIMIT 1000000", params)]
        if minutes:
            node.command(mark, params)
            node.command(clear, params)
            changed = [(project, minute * SECOND_NS) for minute in minutes]
            mark_minutes(engine, changed, token=f"comments-{uuid.uuid4().hex}")
