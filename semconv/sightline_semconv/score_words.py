"""Words that evaluators and people judge with. Data in lower case."""

NEGATIVE_CATEGORIES: frozenset[str] = frozenset({
    "thumbs_down", "thumbs-down", "thumbs down", "thumbsdown", "thumb_down", "down", "-1", "\U0001f44e",
    "negative", "dislike", "disliked", "bad", "poor", "wrong", "incorrect", "unhelpful", "not_helpful",
    "not helpful", "no", "fail", "failed", "failing", "false", "rejected", "unacceptable", "hallucinated",
    "hallucination", "unfaithful", "ungrounded", "irrelevant", "unsafe", "toxic", "off_topic",
})  # fmt: skip
"""Categories of scores that say that the answer was not good, in lower case."""
