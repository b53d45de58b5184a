"""Shapes of sessions, users, prompts and apps on the wire."""

from datetime import datetime
from typing import Final, Literal

from pydantic import Field

from sightline_api.models import CostSummary, Model, Sampled, Tokens, TraceSummary
from sightline_api.score_models import ScoreView
from sightline_api.search_models import TraceGroup
from sightline_storage.activity.activity_queries import ActivitySort

SortParam = Literal["-last", "-traces", "-errors", "-tokens", "-cost"]

_ORDERS: Final[dict[SortParam, ActivitySort]] = {
    "-last": "last",
    "-traces": "traces",
    "-errors": "errors",
    "-tokens": "tokens",
    "-cost": "cost",
}


def order_of(sort: SortParam) -> ActivitySort:
    """Return the store's name of an order; all of them fall."""
    return _ORDERS[sort]


class ActivitySummary(Model):
    """What the traces of a session or a user in the time range come to."""

    traces: int
    errors: int = Field(description="traces whose root failed")
    tokens: Tokens
    cost: CostSummary
    first_seen: datetime
    last_seen: datetime = Field(description="end of the last span")
    apps: list[str] = Field(description="at most 10")
    app_count: int = Field(description="of all")
    sampled: Sampled


class SessionSummary(ActivitySummary):
    """One session. It lasted from `first_seen` to `last_seen`."""

    session: str
    users: list[str] = Field(description="at most 10")
    user_count: int = Field(description="of all")


class SessionList(Model):
    """Those with the most of `sort` first. `next_cursor` is null on the last page."""

    sessions: list[SessionSummary]
    next_cursor: str | None


class TurnText(Model):
    """The start of a text, and the span that has all of it; both "" when nothing was kept."""

    span_id: str
    text: str


class SessionTurn(Model):
    """One trace of a conversation with what went in, what came out, and what was thought of it."""

    trace: TraceSummary
    input: TurnText
    output: TurnText
    scores: list[ScoreView]


class Conversation(Model):
    """A session in order of time. `scores` are those on the session itself."""

    session: SessionSummary
    scores: list[ScoreView]
    turns: list[SessionTurn]
    more_scores: bool = Field(
        description="the session, or these turns, have older scores than the newest 1,000"
    )
    next_cursor: str | None


class UserSummary(ActivitySummary):
    """One user of the apps."""

    user: str
    sessions: int


class UserList(Model):
    """Those with the most of `sort` first. `next_cursor` is null on the last page."""

    users: list[UserSummary]
    next_cursor: str | None


class UserProfile(Model):
    """A user, and which apps and models the user's traces used; most traces first."""

    user: UserSummary
    by_app: list[TraceGroup] = Field(description="at most 20")
    by_model: list[TraceGroup] = Field(description="at most 20")
    more_apps: bool
    more_models: bool


class MeanScore(Model):
    """Mean of numbers, and of booleans as 0 and 1."""

    name: str
    mean: float
    count: int


class PromptVersion(Model):
    """The model calls made with one version of a prompt; `version` may be ""."""

    version: str
    calls: int
    errors: int
    p50_ns: int
    p95_ns: int
    tokens: Tokens
    cost: CostSummary
    first_seen: datetime
    last_seen: datetime
    apps: list[str]
    models: list[str]
    scores: list[MeanScore]
    sampled: Sampled


class Prompt(Model):
    """A named prompt with its versions, last used first; its figures are of all of them."""

    prompt: str
    calls: int
    errors: int
    cost: CostSummary
    last_seen: datetime
    versions: list[PromptVersion]
    sampled: Sampled


class PromptList(Model):
    """Last used first."""

    prompts: list[Prompt]
    more: bool = Field(description="there are more versions than `limit`, which were last used before these")


class AppFigures(Model):
    """Figures of the traces with a span of an app. Durations are of whole traces."""

    traces: int
    errors: int
    p50_ns: int
    p95_ns: int
    tokens: Tokens
    cost: CostSummary
    sampled: Sampled


class AppHealth(AppFigures):
    """An app in the time range, and in the one of the same length before it (null: no traces)."""

    app: str
    last_seen: datetime
    trace_series: list[int] = Field(description="traces of each bucket")
    error_series: list[int] = Field(description="failed traces of each bucket")
    before: AppFigures | None


class AppOverview(Model):
    """Most traces first. The range is cut into equal buckets of `bucket_s` seconds from `start` on."""

    start: datetime
    bucket_s: float
    apps: list[AppHealth]
    more: bool = Field(description="there are more than `limit`")
