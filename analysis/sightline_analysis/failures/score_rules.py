"""Which scores of people and evaluators say that a span or a trace has failed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sightline_semconv.failure_category import FailureCategory
from sightline_semconv.score_words import NEGATIVE_CATEGORIES
from sightline_storage.failures.failure_trace_reader import Judgement
from sightline_storage.scores.score_record import as_message

_MIN_COMMENT_WORDS = 3
_HUMAN = "human"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a judged span counts as failed."""

    category: FailureCategory
    message: str
    reason: str


def find_verdict(judgements: Sequence[Judgement], lines: Mapping[str, float]) -> Verdict | None:
    """Return the verdict of the first judgement that is bad, people before evaluators, or `None`.

    `lines` holds, for scores with numbers, below what a number is bad.
    """
    people = [judgement for judgement in judgements if judgement.source == _HUMAN]
    evaluators = [judgement for judgement in judgements if judgement.source != _HUMAN]
    for judgement in (*people, *evaluators):
        reason = _why_bad(judgement, lines.get(judgement.name))
        if reason:
            return _verdict(judgement, reason)
    return None


def _why_bad(judgement: Judgement, line: float | None) -> str:
    """Return why it is bad in words, "" when it is not."""
    match judgement.value_type:
        case "boolean" if judgement.number == 0:
            return f"the score {judgement.name} is false"
        case "category" if judgement.text.strip().lower() in NEGATIVE_CATEGORIES:
            return f"the score {judgement.name} is {judgement.text.strip().lower()}"
        case "number" if line is not None and judgement.number < line:
            return f"the score {judgement.name} is below {line:g}"
        case "number" if line is None and judgement.source == _HUMAN and judgement.number < 0:
            return f"the score {judgement.name} is below 0"
    return ""


def _verdict(judgement: Judgement, reason: str) -> Verdict:
    """A person's comment has the words to cluster by; an evaluator's is worded anew each time."""
    if judgement.source != _HUMAN:
        return Verdict(FailureCategory.LOW_SCORE, reason, reason)
    comment = as_message(judgement.comment)
    says_something = len(comment.split()) >= _MIN_COMMENT_WORDS
    return Verdict(FailureCategory.NEGATIVE_FEEDBACK, comment if says_something else reason, reason)
