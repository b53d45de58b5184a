"""Answers about the health of apps."""

from dataclasses import dataclass

from sightline_core.ids import ProjectId
from sightline_core.query_tree import Node
from sightline_core.time_range import TimeRange
from sightline_storage.app_queries import build_app_overview
from sightline_storage.contract import CostTotals, TokenTotals
from sightline_storage.engine import Engine, Row
from sightline_storage.sql import to_ns
from sightline_storage.trace_finder import run
from sightline_storage.trace_search_queries import SearchScope
from sightline_storage.trace_totals import TOTALS, cost_of, tokens_of

MAX_APPS = 1_000


@dataclass(frozen=True, slots=True)
class AppHealth:
    """How an app did in a time range. `series` has traces and failed traces by bucket, zeros included."""

    app: str
    traces: int
    errors: int
    p50_ns: int
    p95_ns: int
    tokens: TokenTotals
    cost: CostTotals
    last_ns: int
    series: list[tuple[int, int]]


class AppReader:
    """Thread-safe, like its engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def overview(
        self, project: ProjectId, time_range: TimeRange, node: Node, *, buckets: int
    ) -> list[AppHealth]:
        """Return the apps with traces that fit, most traces first; the range is cut into equal buckets."""
        scope = SearchScope(project, to_ns(time_range.start), to_ns(time_range.end))
        bucket_ns = -(-(scope.end_ns - scope.start_ns) // buckets)
        rows = run(self._engine, build_app_overview(node, scope, bucket_ns, MAX_APPS))
        return [_health(row, buckets) for row in rows]


def _health(row: Row, buckets: int) -> AppHealth:
    app, (p50, p95), last_ns, (numbers, traces, failed) = row[TOTALS:]
    counts = {int(number): pair for number, *pair in zip(numbers, traces, failed, strict=True)}
    return AppHealth(
        app=app,
        traces=row[0],
        errors=row[1],
        p50_ns=int(p50),
        p95_ns=int(p95),
        tokens=tokens_of(row),
        cost=cost_of(row),
        last_ns=int(last_ns),
        series=[(int(all_), int(bad)) for all_, bad in (counts.get(n, (0, 0)) for n in range(buckets))],
    )
