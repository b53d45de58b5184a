"""Response shapes of a trace beside others: comparison, baseline, neighbours, search inside."""

from typing import Literal

from pydantic import Field

from sightline_api.models import Model, Status, TraceSummary

StepOutcome = Literal["same", "changed", "left", "right"]
StepChange = Literal[
    "name", "status", "failure", "model", "tokens", "cost", "instructions", "tools", "input", "output"
]
DiffPart = Literal["error", "instructions", "tools", "input", "output"]


class StepSide(Model):
    """One span of a comparison. `tokens` and `cost_usd` cover the span and all below it."""

    span_id: str
    name: str
    kind: str
    model: str
    status: Status
    failure_category: str
    duration_ns: int
    tokens: int
    cost_usd: str | None = Field(description="null when no model call in there has a price")


class StepDelta(Model):
    """Right minus left; a side that is not there counts as nothing."""

    duration_ns: int
    tokens: int
    cost_usd: str | None = Field(description="null when a side has model calls and no price for them")


class DiffStep(Model):
    """One line of a comparison: a span of both traces, or of one."""

    depth: int
    outcome: StepOutcome = Field(description="left and right: only that trace has the step")
    changes: list[StepChange] = Field(description="what differs, durations aside; empty unless changed")
    left: StepSide | None
    right: StepSide | None
    delta: StepDelta


class DiffCounts(Model):
    """How many steps there are of each outcome."""

    same: int
    changed: int
    left: int
    right: int


class TraceDiff(Model):
    """Two traces aligned step by step, or one page of the steps."""

    left: TraceSummary
    right: TraceSummary
    counts: DiffCounts
    delta: StepDelta
    total_steps: int
    steps: list[DiffStep] = Field(description="parents before children, in the order of both traces")
    next_cursor: str | None = Field(description="pass as `cursor` for the next page; null when complete")


class TextPiece(Model):
    """A run of text. Equal and deleted pieces make up the left text, equal and inserted ones the right."""

    op: Literal["equal", "delete", "insert"]
    text: str


class TextDifference(Model):
    """One part of two spans as text."""

    part: DiffPart
    changed: bool
    cut: bool = Field(description="a side is longer than is compared")
    pieces: list[TextPiece]


class StepDiff(Model):
    """The content of two spans beside each other; parts that both leave empty are left out."""

    parts: list[TextDifference]


class TraceBaseline(Model):
    """The good run to hold a trace beside."""

    trace: TraceSummary | None = Field(description="null when there was no good run")
    candidates: int = Field(description="good runs of the same app and root name that it is the median of")
    days: int = Field(description="how far back good runs were looked for")


class TraceNeighbours(Model):
    """The traces of the same session before and after this one; null where there is none."""

    previous: TraceSummary | None
    next: TraceSummary | None


class SpanMatches(Model):
    """Spans of a trace that hold a text, by start."""

    span_ids: list[str]
    more: bool = Field(description="there are more than the limit")
