"""Traces that are over, what is usual in their apps, and what people and evaluators said of them."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Select

from sightline_core.batches import batched
from sightline_core.ids import ProjectId
from sightline_core.nanoseconds import HOUR_NS, MINUTE_NS, to_ns
from sightline_core.time_range import TimeRange
from sightline_storage.engines.engine import Engine
from sightline_storage.engines.statements import run, run_whole
from sightline_storage.failures import failure_trace_queries as sql
from sightline_storage.rollups.rollup_queries import Bucket

MAX_ENDED = 100_000
MAX_JUDGED = 100_000


@dataclass(frozen=True, slots=True)
class EndedTrace:
    """A trace whose last span arrived some time ago. Times in nanoseconds since the epoch.

    `first_ns` and `last_start_ns` are those of the spans that were looked at; without its root among them
    there may be earlier ones. `trace_hash` is the `cityHash64` by which the spans of a minute are sorted.
    """

    project: ProjectId
    trace_id: str
    trace_hash: int
    first_ns: int
    last_start_ns: int
    last_arrival_ns: int
    has_root: bool

    @property
    def unseen_ns(self) -> int:
        """How far around what was looked at there may be spans: with the root, by what clocks differ."""
        return MINUTE_NS if self.has_root else HOUR_NS


@dataclass(frozen=True, slots=True)
class Step:
    """One span of a trace; contents are cut, and empty where no rule reads them or they were not asked for.

    `arguments_hash` is 0 where there is no tool call or its arguments were not captured.
    """

    trace_id: str
    span_id: str
    parent_span_id: str
    start_ns: int
    duration_ns: int
    app: str
    kind: str
    tool_name: str
    provider: str
    tokens: int
    cost_usd: Decimal
    finish_reasons: list[str]
    stream_outcome: str
    failure_category: str
    arguments_hash: int = 0
    documents: str = ""
    question: str = ""
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Usual:
    """Median and 95th percentile of a measure over an app's traces."""

    median: float
    p95: float


@dataclass(frozen=True, slots=True)
class Norms:
    """What is usual for the traces of an app."""

    traces: int
    steps: Usual
    tokens: Usual
    cost_usd: Usual


@dataclass(frozen=True, slots=True)
class Judgement:
    """The newest value of one score. `number` is 0 or 1 of a boolean; `text` the category or the text."""

    name: str
    source: str
    value_type: str
    number: float
    text: str
    comment: str


def neighbours(traces: Sequence[EndedTrace], at_once: int) -> Iterator[Sequence[EndedTrace]]:
    """Return the traces of a project, at most so many at once, as they lie together in the store.

    Any few hundred of a busy minute's traces are in all of its granules, those of near hashes in a few.
    """
    ordered = sorted(
        traces, key=lambda trace: (trace.has_root, trace.first_ns // MINUTE_NS, trace.trace_hash)
    )
    return batched(ordered, at_once)


class FailureTraceReader:
    """Thread-safe, like its engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def ended(
        self, time_range: TimeRange, minutes: Sequence[Bucket] | None, *, after_ns: int, until_ns: int
    ) -> list[EndedTrace]:
        """Return the first `MAX_ENDED` traces whose last span arrived in (`after_ns`, `until_ns`]."""
        query = sql.build_ended_traces(
            to_ns(time_range.start), to_ns(time_range.end), minutes, after_ns, until_ns, MAX_ENDED
        )
        return [
            EndedTrace(
                ProjectId(str(row[0])),
                str(row[1]),
                int(row[2]),
                int(row[3]),
                int(row[4]),
                int(row[5]),
                bool(row[6]),
            )
            for row in run(self._engine, query)
        ]

    def steps(self, project: ProjectId, traces: Sequence[EndedTrace], *, contents: bool) -> list[list[Step]]:
        """Return the steps of each trace in the order in which they started, but of traces of half a million.

        The traces are best some of `neighbours`. Contents are most of what is stored: they are worth reading
        for few traces.
        """
        if not traces:
            return []
        first = min(trace.first_ns - trace.unseen_ns for trace in traces)
        last = max(trace.last_start_ns + trace.unseen_ns for trace in traces)

        def build(some: Sequence[EndedTrace]) -> Select[Any]:
            ids, hashes = [trace.trace_id for trace in some], [trace.trace_hash for trace in some]
            return sql.build_steps(project, ids, hashes, first, last, contents=contents)

        found: dict[str, list[Step]] = defaultdict(list)
        for row in run_whole(self._engine, build, traces, sql.MAX_STEPS):
            found[str(row[0])].append(Step(*row))
        return list(found.values())

    def norms(self, project: ProjectId, time_range: TimeRange) -> dict[str, Norms]:
        """Return what is usual, by app, from a sample of the traces in the range."""
        query = sql.build_norms(project, to_ns(time_range.start), to_ns(time_range.end))
        return {
            str(row[0]): Norms(int(row[1]), *(Usual(float(pair[0]), float(pair[1])) for pair in row[2:]))
            for row in run(self._engine, query)
        }

    def judged(self, *, after_ns: int, until_ns: int) -> dict[tuple[ProjectId, str], int]:
        """Return when traces (project, trace id) were last judged, of those that were in the time."""
        query = sql.build_judged_traces(after_ns, until_ns, MAX_JUDGED)
        return {(ProjectId(str(row[0])), str(row[1])): int(row[2]) for row in run(self._engine, query)}

    def judgements(
        self, project: ProjectId, trace_ids: Sequence[str], *, until_ns: int
    ) -> dict[tuple[str, str], list[Judgement]]:
        """Return what was last said of traces and spans, by (trace id, span id or ""), the newest first."""
        found: dict[tuple[str, str], list[Judgement]] = defaultdict(list)
        for row in run(self._engine, sql.build_judgements(project, trace_ids, until_ns)):
            value_type, number, text, comment, withdrawn = row[4]
            if not withdrawn:
                found[str(row[0]), str(row[1])].append(
                    Judgement(
                        str(row[2]), str(row[3]), str(value_type), float(number), str(text), str(comment)
                    )
                )
        return found

    def spans_of(
        self, project: ProjectId, trace_ids: Sequence[str], time_range: TimeRange
    ) -> dict[str, list[Step]]:
        """Return the spans of traces, without content, by trace id."""
        start_ns, end_ns = to_ns(time_range.start), to_ns(time_range.end)
        found: dict[str, list[Step]] = defaultdict(list)
        rows = run_whole(
            self._engine,
            lambda some: sql.build_judged_spans(project, some, start_ns, end_ns),
            trace_ids,
            sql.MAX_STEPS,
        )
        for row in rows:
            found[str(row[0])].append(
                Step(
                    str(row[0]), str(row[1]), str(row[2]), int(row[3]), 0, "", str(row[4]), str(row[5]),
                    str(row[6]), 0, Decimal(0), [], "", str(row[7]),
                )
            )  # fmt: skip
        return found
