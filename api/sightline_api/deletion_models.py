"""Shapes of deletions on the wire."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from sightline_api.models import Model
from sightline_api.validation_words import Shape
from sightline_core.limits import MAX_ID
from sightline_storage.lifecycle.deletion_requests import DeletionKind, DeletionState


class DeletionBody(BaseModel):
    """What is to go."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["trace", "user", "session"]
    value: Annotated[
        str,
        Shape(r"[^\x00]+", "a text without NUL characters"),
        Field(
            min_length=1,
            max_length=MAX_ID,
            description="the id of the trace, the user or the session",
        ),
    ]


class DeletionModel(Model):
    """A request and what has become of it."""

    id: str
    kind: DeletionKind
    value: str
    state: DeletionState = Field(
        description="`waiting` for the store; `deleted`: nobody sees it; `purged`: off the disk as well"
    )
    traces: int = Field(description="how many it has deleted until now; 0: none was stored")
    asked_by: str
    requested_at: AwareDatetime
    purged_at: AwareDatetime | None


class DeletionList(Model):
    """Newest first."""

    deletions: list[DeletionModel]
    more: bool = Field(description="there are more than `limit`")
