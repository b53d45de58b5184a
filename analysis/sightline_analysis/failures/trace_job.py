"""The background job for what no single span shows: traces that are over, and what was said of them.

A finding is written onto a span of its trace that has not failed by itself (docs/adr/0005), so that it
counts, clusters and is shown like every other failure.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sightline_analysis.failures.fingerprint import fingerprint_of_root
from sightline_analysis.failures.rewriting import rewrite_spans
from sightline_analysis.failures.score_rules import Verdict, find_verdict
from sightline_analysis.failures.trace_rules import compares_contents, inspect_trace
from sightline_analysis.failures.unwrapping import Root
from sightline_core.batches import batched
from sightline_core.ids import ProjectId
from sightline_core.nanoseconds import HOUR_NS, MINUTE_NS, SECOND_NS, to_ns
from sightline_core.time_range import TimeRange
from sightline_semconv.failure_category import FailureCategory
from sightline_storage.contract import SpanWriter
from sightline_storage.failures.failing_span_reader import FailingSpanReader
from sightline_storage.failures.failure_store import FailureStore
from sightline_storage.failures.failure_trace_reader import (
    MAX_ENDED,
    EndedTrace,
    FailureTraceReader,
    Judgement,
    Norms,
    Step,
    neighbours,
)
from sightline_storage.metadata.job_progress import JobProgress
from sightline_storage.rollups.rollup_queries import range_of
from sightline_storage.rollups.written_minutes import WrittenMinutesReader
from sightline_storage.spans.span_record import SpanRecord
from sightline_storage.traces.span_lookup import SpanKey

ENDED_AFTER = timedelta(minutes=1)
LOOK_BACK = timedelta(days=7)
_PROGRESS = "traces"
# Traces that ended before this version was installed are left alone, but for those of the last day.
_FIRST_LOOK = timedelta(days=1)
# Spans are written some time after they were received, by one collector sooner than by another; after an
# outage long after.
_OVERLAP_NS, _LONGEST_DRAIN_NS = 2 * MINUTE_NS, HOUR_NS
MAX_INSPECTED_A_TURN = 10_000
MAX_JUDGED_A_TURN = 5_000
_NORMS_FROM, _NORMS_KEPT = timedelta(days=1), timedelta(minutes=10)
_SCORES_FROM = timedelta(hours=1)
_ENDED_A_QUERY, _COMPARED_A_QUERY = 2_000, 250  # the contents of the latter are read
_JUDGED_A_QUERY = 500
_CLEARED = {
    "failure_category": "",
    "failure_fingerprint": "",
    "failure_message": "",
    "failure_reason": "",
    "failure_propagated": 0,
}
_OF_SCORES = frozenset({FailureCategory.NEGATIVE_FEEDBACK, FailureCategory.LOW_SCORE})


class TraceJob:
    """Safe to repeat and to be cut off: a span that carries a finding already is left alone."""

    def __init__(
        self,
        store: FailureStore,
        reader: FailingSpanReader,
        traces: FailureTraceReader,
        writer: SpanWriter,
        progress: JobProgress,
        written: WrittenMinutesReader,
    ) -> None:
        self._store = store
        self._reader = reader
        self._traces = traces
        self._writer = writer
        self._progress = progress
        self._written = written
        self._norms: dict[ProjectId, tuple[datetime, dict[str, Norms]]] = {}
        self._inspected: dict[tuple[ProjectId, str], int] = {}
        self._judged: dict[tuple[ProjectId, str], int] = {}
        self._looked_for: dict[tuple[ProjectId, str], int] = {}

    def run(self, now: datetime) -> bool:
        """Look at traces that ended and at what was judged since the last run; True when more traces wait."""
        more = self._judge(now)
        return self._inspect_ended(now) or more

    def _inspect_ended(self, now: datetime) -> bool:
        until_ns = to_ns(now - ENDED_AFTER)
        after_ns = max(self._progress.seen_ns(_PROGRESS, now), to_ns(now - _FIRST_LOOK))
        written = self._written.since(after_ns // SECOND_NS)
        if not written.minutes:
            return False
        time_range = range_of(written.minutes)
        if written.more:
            time_range = TimeRange(now - LOOK_BACK, now + timedelta(hours=1))
        ended = self._traces.ended(
            time_range, None if written.more else written.minutes, after_ns=after_ns, until_ns=until_ns
        )
        fresh = [trace for trace in ended if self._inspected.get(_key_of(trace)) != trace.last_arrival_ns]
        more = len(fresh) > MAX_INSPECTED_A_TURN or len(ended) == MAX_ENDED
        fresh = fresh[:MAX_INSPECTED_A_TURN]
        self._inspect(fresh, now)
        if more:
            # Others may have ended in the same moment as the last one.
            done_ns = fresh[-1].last_arrival_ns - 1 if fresh else ended[-1].last_arrival_ns
        elif ended and written.newest_s * SECOND_NS > until_ns - _OVERLAP_NS:
            # Not further than what is stored by now: after an outage there is more from before it to come.
            done_ns = max(ended[-1].last_arrival_ns - _OVERLAP_NS, until_ns - _LONGEST_DRAIN_NS)
        else:
            done_ns = until_ns - _OVERLAP_NS
        done_ns = max(done_ns, after_ns)
        self._progress.set_seen_ns(_PROGRESS, done_ns)
        self._inspected |= {_key_of(trace): trace.last_arrival_ns for trace in fresh}
        self._inspected = {key: at_ns for key, at_ns in self._inspected.items() if at_ns > done_ns}
        return more

    def _inspect(self, traces: Sequence[EndedTrace], now: datetime) -> None:
        of_project: dict[ProjectId, list[EndedTrace]] = defaultdict(list)
        for trace in traces:
            of_project[trace.project].append(trace)
            # What was delivered again says nothing of what it was judged to be.
            self._judged.pop(_key_of(trace), None)
        for project, its_traces in of_project.items():
            self._inspect_project(project, its_traces, now)

    def _inspect_project(self, project: ProjectId, traces: Sequence[EndedTrace], now: datetime) -> None:
        norms = self._norms_of(project, now)
        compared: list[EndedTrace] = []
        for some in neighbours(traces, _ENDED_A_QUERY):
            found = self._traces.steps(project, some, contents=False)
            whole = {steps[0].trace_id for steps in found if compares_contents(steps)}
            compared += [trace for trace in some if trace.trace_id in whole]
            self._find(project, [steps for steps in found if steps[0].trace_id not in whole], norms)
        for some in neighbours(compared, _COMPARED_A_QUERY):
            self._find(project, self._traces.steps(project, some, contents=True), norms)

    def _find(self, project: ProjectId, traces: Sequence[Sequence[Step]], norms: Mapping[str, Norms]) -> None:
        found = [finding for steps in traces for finding in inspect_trace(steps, norms.get(_app_of(steps)))]
        self._write(project, [(f.step, Verdict(f.category, f.message, f.reason)) for f in found])

    def _norms_of(self, project: ProjectId, now: datetime) -> dict[str, Norms]:
        known = self._norms.get(project)
        if known is None or now - known[0] >= _NORMS_KEPT:
            known = now, self._traces.norms(project, TimeRange(now - _NORMS_FROM, now))
            self._norms[project] = known
        return known[1]

    def _judge(self, now: datetime) -> bool:
        """Scores may come before their spans: those of the last hour are tried until the spans are there.

        Those that were not tried yet come first. Returns whether one turn was not enough for them.
        """
        until_ns = to_ns(now)
        judged = self._traces.judged(after_ns=to_ns(now - _SCORES_FROM), until_ns=until_ns)
        self._judged = {key: at for key, at in self._judged.items() if key in judged}
        self._looked_for = {key: at for key, at in self._looked_for.items() if key in judged}
        fresh = [key for key, scored_ns in judged.items() if self._judged.get(key) != scored_ns]
        fresh.sort(key=lambda key: self._looked_for.get(key, 0))
        waiting: dict[ProjectId, list[str]] = defaultdict(list)
        for project, trace_id in fresh[:MAX_JUDGED_A_TURN]:
            waiting[project].append(trace_id)
            self._looked_for[project, trace_id] = until_ns
        for project, trace_ids in waiting.items():
            lines = self._store.score_lines(project)
            for some in batched(trace_ids, _JUDGED_A_QUERY):
                judgements = self._traces.judgements(project, some, until_ns=until_ns)
                spans = self._traces.spans_of(project, some, TimeRange(now - LOOK_BACK, now))
                self._judge_spans(project, spans, judgements, lines)
                for trace_id in spans:
                    self._judged[project, trace_id] = judged[project, trace_id]
        return any(key not in self._looked_for for key in fresh[MAX_JUDGED_A_TURN:])

    def _judge_spans(
        self,
        project: ProjectId,
        spans: Mapping[str, Sequence[Step]],
        judgements: Mapping[SpanKey, Sequence[Judgement]],
        lines: Mapping[str, float],
    ) -> None:
        findings: list[tuple[Step, Verdict]] = []
        cleared: list[Step] = []
        for steps in spans.values():
            for step in steps:
                said = list(judgements.get((step.trace_id, step.span_id), ()))
                if not step.parent_span_id:
                    said += judgements.get((step.trace_id, ""), ())
                verdict = find_verdict(said, lines)
                if verdict and not step.failure_category:
                    findings.append((step, verdict))
                elif verdict is None and step.failure_category in _OF_SCORES:
                    cleared.append(step)
        self._write(project, findings)
        self._rewrite(project, cleared, dict.fromkeys(map(_key, cleared), _CLEARED))

    def _write(self, project: ProjectId, findings: Sequence[tuple[Step, Verdict]]) -> None:
        changes: dict[SpanKey, dict[str, object]] = {}
        for step, verdict in findings:
            scope = step.tool_name or step.provider
            name = fingerprint_of_root(Root(verdict.message), verdict.category, scope)
            changes[_key(step)] = {
                "failure_category": verdict.category.value,
                "failure_fingerprint": name.value,
                "failure_message": verdict.message,
                "failure_reason": verdict.reason,
                "failure_propagated": 0,
            }
        self._rewrite(project, [step for step, _ in findings], changes)

    def _rewrite(
        self, project: ProjectId, steps: Sequence[Step], changes: Mapping[SpanKey, Mapping[str, object]]
    ) -> None:
        spans: list[SpanRecord] = [
            {"trace_id": step.trace_id, "span_id": step.span_id, "start_ns": step.start_ns} for step in steps
        ]
        rewrite_spans(self._reader, self._writer, project, spans, changes)


def _key(step: Step) -> SpanKey:
    return step.trace_id, step.span_id


def _key_of(trace: EndedTrace) -> tuple[ProjectId, str]:
    return trace.project, trace.trace_id


def _app_of(steps: Sequence[Step]) -> str:
    return next((step.app for step in steps if not step.parent_span_id), steps[0].app)
