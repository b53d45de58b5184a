"""What can be written at a place of a query, from the text alone; values of fields come from the store."""

import re
from dataclasses import dataclass
from typing import Final, Literal

from sightline_core.query_fields import FACTS, FIELDS, Field, FieldType, find_field
from sightline_core.query_values import EXAMPLES

_TERM: Final = re.compile(r'(?:"(?:[^"\\]|\\.)*(?:"|$)|[^\s(){}"])+', re.DOTALL)
_NAMED: Final = re.compile(
    r'(-?)([A-Za-z_][A-Za-z0-9_.\-]*(?:\."(?:[^"\\]|\\.)*")?)(!=|[<>]=?|[:=])(.*)', re.DOTALL
)
_VALUE: Final = re.compile(r'(?:[^",]|"(?:[^"\\]|\\.)*(?:"|$))*', re.DOTALL)
_LAST_VALUE: Final = re.compile(_VALUE.pattern + "$", re.DOTALL)
_NUMBERS: Final = (FieldType.NUMBER, FieldType.DURATION, FieldType.MONEY)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`text` can stand in the place; `meaning` says what it is."""

    text: str
    kind: Literal["field", "fact", "value", "keyword"]
    meaning: str


@dataclass(frozen=True, slots=True)
class CompletionPlace:
    """The part `start` ≤ character < `end` of the query that is being written.

    `field` is the field whose value it is, `prefix` what is written of it so far; `suggestions` is what
    is known without the store.
    """

    start: int
    end: int
    prefix: str
    field: Field | None
    suggestions: tuple[Suggestion, ...]


def find_place(text: str, position: int) -> CompletionPlace:
    """Return what is being written at a position, counted from 0; one beyond the text is its end."""
    position = max(0, min(position, len(text)))
    start, end = position, position
    for match in _TERM.finditer(text):
        if match.start() <= position <= match.end():
            start, end = match.span()
            break
    named = _NAMED.fullmatch(text[start:position])
    if named is None:
        sign = 1 if text[start:position].startswith("-") else 0
        return _names(start + sign, end, text[start + sign : position])
    last = _LAST_VALUE.search(named[4])
    written = last[0] if last else ""
    prefix = re.sub(r"\\(.)", r"\1", written.removeprefix('"').removesuffix('"'))
    rest = _VALUE.match(text, position, end)
    value_end = rest.end() if rest else position
    return _values(position - len(written), value_end, prefix, named[2])


def _names(start: int, end: int, prefix: str) -> CompletionPlace:
    known = [
        *(Suggestion(_opened(field), "field", field.meaning) for field in FIELDS),
        Suggestion("has:", "keyword", "a fact, such as has:error"),
        Suggestion("attr.", "keyword", "any attribute, such as attr.tenant:acme"),
        Suggestion("OR", "keyword", "either of two conditions"),
        Suggestion("NOT", "keyword", "the opposite of a condition"),
        Suggestion("{", "keyword", "one span to which all conditions apply"),
    ]
    fitting = tuple(option for option in known if option.text.lower().startswith(prefix.lower()))
    return CompletionPlace(start, end, prefix, None, fitting)


def _opened(field: Field) -> str:
    return f"{field.name}{'>' if field.type in _NUMBERS else ':'}"


def _values(start: int, end: int, prefix: str, name: str) -> CompletionPlace:
    if name == "has":
        facts = tuple(
            Suggestion(fact, "fact", meaning) for fact, meaning in FACTS.items() if fact.startswith(prefix)
        )
        return CompletionPlace(start, end, prefix, None, facts)
    field = find_field(name)
    if field is None:
        return CompletionPlace(start, end, prefix, None, ())
    if field.type in _NUMBERS:
        hint = () if prefix else (Suggestion("", "value", EXAMPLES[field.type]),)
        return CompletionPlace(start, end, prefix, None, hint)
    return CompletionPlace(start, end, prefix, field, ())
