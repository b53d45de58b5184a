"""Whether an answer uses what was retrieved, by its own words. No model is asked, so doubt means yes."""

import re
from collections.abc import Iterable, Sequence

import orjson

_WITHOUT_SPACES = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff"
"""Thai, Lao, Burmese, Khmer, Japanese and Chinese: where a word ends cannot be seen."""
_WORD = re.compile(rf"[^\W_{_WITHOUT_SPACES}]{{5,40}}")
_MIN_OWN_WORDS = 12
_MIN_DOCUMENT_WORDS = 30
_STEM = 6
_ALMOST_NONE = 0.05


def uses_documents(answer: str, documents: Sequence[str], questions: Sequence[str]) -> bool | None:
    """Return whether words of the answer that are not the question's stand in the documents.

    `None` when that cannot be told: texts were not captured, are too short, in a script without spaces, or
    the answer only declines; or the documents have no word of the question and may be in another language.
    The arguments are columns as stored: JSON messages, JSON documents, or plain text. Words count from five
    letters on and by their first six, so that inflection matters little.
    """
    known = _stems(_texts(documents))
    asked = _stems(_texts(questions))
    own = _stems(_texts([answer])) - asked
    if len(own) < _MIN_OWN_WORDS or len(known) < _MIN_DOCUMENT_WORDS or (asked and not asked & known):
        return None
    return len(own & known) / len(own) > _ALMOST_NONE


def _stems(texts: Iterable[str]) -> set[str]:
    return {word[:_STEM].lower() for text in texts for word in _WORD.findall(text)}


def _texts(columns: Iterable[str]) -> Iterable[str]:
    for column in columns:
        try:
            yield from _strings(orjson.loads(column))
        except orjson.JSONDecodeError:
            # Plain text, or JSON that was cut: its words are there all the same.
            yield column


_NO_TEXT = frozenset({"id", "type", "role", "finish_reason", "score", "mime_type", "uri", "url", "source"})


def _strings(value: object) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key not in _NO_TEXT:
                yield from _strings(item)
