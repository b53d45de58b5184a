"""A score: what a person, code or a model thinks of a span, a trace or a session."""

import hashlib
import math
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from sightline_core.errors import CallerError

ScoreSource = Literal["human", "code", "model"]
ScoreType = Literal["boolean", "number", "category", "text"]
ScoreValue = bool | float | str

MAX_CATEGORY_CHARS: Final = 200
MAX_TEXT_CHARS: Final = 20_000
_MAX_MESSAGE_CHARS = 2_000

_FITTING: Final[dict[ScoreType, type | tuple[type, ...]]] = {
    "boolean": bool,
    "number": (int, float),
    "category": str,
    "text": str,
}


@dataclass(frozen=True, slots=True)
class Score:
    """One judgement. It is on a span (trace and span id), else on a trace, else on a session.

    A trace's session is known from its spans, so `session` is emptied where there is a trace id. Raises
    `CallerError` for a score without a target or a name, for a value that its type does not allow, and for
    text that UTF-8 has no bytes for.
    """

    trace_id: str
    span_id: str
    session: str
    name: str
    source: ScoreSource
    author: str
    value_type: ScoreType
    value: ScoreValue
    comment: str
    scored_at: datetime

    def __post_init__(self) -> None:
        if not self.trace_id and (self.span_id or not self.session):
            raise CallerError("a score needs a trace_id, a trace_id with a span_id, or a session")
        if not self.name:
            raise CallerError("a score needs a name")
        _check_value(self.value_type, self.value)
        _check_text(f"{self.session}{self.name}{self.author}{self.value}{self.comment}")
        if self.trace_id:
            object.__setattr__(self, "session", "")

    @property
    def score_id(self) -> str:
        """32 hex digits that are the same for the same target, name, source and author."""
        parts = (self.trace_id, self.span_id, self.session, self.name, self.source, self.author)
        # Each length comes first, so that no text can imitate the border between two parts.
        told_apart = "".join(f"{len(part)}:{part}" for part in parts)
        return hashlib.blake2b(told_apart.encode(), digest_size=16).hexdigest()


def as_message(comment: str) -> str:
    """Return what a person's comment is as the message of a failure."""
    return comment.strip()[:_MAX_MESSAGE_CHARS]


def score_type_of(value: ScoreValue) -> ScoreType:
    """Return the type of a value that came without one; a string is a category."""
    if isinstance(value, bool):
        return "boolean"
    return "category" if isinstance(value, str) else "number"


def _check_value(value_type: ScoreType, value: ScoreValue) -> None:
    fits = isinstance(value, _FITTING[value_type]) and (
        value_type == "boolean" or not isinstance(value, bool)
    )
    if not fits:
        raise CallerError(f"a score of the type {value_type} cannot be {type(value).__name__}")
    if isinstance(value, str):
        most = MAX_CATEGORY_CHARS if value_type == "category" else MAX_TEXT_CHARS
        if not 1 <= len(value) <= most:
            raise CallerError(f"a {value_type} has 1 to {most} characters; this one has {len(value)}")
    elif not math.isfinite(value):
        raise CallerError("a number must be finite")


def _check_text(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise CallerError("a text has half of a surrogate pair in it, which is no character") from error
