"""Finding text in what spans hold, whatever the letter case.

Content is JSON wherever the emitter sent messages, so that a text in it may be written in several ways: with
quotes and line ends escaped, and by emitters that write ASCII only with all other letters as `\\uXXXX`. What
begins a line stands right behind the letter of `\\n`, which the index of words knows (migration 0016).
"""

import json
import re
from typing import Any, Final

from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import ColumnElement, and_, func, literal, or_
from sqlalchemy.sql import visitors

from sightline_storage.spans.span_table import SPANS

S = SPANS.c

_WORD: Final = re.compile("[0-9A-Za-z]+")
_LETTERS: Final = "nrt"
"""What JSON writes the characters with behind which lines and cells begin."""


_MESSAGE_WORDS: Final = {
    *("arguments", "assistant", "call", "content", "developer", "id", "name", "parts", "reasoning"),
    *("response", "role", "system", "text", "tool", "type", "user"),
}
"""What every stored message is built with."""


def spellings_of(text: str) -> list[str]:
    """Return how a text may be written in content, itself first.

    `\\uXXXX` tells upper from lower case, so there the text is spelled as it is, small, large and as a title.
    """
    cases = () if text.isascii() else (text, text.lower(), text.upper(), text.title())
    written = [text, _json(text, ascii_only=False), *map(_json, cases)]
    return list(dict.fromkeys(written))


def _json(text: str, *, ascii_only: bool = True) -> str:
    return json.dumps(text, ensure_ascii=ascii_only)[1:-1]


def contains_text(phrase: str) -> ColumnElement[bool]:
    """Return the condition that a phrase occurs in content, names or messages, whatever the case.

    In content the words of the phrase are whole words, which the text index finds; a phrase of letters that
    the index does not split into words (Chinese, for example) may be part of one. Only in a WHERE of `spans`
    itself does the engine ask the index, which ignores case; elsewhere `hasAllTokens` is slow and heeds it.
    """
    bound = literal(phrase, ch.String)
    return or_(
        _content_contains(S.input, phrase),
        _content_contains(S.output, phrase),
        *(
            func.positionCaseInsensitiveUTF8(column, bound) > 0
            for column in (S.name, S.tool_name, S.agent_name, S.status_message, S.failure_message)
        ),
    )


def _content_contains(column: ColumnElement[Any], phrase: str) -> ColumnElement[bool]:
    if phrase.isascii() and phrase.isalnum():
        # The index alone answers, without a look at the texts.
        indexed = func.hasAllTokens(column, literal(phrase, ch.String))
        if phrase.lower() not in _MESSAGE_WORDS:
            return indexed
        return and_(indexed, func.match(column, literal(_said(phrase), ch.String)))
    if not phrase.isascii() or not any(map(str.isalnum, phrase)):
        spellings = literal(spellings_of(phrase), ch.Array(ch.String))
        return func.multiSearchAnyCaseInsensitiveUTF8(column, spellings) == 1
    # The index answers the first, which holds wherever the phrase occurs.
    words = literal(" ".join(_WORD.findall(phrase)), ch.String)
    return and_(func.hasAllTokens(column, words), func.match(column, literal(_in_words(phrase), ch.String)))


def _in_words(phrase: str) -> str:
    """Return the expression of RE2 for the phrase, however it is written, between the ends of words."""
    written = "|".join(map(re.escape, spellings_of(phrase)))
    before = rf"(?:^|[^0-9A-Za-z]|\\[{_LETTERS}])" if phrase[0].isalnum() else ""
    after = "(?:$|[^0-9A-Za-z])" if phrase[-1].isalnum() else ""
    return f"(?i){before}(?:{written}){after}"


def _said(word: str) -> str:
    """Return the expression of RE2 for a word that is not just a key, role or type of messages.

    Those are all that stands between two quotes, alone or as a part of `tool_call`.
    """
    start, end = rf'(?:^|[^0-9A-Za-z_"]|\\[{_LETTERS}"])', '(?:$|[^0-9A-Za-z_"])'
    begins = rf"{start}{word}(?:$|[^0-9A-Za-z])"
    ends = rf"(?:^|[^0-9A-Za-z]|\\[{_LETTERS}]){word}{end}"
    return f'(?i)(?:{begins}|{ends}|"content": ?"{word}")'


def reads_content(condition: ColumnElement[Any]) -> bool:
    """Whether a condition is about content, and so for a WHERE only: see `contains_text`."""
    return any(part is S.input or part is S.output for part in visitors.iterate(condition))
