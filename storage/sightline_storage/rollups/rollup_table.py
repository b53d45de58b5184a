"""Rollups: what each column means, and how it is computed from spans.

`rollup_minute` and `rollup_hour` hold one row for each (project, `bucket`, dimensions); `bucket` is the start
of the minute or hour in UTC. Read them with `FINAL`, sum the `SUMS`, and merge the sketches with
`quantilesDDMerge(0.01, 0.5, 0.9, 0.95, 0.99)` (DDSketch, relative error 1 %; NaN when nothing was measured).
They lag ingest by the period of the background job. `calls` are counted model calls; `cost_usd` covers priced
and estimated ones; the rest is `unpriced_calls` with `unpriced_tokens`. Rows with `is_root = 1` are traces.
"""

from typing import Any, Final

from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import Column, ColumnElement, MetaData, Table, and_, func, literal_column, true

from sightline_storage.spans.span_table import SPANS
from sightline_storage.spans.span_weights import weighted_amount, weighted_count, weighted_money

DIMENSIONS: Final = ("app", "environment", "provider", "model", "kind", "operation", "is_root")

QUANTILES: Final = (0.5, 0.9, 0.95, 0.99)
"""The levels that a merged sketch answers, in this order."""

TOKEN_CLASSES: Final = (
    "input_tokens",
    "cached_input_tokens",
    "cache_write_tokens",
    "output_tokens",
    "reasoning_tokens",
    "audio_input_tokens",
    "audio_output_tokens",
    "image_input_tokens",
    "image_output_tokens",
)
"""Columns of token counts; some are parts of others, as in `SpanRecord`."""

SKETCH: Final = "quantilesDD{suffix}(0.01, 0.5, 0.9, 0.95, 0.99)"

_MAX_COPIES = 128
"""Of one value in a sketch: those of a block of spans are in memory together."""

_S = SPANS.c
_COUNTED = _S.counted == 1
_CALL = and_(_COUNTED, _S.cost_state != "none")
_UNPRICED = and_(_CALL, _S.cost_state == "unpriced")
_ESTIMATED = and_(_CALL, _S.cost_state == "estimated")
_HAS_PRICE = and_(_CALL, _S.cost_state != "unpriced")
_FAILED = _S.status == "error"


def at_level(quantiles: ColumnElement[Any], level: float) -> ColumnElement[Any]:
    """Return one level of a merged sketch's answer, in which its accuracy has no place."""
    quantile: ColumnElement[Any] = func.arrayElement(quantiles, QUANTILES.index(level) + 1)
    return quantile


SUMS: Final[dict[str, ColumnElement[Any]]] = {
    "spans": weighted_count(true()),
    "errors": weighted_count(_FAILED),
    "failures": weighted_count(and_(_S.failure_category != "", _S.failure_propagated == 0)),
    "refusals": weighted_count(and_(_S.failure_category == "refusal", _S.failure_propagated == 0)),
    "calls": weighted_count(_CALL),
    "priced_calls": weighted_count(and_(_CALL, _S.cost_state == "priced")),
    "estimated_calls": weighted_count(_ESTIMATED),
    "unpriced_calls": weighted_count(_UNPRICED),
    "failed_calls": weighted_count(and_(_CALL, _FAILED)),
    "estimated_usage_calls": weighted_count(and_(_CALL, _S.usage_estimated == 1)),
    **{name: weighted_amount(_S[name], _COUNTED) for name in TOKEN_CLASSES},
    "unpriced_tokens": weighted_amount(_S.input_tokens + _S.output_tokens, _UNPRICED),
    **{
        name: weighted_money(_S[name], _HAS_PRICE)
        for name in ("cost_usd", "cost_input_usd", "cost_cached_usd", "cost_output_usd")
    },
    "estimated_cost_usd": weighted_money(_S.cost_usd, _ESTIMATED),
    "failed_cost_usd": weighted_money(_S.cost_usd, and_(_HAS_PRICE, _FAILED)),
    "cache_lookups": weighted_count(_S.cache_hit >= 0),
    "cache_hits": weighted_count(_S.cache_hit == 1),
    "cache_saved_tokens": weighted_amount(_S.cache_saved_tokens, _S.cache_hit == 1),
    "cache_saved_usd": weighted_money(_S.cache_saved_usd, _S.cache_hit == 1),
    "guardrail_checks": weighted_count(_S.guardrail_outcome != ""),
    "guardrail_blocks": weighted_count(_S.guardrail_outcome == "block"),
    "duration_sum_ns": weighted_amount(_S.duration_ns, true()),
}
"""Measure → its sum over spans. The same measures of a coarser bucket are plain sums of these."""


def sketch_of(column: str, condition: str = "", *, suffix: str = "") -> str:
    """Return the quantile sketch of a column of spans, in which a sampled one is as many as it stands for."""
    copies = f"arrayWithConstant(toUInt32(least(`spans`.`sample_weight`, {_MAX_COPIES})), `spans`.`{column}`)"
    if not condition:
        return f"{SKETCH.format(suffix=f'Array{suffix}')}({copies})"
    return f"{SKETCH.format(suffix=f'Array{suffix}If')}({copies}, {condition})"


SKETCHES: Final[dict[str, ColumnElement[Any]]] = {
    "duration": literal_column(sketch_of("duration_ns", suffix="State")),
    "time_to_first_token": literal_column(
        sketch_of("time_to_first_token_ns", "`spans`.`time_to_first_token_ns` > 0", suffix="State")
    ),
}
"""Measure in nanoseconds → its quantile sketch over spans."""


def _rollup(name: str) -> Table:
    money = ch.Decimal(38, 12)
    return Table(
        name,
        MetaData(),
        Column("project", ch.String),
        Column("bucket", ch.DateTime("UTC")),
        *(Column(dimension, ch.UInt8 if dimension == "is_root" else ch.String) for dimension in DIMENSIONS),
        *(Column(measure, money if measure.endswith("_usd") else ch.UInt64) for measure in SUMS),
        *(Column(measure, ch.String) for measure in SKETCHES),
        Column("last_start", ch.DateTime64(9, "UTC")),
        Column("version", ch.UInt64),
        Column("is_deleted", ch.UInt8),
    )


ROLLUP_MINUTE: Final = _rollup("rollup_minute")
ROLLUP_HOUR: Final = _rollup("rollup_hour")
