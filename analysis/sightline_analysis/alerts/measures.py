"""What a rule can watch: each measure is computed from sums, so that any windows can be formed from one
query.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from sightline_core.query_parser import parse_query
from sightline_core.query_tree import EVERYTHING, Node

Unit = Literal["usd", "count", "share", "ns", "score"]
Sums = Mapping[str, float | None]
"""Column of a reader → its value in one window of one group; `None` where nothing was measured."""


class Measure(StrEnum):
    """Names as rules write them."""

    COST = "cost"
    TOKENS = "tokens"
    CALLS = "calls"
    TRACES = "traces"
    FAILURES = "failures"
    ERROR_RATE = "error_rate"
    LATENCY_P50 = "latency_p50"
    LATENCY_P95 = "latency_p95"
    LATENCY_P99 = "latency_p99"
    FIRST_TOKEN_P95 = "first_token_p95"
    GUARDRAIL_BLOCK_RATE = "guardrail_block_rate"
    CACHE_HIT_RATE = "cache_hit_rate"
    REFUSAL_RATE = "refusal_rate"
    UNPRICED_SHARE = "unpriced_share"
    SCORE = "score"
    NEW_FINGERPRINTS = "new_fingerprints"
    NEW_FAILURE_CLUSTERS = "new_failure_clusters"
    REGRESSED_FAILURE_CLUSTERS = "regressed_failure_clusters"
    RISING_FAILURE_CLUSTERS = "rising_failure_clusters"


@dataclass(frozen=True, slots=True)
class MeasureSpec:
    """How a measure is computed. `columns` are what the reader must sum over the window.

    `of_spans`: rollups do not have it. `of_clusters`: it counts failure clusters of the whole project.
    `counted` is the query for what it counts among what a rule is about, where that is only a part.
    """

    unit: Unit
    label: str
    columns: tuple[str, ...]
    value_of: Callable[[Sums], float | None]
    of_spans: bool = False
    of_clusters: bool = False
    counted: Node = EVERYTHING

    @property
    def is_additive(self) -> bool:
        """Whether windows can be added: the measure of silence is then zero, and a budget makes sense."""
        return self.unit in ("usd", "count")


def _sum_of(*columns: str) -> Callable[[Sums], float | None]:
    def value_of(sums: Sums) -> float | None:
        values = [sums[column] for column in columns]
        return None if None in values else sum(value for value in values if value is not None)

    return value_of


def _ratio_of(part: str, *whole: str) -> Callable[[Sums], float | None]:
    def value_of(sums: Sums) -> float | None:
        total = sum(sums[column] or 0 for column in whole)
        return (sums[part] or 0) / total if total else None

    return value_of


def _sum(unit: Unit, label: str, *columns: str, counted: str = "") -> MeasureSpec:
    return MeasureSpec(unit, label, columns, _sum_of(*columns), counted=parse_query(counted))


def _clusters(label: str, column: str) -> MeasureSpec:
    value_of, failing = _sum_of(column), parse_query("has:failure")
    return MeasureSpec("count", label, (column,), value_of, of_clusters=True, counted=failing)


def _rate(label: str, part: str, *whole: str, counted: str = "") -> MeasureSpec:
    value_of = _ratio_of(part, *whole)
    return MeasureSpec("share", label, (part, *whole), value_of, counted=parse_query(counted))


MEASURES: dict[Measure, MeasureSpec] = {
    Measure.COST: _sum("usd", "cost", "cost_usd"),
    Measure.TOKENS: _sum("count", "tokens", "input_tokens", "output_tokens"),
    Measure.CALLS: _sum("count", "model calls", "calls"),
    Measure.TRACES: _sum("count", "traces", "traces"),
    Measure.FAILURES: _sum("count", "failures", "failures", counted="has:failure"),
    Measure.ERROR_RATE: _rate("error rate of traces", "trace_errors", "traces", counted="status:error"),
    Measure.LATENCY_P50: _sum("ns", "median latency", "duration_p50"),
    Measure.LATENCY_P95: _sum("ns", "p95 latency", "duration_p95"),
    Measure.LATENCY_P99: _sum("ns", "p99 latency", "duration_p99"),
    Measure.FIRST_TOKEN_P95: _sum("ns", "p95 time to first token", "time_to_first_token_p95"),
    Measure.GUARDRAIL_BLOCK_RATE: _rate(
        "guardrail block rate", "guardrail_blocks", "guardrail_checks", counted="has:guardrail.block"
    ),
    Measure.CACHE_HIT_RATE: _rate("cache hit rate", "cache_hits", "cache_lookups"),
    Measure.REFUSAL_RATE: _rate("refusal rate", "refusals", "calls", counted="has:failure failure:refusal"),
    Measure.UNPRICED_SHARE: _rate(
        "share of unpriced calls", "unpriced_calls", "calls", counted="has:unpriced"
    ),
    Measure.SCORE: MeasureSpec("score", "mean score", ("score",), _sum_of("score"), of_spans=True),
    Measure.NEW_FINGERPRINTS: MeasureSpec(
        "count", "new system fingerprints", ("new_fingerprints",), _sum_of("new_fingerprints"), of_spans=True
    ),
    Measure.NEW_FAILURE_CLUSTERS: _clusters("new failure clusters", "new_failure_clusters"),
    Measure.REGRESSED_FAILURE_CLUSTERS: _clusters("regressed failure clusters", "regressed_failure_clusters"),
    Measure.RISING_FAILURE_CLUSTERS: _clusters("rising failure clusters", "rising_failure_clusters"),
}
"""Every measure. Rates are `None` in a window where nothing was asked: neither good nor bad."""


def format_value(unit: Unit, value: float | None) -> str:
    """Return the value as people read it in a message, for example `$12.40`, `3.1 %`, `840 ms`."""
    if value is None:
        return "no data"
    if unit == "usd":
        if abs(value) >= 0.1 or value == 0:
            return f"${value:,.2f}"
        return f"${value:.6f}".rstrip("0").rstrip(".")
    if unit == "share":
        return f"{format_number(value * 100)} %"
    if unit == "ns":
        return f"{format_number(value / 1e9)} s" if value >= 999.5e6 else f"{format_number(value / 1e6)} ms"
    return f"{value:,.0f}" if unit == "count" else format_number(value)


def format_number(value: float) -> str:
    """Return a number with three digits that count, and all of those before the point."""
    return f"{value:,.0f}" if abs(value) >= 999.5 else f"{value:.3g}"
