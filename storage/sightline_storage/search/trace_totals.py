"""Figures of groups of traces, such as those of an app: the columns of two queries, one inside the other.

The inner query has a row for each trace, measured over its spans (`measure_trace`); the outer one adds up the
traces of each group (`sum_traces`). `tokens_of`, `cost_of` and `is_sampled` read the answer.
"""

from typing import Any

from sqlalchemy import ColumnElement, func

from sightline_storage.contract import CostTotals, TokenTotals
from sightline_storage.engines.engine import Row
from sightline_storage.engines.sql import nanos_of
from sightline_storage.search.trace_conditions import TRACE_DURATION, TRACE_STATUS
from sightline_storage.spans.span_table import SPANS
from sightline_storage.spans.span_weights import ANY_SAMPLED
from sightline_storage.traces.usage_totals import cost_totals, read_tokens, token_totals

S = SPANS.c

TOTALS = 13
"""How many columns `sum_traces` returns."""


def measure_trace() -> list[ColumnElement[Any]]:
    """Return what is measured of one trace, over its spans."""
    return [
        TRACE_STATUS.label("trace_status"),
        ANY_SAMPLED.label("any_sampled"),
        TRACE_DURATION.label("trace_ns"),
        func.max(nanos_of(S.start_time) + S.duration_ns).label("end_ns"),
        *token_totals(),
        *cost_totals(),
    ]


def sum_traces(each: Any) -> list[ColumnElement[Any]]:
    """Return traces, failed ones, the sums behind `TokenTotals` and `CostTotals`, if they are estimates."""
    return [
        func.sum(each.weight).label("traces"),
        func.sumIf(each.weight, each.trace_status == "error").label("errors"),
        *(func.sum(each[column.name]).label(f"sum_{column.name}") for column in token_totals()[:-1]),
        func.max(each.any_estimated).label("sum_estimated"),
        *(func.sum(each[column.name]).label(f"sum_{column.name}") for column in cost_totals()),
        func.max(each.any_sampled).label("sampled"),
    ]


def tokens_of(row: Row) -> TokenTotals:
    """Return the tokens of a row that begins with the columns of `sum_traces`."""
    return read_tokens(row[2:8])


def cost_of(row: Row) -> CostTotals:
    """Return the cost of a row that begins with the columns of `sum_traces`."""
    return CostTotals(*row[8:12])


def is_sampled(row: Row) -> bool:
    """Return whether sampled traces are in a row that begins with the columns of `sum_traces`."""
    return bool(row[TOTALS - 1])
