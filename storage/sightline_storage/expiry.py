"""Dropping what is older than its project keeps it."""

from datetime import UTC, date, datetime

from sightline_core.ids import ProjectId
from sightline_storage.engine import Engine, Node
from sightline_storage.rollups import close_days

# By partition: (table, condition that all rows of an expired partition meet).
_EXPIRING = (
    ("spans", "toDate(start_time) < {before:Date}"),
    ("trace_index", "month < toYYYYMM({before:Date})"),
    ("reprice_audit", "start_time < toStartOfMonth({before:Date})"),
    ("scores", "scored_at < toStartOfMonth({before:Date})"),
)


def drop_expired(engine: Engine, project: ProjectId, before: date) -> int:
    """Drop the project's partitions that lie wholly before a day (UTC), and return how many those were.

    Only whole partitions go: days of spans, months of the trace index, scores and audit rows. Rollups stay
    as they are; they hold sums and no content.
    """
    dropped = 0
    params = {"project": project, "before": before}
    for node in engine.nodes():
        _close_days(engine, node, project, before)
        for table, expired in _EXPIRING:
            stored = engine.layout.stored_table(table)
            rows = node.query(
                f"SELECT DISTINCT _partition_id FROM {stored}"
                f" WHERE project = {{project:String}} AND {expired} LIMIT 100000",
                params,
            )
            for (partition,) in rows:
                node.command(
                    f"ALTER TABLE {stored} DROP PARTITION ID {{partition:String}}", {"partition": partition}
                )
                dropped += 1
    return dropped


def _close_days(engine: Engine, node: Node, project: ProjectId, before: date) -> None:
    stored = engine.layout.stored_table("spans")
    days = node.query(
        f"SELECT DISTINCT toUnixTimestamp(toStartOfDay(start_time)) FROM {stored}"
        " WHERE project = {project:String} AND toDate(start_time) < {before:Date} LIMIT 100000",
        {"project": project, "before": before},
    )
    if days:
        close_days(engine, [(project, datetime.fromtimestamp(int(day), UTC)) for (day,) in days])
