"""Answers about the health of apps."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sightline_core.ids import ProjectId
from sightline_core.nanoseconds import SECOND_NS, to_ns
from sightline_core.query_tree import Node
from sightline_core.time_range import TimeRange
from sightline_storage.activity.app_queries import build_app_overview, build_first_span
from sightline_storage.contract import CostTotals, TokenTotals
from sightline_storage.engines.engine import Engine, Row
from sightline_storage.engines.statements import run
from sightline_storage.search.search_scope import SearchScope
from sightline_storage.search.trace_totals import TOTALS, cost_of, is_sampled, tokens_of

_YEAR = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class AppHealth:
    """How an app did in a time range. `series` has traces and failed traces by bucket, zeros included.

    `sampled`: sampled traces are among them, and all of this is estimated.
    """

    app: str
    traces: int
    errors: int
    p50_ns: int
    p95_ns: int
    tokens: TokenTotals
    cost: CostTotals
    last_ns: int
    series: list[tuple[int, int]]
    sampled: bool


@dataclass(frozen=True, slots=True)
class AppOverview:
    """Apps, most traces first, and where the buckets of their series lie, in nanoseconds since the epoch."""

    start_ns: int
    bucket_ns: int
    apps: list[AppHealth]


class AppReader:
    """Thread-safe, like its engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def overview(
        self,
        project: ProjectId,
        time_range: TimeRange,
        node: Node,
        *,
        buckets: int,
        limit: int,
        only: Sequence[str] | None = None,
    ) -> AppOverview:
        """Return at most `limit` apps with traces that fit, of `only` these.

        The range is cut into equal buckets. One of more than a year begins with the first span in it: "all
        time" is not since 1970.
        """
        start_ns, end_ns = to_ns(time_range.start), to_ns(time_range.end)
        if time_range.duration > _YEAR:
            for (minute_s,) in run(self._engine, build_first_span(project, start_ns, end_ns)):
                start_ns = max(start_ns, int(minute_s) * SECOND_NS)
        bucket_ns = -(-(end_ns - start_ns) // buckets)
        scope = SearchScope(project, start_ns, end_ns)
        rows = run(self._engine, build_app_overview(node, scope, bucket_ns, limit, only))
        return AppOverview(start_ns, bucket_ns, [_health(row, buckets) for row in rows])


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
        sampled=is_sampled(row),
    )
