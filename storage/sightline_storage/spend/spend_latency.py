"""The SQL of latency in cost reports: how long do the model calls of each group take?"""

from collections.abc import Sequence
from typing import Any, Final

from clickhouse_connect.cc_sqlalchemy import final
from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import ColumnElement, Select, bindparam, literal_column, select

from sightline_storage.rollups.rollup_table import ROLLUP_HOUR, ROLLUP_MINUTE, SKETCH, at_level, sketch_of
from sightline_storage.spans.span_table import SPANS
from sightline_storage.spend.spend_queries import (
    MAX_ROWS,
    Key,
    SpendQuestion,
    labelled,
    labels,
    place_of,
    rollup_conditions,
    span_conditions,
)

_CALL_KINDS: Final = ("llm", "embedding")


def build_rollup_latency(question: SpendQuestion, *, hourly: bool) -> Select[Any]:
    """How long do calls take? Dimensions, p50 and p95 of duration, p95 of the time to the first token."""
    table = ROLLUP_HOUR if hourly else ROLLUP_MINUTE
    merge = SKETCH.format(suffix="Merge")
    duration = f"{merge}(`{table.name}`.`duration`)"
    first_token = f"{merge}(`{table.name}`.`time_to_first_token`)"
    statement = (
        select(*labelled(question, table), *_quantiles(duration, first_token))
        .where(*rollup_conditions(question, table), table.c.kind.in_(_CALL_KINDS))
        .group_by(*labels(question))
        .limit(bindparam("rows", MAX_ROWS + 1, ch.UInt64))
    )
    return final(statement, table)


def build_span_latency(question: SpendQuestion, listed: Sequence[Key]) -> Select[Any]:
    """The same from spans, with the place in `listed` from 1 (0: all other groups as one) for dimensions."""
    duration = sketch_of("duration_ns")
    first_token = sketch_of("time_to_first_token_ns", "`spans`.`time_to_first_token_ns` > 0")
    statement = (
        select(place_of(question, listed).label("place"), *_quantiles(duration, first_token))
        .where(*span_conditions(question), SPANS.c.kind.in_(_CALL_KINDS))
        .group_by(literal_column("place"))
        .limit(bindparam("rows", MAX_ROWS + 1, ch.UInt64))
    )
    return final(statement, SPANS)


def _quantiles(duration: str, first_token: str) -> list[ColumnElement[Any]]:
    return [
        at_level(literal_column(duration), 0.5).label("duration_p50"),
        at_level(literal_column(duration), 0.95).label("duration_p95"),
        at_level(literal_column(first_token), 0.95).label("first_token_p95"),
    ]
