"""A cache in front of the model: the same question, or nearly the same one, needs no second call."""

import re
import time
from dataclasses import dataclass

NEAR = 0.8


@dataclass(frozen=True, slots=True)
class Hit:
    """An answer that was given before; `similarity` is 1 for the very same question."""

    answer: str
    similarity: float
    age_s: int
    tokens: int


class AnswerCache:
    """Answers by question, forgotten after `ttl_s` seconds."""

    def __init__(self, ttl_s: float) -> None:
        self._ttl_s = ttl_s
        self._entries: dict[frozenset[str], tuple[float, str, int]] = {}

    def look_up(self, question: str) -> Hit | None:
        """Return the nearest fresh answer with a similarity of at least `NEAR`, or None."""
        now = time.monotonic()
        words = _words(question)
        best: Hit | None = None
        for known, (stored_at, answer, tokens) in self._entries.items():
            similarity = len(words & known) / len(words | known) if words | known else 0.0
            fresh = now - stored_at < self._ttl_s
            if fresh and similarity >= NEAR and (best is None or similarity > best.similarity):
                best = Hit(answer, similarity, int(now - stored_at), tokens)
        return best

    def store(self, question: str, answer: str, tokens: int) -> None:
        """Keep an answer and what it cost in tokens."""
        self._entries[_words(question)] = (time.monotonic(), answer, tokens)


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text.lower()))
