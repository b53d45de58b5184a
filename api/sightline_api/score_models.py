"""Shapes of scores on the wire."""

from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Discriminator, Field, StrictBool, StrictStr, Tag

from sightline_api.models import Model
from sightline_api.validation_words import Moment
from sightline_core.limits import MAX_ID
from sightline_storage.scores.score_record import ScoreSource, ScoreType

MAX_SCORES = 1000

Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]


class ScoreBody(BaseModel):
    """What is judged, by whom and how. Without `span_id` the trace is meant, without `trace_id` a session."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    trace_id: str | None = Field(None, description="32 hex digits; the trace need not be stored yet")
    span_id: str | None = Field(None, description="16 hex digits, with `trace_id`")
    session: str | None = Field(
        None, max_length=MAX_ID, description="counts only without `trace_id`: a trace knows its session"
    )
    name: str = Field(min_length=1, max_length=200)
    value: StrictBool | Number | StrictStr
    value_type: ScoreType | None = Field(
        None, description="boolean, number or category by the value when absent; `text` must be said"
    )
    comment: str = Field("", max_length=10_000)
    source: ScoreSource
    author: str | None = Field(
        None, max_length=200, description="the caller's name when absent and `source` is human"
    )
    scored_at: Moment | None = Field(None, description="now when absent; the newest counts")


def _one_or_many(body: Any) -> str:
    return "many" if isinstance(body, list) else "one"


OneOrMany = Annotated[
    Annotated[ScoreBody, Tag("one")]
    | Annotated[list[ScoreBody], Field(min_length=1, max_length=MAX_SCORES), Tag("many")],
    Discriminator(_one_or_many),
]
"""Told apart by its shape first, so that an error is about the one that was meant."""


class ScoresWritten(Model):
    """The ids of the scores that were sent, in their order; the same for the same target, name and author."""

    score_ids: list[str]


class ScoreView(Model):
    """One score. `trace_id`, `span_id` and `session` are "" where they do not apply."""

    score_id: str
    trace_id: str
    span_id: str
    session: str
    name: str
    source: ScoreSource
    author: str
    value_type: ScoreType
    value: bool | float | str
    comment: str
    scored_at: AwareDatetime


class ScoreList(Model):
    """Newest first. `next_cursor` is null on the last page."""

    scores: list[ScoreView]
    next_cursor: str | None
