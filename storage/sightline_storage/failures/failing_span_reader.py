"""Failing spans as the jobs read them that look for causes and clusters."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from sightline_core.batches import batched
from sightline_core.ids import ProjectId
from sightline_core.nanoseconds import HOUR_NS, to_ns
from sightline_core.time_range import TimeRange
from sightline_storage.engines.engine import Engine
from sightline_storage.engines.statements import run, run_whole
from sightline_storage.failures import failing_span_queries as sql
from sightline_storage.metadata.metadata_tables import MAX_NAME
from sightline_storage.rollups.rollup_queries import Bucket
from sightline_storage.spans.span_record import SpanRecord
from sightline_storage.spans.span_table import record_of

MAX_TRACES_A_TURN = 200_000
_TRACES_A_QUERY = 500


@dataclass(frozen=True, slots=True)
class NewFailure:
    """A fingerprint in one version of one app, in minutes that were written since the last look.

    Times in nanoseconds since the epoch.
    """

    project: ProjectId
    fingerprint: str
    category: str
    scope: str
    message: str
    first_ns: int
    last_ns: int
    app: str
    app_version: str


class FailingSpanReader:
    """Thread-safe, like its engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def new_failures(self, time_range: TimeRange, minutes: Sequence[Bucket] | None) -> list[NewFailure]:
        """Return the fingerprints of all projects in these minutes; `None` stands for the whole range."""
        query = sql.build_new_failures(to_ns(time_range.start), to_ns(time_range.end), minutes)
        return [
            NewFailure(
                ProjectId(str(row[0])),
                fingerprint=str(row[1]),
                category=str(row[2]),
                scope=str(row[3])[:MAX_NAME],
                message=str(row[4]),
                first_ns=int(row[5]),
                last_ns=int(row[6]),
                app=str(row[7]),
                app_version=str(row[8])[:MAX_NAME],
            )
            for row in run(self._engine, query)
        ]

    def causes(self, project: ProjectId, fingerprints: Sequence[str], time_range: TimeRange) -> set[str]:
        """Return which of these fingerprints have spans that failed by themselves in the range."""
        start_ns, end_ns = to_ns(time_range.start), to_ns(time_range.end)
        return {
            str(row[0])
            for row in run(self._engine, sql.build_causes(project, fingerprints, start_ns, end_ns))
        }

    def first_run(self, project: ProjectId, time_range: TimeRange, app: str, version: str) -> int:
        """Return when a version of an app ran first, in nanoseconds since the epoch; 0 when it did not."""
        query = sql.build_first_run(project, to_ns(time_range.start), to_ns(time_range.end), app, version)
        return next((int(row[0]) for row in run(self._engine, query)), 0)

    def failing_traces(
        self, time_range: TimeRange, minutes: Sequence[Bucket] | None
    ) -> Iterator[tuple[ProjectId, list[list[SpanRecord]]]]:
        """Yield all spans, reduced to parents and failures, of traces with several failing spans."""
        start_ns, end_ns = to_ns(time_range.start), to_ns(time_range.end)
        query = sql.build_failing_traces(start_ns, end_ns, minutes, MAX_TRACES_A_TURN)
        wanted: dict[str, list[tuple[str, int, int]]] = defaultdict(list)
        for row in run(self._engine, query):
            wanted[str(row[0])].append((str(row[1]), int(row[2]), int(row[3])))
        for project, traces in wanted.items():
            traces.sort(key=lambda trace: trace[1])
            for some in batched(traces, _TRACES_A_QUERY):
                yield ProjectId(project), self._failures_of(project, some)

    def _failures_of(self, project: str, traces: Sequence[tuple[str, int, int]]) -> list[list[SpanRecord]]:
        by_trace: dict[str, list[SpanRecord]] = defaultdict(list)
        first, last = min(t[1] for t in traces) - HOUR_NS, max(t[2] for t in traces) + HOUR_NS
        rows = run_whole(
            self._engine,
            lambda some: sql.build_trace_failures(project, [trace[0] for trace in some], first, last),
            traces,
            sql.MAX_FAILURES,
        )
        for row in rows:
            by_trace[str(row[0])].append(_failure_of(row))
        return list(by_trace.values())

    def records(self, project: ProjectId, spans: Sequence[SpanRecord]) -> list[SpanRecord]:
        """Return these spans (trace id, span id, start) with every column."""
        traces = sorted({span["trace_id"] for span in spans})
        starts = [span["start_ns"] for span in spans]
        query = sql.build_records(
            project, traces, sorted({span["span_id"] for span in spans}), min(starts), max(starts) + 1
        )
        return [record_of(row) for row in run(self._engine, query)]


def _failure_of(row: Sequence[object]) -> SpanRecord:
    return cast(SpanRecord, dict(zip(sql.FAILURE_KEYS, row, strict=True)))
