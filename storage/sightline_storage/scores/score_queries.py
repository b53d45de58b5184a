"""The SQL of questions about scores.

A score that was given again is stored once more, maybe in the partition of another month, and `FINAL` merges
within partitions only; so every question takes the newest row of each score id itself.
"""

from dataclasses import dataclass
from typing import Any

from clickhouse_connect.cc_sqlalchemy import final
from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import ColumnElement, Select, bindparam, func, literal_column, select

from sightline_storage.engines.sql import nanos, nanos_of, tuple_less
from sightline_storage.scores.score_table import SCORES
from sightline_storage.spans.page_cursor import RowKey
from sightline_storage.spans.span_filters import of_traces

S = SCORES.c
_MAX_MONTHS = 10_000
_WHAT_STAYS = [
    func.any(column).label(f"the_{column.name}")
    for column in (S.trace_id, S.span_id, S.session, S.name, S.source, S.author)
]
"""What is equal in all rows of a score."""


@dataclass(frozen=True, slots=True)
class ScoreFilter:
    """Which scores are asked for; "" and None mean any.

    `between_ns` is half-open, over the time at which a score was last given.
    """

    trace_ids: tuple[str, ...] = ()
    span_id: str = ""
    session: str = ""
    name: str = ""
    score_id: str = ""
    between_ns: tuple[int, int] | None = None


def _filters(project: str, wanted: ScoreFilter) -> list[ColumnElement[bool]]:
    """Return the conditions of a filter, but for the end of its time.

    What was given again after that is not what was said before, so its newest row has to be seen.
    """
    conditions = [S.project == bindparam("project", project, ch.String)]
    if wanted.trace_ids:
        conditions.append(of_traces(S.trace_id, wanted.trace_ids))
    for column, value in (
        (S.span_id, wanted.span_id),
        (S.session, wanted.session),
        (S.name, wanted.name),
        (S.score_id, wanted.score_id),
    ):
        if value:
            conditions.append(column == bindparam(column.name, value, ch.String))
    if wanted.between_ns is not None:
        conditions.append(S.scored_at >= nanos("start_ns", wanted.between_ns[0]))
    return conditions


def build_scores(project: str, wanted: ScoreFilter, before: RowKey, limit: int) -> Select[Any]:
    """Which scores are there, newest first? Columns in the order of `score_reader`."""
    judgement = func.tuple(S.value_type, S.number, S.text, S.comment)
    at = nanos_of(func.max(S.scored_at)).label("at_ns")
    key: tuple[ColumnElement[Any], ...] = (literal_column("at_ns"), S.score_id)
    bound = (bindparam("before_ns", before.value, ch.Int64), bindparam("before_id", before.id, ch.String))
    within = [tuple_less(key, bound)]
    if wanted.between_ns is not None:
        within.append(key[0] < bindparam("end_ns", wanted.between_ns[1], ch.Int64))
    statement = (
        select(S.score_id, *_WHAT_STAYS, func.argMax(judgement, S.scored_at).label("judgement"), at)
        .where(*_filters(project, wanted))
        .group_by(S.score_id)
        .having(*within)
        .order_by(literal_column("at_ns").desc(), S.score_id.desc())
        .limit(bindparam("scores", limit, ch.UInt64))
    )
    return final(statement, SCORES)


def build_score_versions(project: str, score_id: str) -> Select[Any]:
    """What is the newest row of this score in each month, deleted or not?"""
    return (
        select(
            *_WHAT_STAYS,
            nanos_of(func.max(S.scored_at)).label("at_ns"),
            func.argMax(S.is_deleted, S.scored_at).label("deleted"),
        )
        .where(*_filters(project, ScoreFilter(score_id=score_id)))
        .group_by(func.toYYYYMM(S.scored_at))
        .limit(bindparam("months", _MAX_MONTHS, ch.UInt64))
    )
