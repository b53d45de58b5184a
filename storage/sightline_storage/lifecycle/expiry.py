"""Dropping what is older than its project keeps it."""

from datetime import UTC, date, datetime

from sightline_core.ids import ProjectId
from sightline_storage.engines.engine import Engine
from sightline_storage.lifecycle.partitions import drop_partitions, find_partitions
from sightline_storage.rollups.rollup_refresh import MARKS_A_RUN, close_days, refresh_rollups

# Table → condition that all rows of an expired partition meet.
_EXPIRED = {
    "spans": "toDate(start_time) < {before:Date}",
    "trace_index": "month < toYYYYMM({before:Date})",
    "reprice_audit": "start_time < toStartOfMonth({before:Date})",
    "scores": "scored_at < toStartOfMonth({before:Date})",
}


def drop_expired(engine: Engine, project: ProjectId, before: date) -> int:
    """Drop the project's partitions that lie wholly before a day (UTC), and return how many those were.

    Only whole partitions go: days of spans, months of the trace index, scores and audit rows. Rollups stay;
    they hold sums and no content.
    """
    expired = find_partitions(engine, project, _EXPIRED, {"before": before})
    _close_days(engine, project, before)
    drop_partitions(expired)
    return len(expired)


def _close_days(engine: Engine, project: ProjectId, before: date) -> None:
    """Keep the sums of the days with spans, once they are complete: nobody can add to them afterwards."""
    days = engine.query(
        "SELECT DISTINCT toUnixTimestamp(toStartOfDay(start_time)) FROM spans"
        " WHERE project = {project:String} AND toDate(start_time) < {before:Date} LIMIT 100000",
        {"project": project, "before": before},
    )
    if not days:
        return
    # Of all projects, as the oldest are worked off first; without what goes on arriving meanwhile.
    ((waiting,),) = engine.query(
        "SELECT count() FROM rollup_marks FINAL WHERE toDate(bucket) < {before:Date} AND done = 0 LIMIT 1",
        {"before": before},
    )
    for _ in range(0, int(waiting), MARKS_A_RUN):
        refresh_rollups(engine, datetime.now(UTC))
    close_days(engine, [(project, datetime.fromtimestamp(int(day), UTC)) for (day,) in days])
