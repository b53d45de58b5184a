"""What is wrong with a whole trace that is over: loops, runaways, retrieval without use, abandonment.

Pure functions over steps. A rule names the step that its finding is about; where that one has failed already,
the finding goes to the nearest one above it that has not, and is dropped when there is none. Looking again at
a trace that has its findings finds nothing more.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sightline_analysis.alerts.measures import format_value
from sightline_analysis.failures.grounding import uses_documents
from sightline_semconv.failure_category import FailureCategory
from sightline_semconv.finish_reasons import TOOL_CALL_FINISH_REASONS
from sightline_storage.failures.failure_trace_reader import Norms, Step, Usual

LOOP_CALLS = 3
MIN_NORM_TRACES = 30
"""Fewer traces than this do not tell what is usual."""

_FAR_OVER_P95, _FAR_OVER_MEDIAN = 5, 10
_MIN_STEPS, _MIN_TOKENS, _MIN_COST_USD = 30, 20_000, 0.05


@dataclass(frozen=True, slots=True)
class TraceFinding:
    """Which step has failed, how, and why we say so."""

    step: Step
    category: FailureCategory
    message: str
    reason: str


def inspect_trace(steps: Sequence[Step], norms: Norms | None) -> list[TraceFinding]:
    """Return the findings of one trace, at most one for each step; `norms` is None for an unknown app."""
    taken: set[str] = set()
    placed: list[TraceFinding] = []
    for finding in _findings(steps, norms):
        step = _free_step(finding, steps, taken)
        if step is not None:
            taken.add(step.span_id)
            placed.append(TraceFinding(step, finding.category, finding.message, finding.reason))
    return placed


def compares_contents(steps: Sequence[Step]) -> bool:
    """Return whether a rule would read contents: of what was retrieved, or of a tool that is called often."""
    calls = Counter(step.tool_name for step in steps if step.kind == "tool" and step.tool_name)
    return any(step.kind == "retrieval" for step in steps) or max(calls.values(), default=0) >= LOOP_CALLS


def _findings(steps: Sequence[Step], norms: Norms | None) -> Iterator[TraceFinding]:
    yield from _loops(steps)
    yield from _unused_retrieval(steps)
    yield from _abandoned(steps)
    if norms is not None:
        yield from _runaway(steps, norms)


def _free_step(finding: TraceFinding, steps: Sequence[Step], taken: set[str]) -> Step | None:
    by_id = {each.span_id: each for each in steps}
    seen: set[str] = set()
    at: Step | None = finding.step
    while at is not None and at.span_id not in seen:
        if not at.failure_category and at.span_id not in taken:
            return at
        if at.failure_category == finding.category:
            return None  # it was found before
        seen.add(at.span_id)
        at = by_id.get(at.parent_span_id)
    return None


def _root(steps: Sequence[Step]) -> Step | None:
    return next((step for step in steps if not step.parent_span_id), None)


def _loops(steps: Sequence[Step]) -> Iterator[TraceFinding]:
    calls: dict[tuple[str, int], list[Step]] = defaultdict(list)
    for step in steps:
        if step.kind == "tool" and step.tool_name and step.arguments_hash:
            calls[step.tool_name, step.arguments_hash].append(step)
    for (tool, _), repeated in calls.items():
        if len(repeated) >= LOOP_CALLS:
            yield TraceFinding(
                repeated[LOOP_CALLS - 1],
                FailureCategory.LOOP,
                f"the tool '{tool}' was called {len(repeated)} times with the same arguments",
                f"the same call came {LOOP_CALLS} times or more in one trace",
            )


def _runaway(steps: Sequence[Step], norms: Norms) -> Iterator[TraceFinding]:
    root = _root(steps)
    if root is None or norms.traces < MIN_NORM_TRACES:
        return
    tokens = sum(step.tokens for step in steps)
    cost = float(sum(step.cost_usd for step in steps))
    for what, value, usual, floor in (
        ("steps", float(len(steps)), norms.steps, _MIN_STEPS),
        ("tokens", float(tokens), norms.tokens, _MIN_TOKENS),
        ("cost", cost, norms.cost_usd, _MIN_COST_USD),
    ):
        if _is_far_over(value, usual, floor):
            amount = format_value("usd", value) if what == "cost" else f"{value:,.0f} {what}"
            usually = format_value("usd" if what == "cost" else "count", usual.p95)
            yield TraceFinding(
                root,
                FailureCategory.RUNAWAY,
                f"the trace took far more {what} than the app's traces usually do",
                f"{amount}; 95 of 100 traces of {root.app or 'this app'} stay below {usually}",
            )
            return


def _is_far_over(value: float, usual: Usual, floor: float) -> bool:
    return value >= floor and value > _FAR_OVER_P95 * usual.p95 and value > _FAR_OVER_MEDIAN * usual.median


def _unused_retrieval(steps: Sequence[Step]) -> Iterator[TraceFinding]:
    retrievals = [step for step in steps if step.kind == "retrieval" and step.documents]
    if not retrievals:
        return
    last = max(step.start_ns for step in retrievals)
    answers = [step for step in steps if step.kind == "llm" and step.answer and step.start_ns >= last]
    # Steps between may rewrite the question or grade documents: the last one answers.
    answer = answers[-1] if answers else None
    if answer is None or answer.failure_category:
        return
    documents = [step.documents for step in retrievals]
    questions = [step.question for step in retrievals]
    if uses_documents(answer.answer, documents, questions) is False:
        yield TraceFinding(
            answer,
            FailureCategory.UNUSED_RETRIEVAL,
            "the answer uses nothing of what was retrieved",
            "none of the answer's own words is in the documents",
        )


def _abandoned(steps: Sequence[Step]) -> Iterator[TraceFinding]:
    root = _root(steps)
    calls = [step for step in steps if step.kind == "llm"]
    if root is None or not calls:
        return
    last = max(calls, key=lambda step: step.start_ns + step.duration_ns)
    if last.stream_outcome == "abandoned":
        yield TraceFinding(
            last,
            FailureCategory.ABANDONED,
            "the answer was abandoned before it was complete",
            "the stream of the trace's last model call was left before its end",
        )
        return
    wants_tool = any(reason.lower() in TOOL_CALL_FINISH_REASONS for reason in last.finish_reasons)
    shows_tools = any(step.kind == "tool" for step in steps)
    went_on = any(step.start_ns > last.start_ns for step in steps if step.span_id != last.span_id)
    if wants_tool and shows_tools and not went_on:
        yield TraceFinding(
            root,
            FailureCategory.ABANDONED,
            "the run ended while the model waited for a tool",
            "the last model call asked for a tool, and nothing came after it",
        )
