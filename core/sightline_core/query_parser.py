"""From the text of a query to its typed tree. Only this module knows the parser library."""

import difflib
import re
from collections.abc import Mapping
from importlib.resources import files
from typing import Any, Final

from lark import Lark, Token, Transformer, UnexpectedCharacters, UnexpectedInput, UnexpectedToken, v_args

from sightline_core.errors import CallerError
from sightline_core.query_fields import ATTRIBUTE_PREFIX, FACTS, FIELD_OF, Field, FieldType, find_field
from sightline_core.query_tree import (
    EVERYTHING,
    And,
    FullText,
    Has,
    Node,
    Not,
    NumberRange,
    Or,
    Pattern,
    Relation,
    SpanPath,
    TextMatch,
    all_of,
    any_of,
    negate,
)
from sightline_core.query_values import EXAMPLES, parse_number

MAX_LENGTH: Final = 4000
MAX_NESTING: Final = 30
MAX_CONDITIONS: Final = 50
"""Each is repeated in every part of a statement that has to know what fits, and a statement has a limit."""
MAX_STEPS: Final = 10
"""Spans of one path: each step is asked inside the one before it."""

_EXPECTED: Final = {
    "FIELD": "a field such as status:error",
    "WORD": "a word",
    "STRING": "text in quotes",
    "VALUE": "a value",
    "COMPARISON": "<, <=, > or >=",
    "RELATION": "> or >>",
    "COLON": ":",
    "EQUAL": "=",
    "COMMA": ",",
    "LPAR": "(",
    "RPAR": ")",
    "LBRACE": "{",
    "RBRACE": "}",
    "MINUS": "-",
    "OR": "OR",
    "AND": "AND",
    "NOT": "NOT",
    "$END": "the end",
    "__ANON_0": "!=",
}


class QuerySyntaxError(CallerError):
    """The query cannot be read. `position` counts from 0; `expected` says what could stand there."""

    title = "The query cannot be read"

    def __init__(self, message: str, position: int, expected: tuple[str, ...] = ()) -> None:
        super().__init__(f"{message} (at character {position + 1})")
        self.position = position
        self.expected = expected

    @property
    def problem_members(self) -> Mapping[str, Any]:
        """Where the query is wrong and what could stand there; see `SightlineError.problem_members`."""
        return {"position": self.position, "expected": list(self.expected)}


def parse_query(text: str) -> Node:
    """Return the tree of a query; empty text matches everything. Raises `QuerySyntaxError`."""
    if len(text) > MAX_LENGTH:
        raise QuerySyntaxError(f"a query has at most {MAX_LENGTH} characters", MAX_LENGTH)
    _check_nesting(text)
    try:
        # The parser calls the builder while it reads, so the result is a tree of ours and no Lark tree.
        node: Any = _PARSER.parse(text)
    except UnexpectedInput as error:
        raise _syntax_error(text, error) from error
    if (count := _conditions(node)) > MAX_CONDITIONS:
        message = f"a query has at most {MAX_CONDITIONS} conditions, this one has {count}"
        hint = "a text in quotes counts once, and so do the values of one field, as in app:a,b"
        raise QuerySyntaxError(f"{message}; {hint}", len(text))
    return node  # type: ignore[no-any-return]


def _conditions(node: Node) -> int:
    """Return how many comparisons a query asks for. Values of a text field are compared together."""
    match node:
        case Not(item):
            return _conditions(item)
        case And(items) | Or(items) | SpanPath(items):
            return sum(map(_conditions, items))
        case TextMatch(_, patterns):
            wildcards = sum(pattern.wildcard for pattern in patterns)
            return wildcards + (wildcards < len(patterns))
    return 1


def _check_nesting(text: str) -> None:
    depth = 0
    for match in re.finditer(r'"(?:[^"\\]|\\.)*"|[(){}]', text, re.DOTALL):
        depth += {"(": 1, "{": 1, ")": -1, "}": -1}.get(match[0], 0)
        if depth > MAX_NESTING:
            raise QuerySyntaxError(f"more than {MAX_NESTING} nested brackets", match.start())


def _syntax_error(text: str, error: UnexpectedInput) -> QuerySyntaxError:
    if isinstance(error, UnexpectedCharacters):
        position, names = error.pos_in_stream or 0, error.allowed or set()
        if text[position] == '"':
            return QuerySyntaxError("the quote that opens here is not closed", position, ('"',))
        found = repr(text[position])
    elif isinstance(error, UnexpectedToken):
        at_end = error.token.type == "$END"
        position = len(text) if at_end else error.token.start_pos or 0
        names, found = error.accepts or error.expected, "the end" if at_end else repr(str(error.token))
    else:
        return QuerySyntaxError("the query is not complete", len(text))
    expected = tuple(sorted({_EXPECTED.get(name, name) for name in names}))
    return QuerySyntaxError(
        f"{found} is not possible here; expected {', '.join(expected)}", position, expected
    )


class _Located(str):
    """A piece of the query with its place."""

    position: int
    quoted: bool

    def __new__(cls, token: Token) -> "_Located":
        quoted = token.type == "STRING"
        located = super().__new__(cls, unquote(token) if quoted else str(token))
        located.position = token.start_pos or 0
        located.quoted = quoted
        return located


def unquote(text: str) -> str:
    """Return what stands between the quotes; a backslash makes the next character ordinary."""
    return re.sub(r"\\(.)", r"\1", text[1:-1], flags=re.DOTALL)


@v_args(inline=True)
class _Builder(Transformer[Token, Node]):
    """Called by the parser, innermost first."""

    def start(self, node: Node = EVERYTHING) -> Node:
        return node

    def any(self, *items: Node) -> Node:
        return any_of(*items)

    def all(self, *items: Node) -> Node:
        return all_of(*(item for item in items if not isinstance(item, Token)))

    def negation(self, item: Node) -> Node:
        return negate(item)

    def path(self, *parts: Any) -> Node:
        relations: list[Relation] = [">>" if part == ">>" else ">" for part in parts[1::2]]
        if len(relations) >= MAX_STEPS:
            raise QuerySyntaxError(
                f"a path has at most {MAX_STEPS} spans", _position(parts[2 * MAX_STEPS - 1])
            )
        return SpanPath(tuple(parts[0::2]), tuple(relations))

    def group(self, brace: Token, node: Node) -> Node:
        _refuse_in_group(node, _position(brace))
        return node

    def text(self, token: Token) -> Node:
        if word := {"&&": "AND", "||": "OR"}.get(token):
            raise QuerySyntaxError(f"{token} is written {word} here", _position(token), (word,))
        return FullText(str(_Located(token)))

    def value(self, token: Token) -> _Located:
        return _Located(token)

    def equal(self, name: Token, *values: _Located) -> Node:
        return _equal(name, values)

    def unequal(self, name: Token, *values: _Located) -> Node:
        return negate(_equal(name, values))

    def compare(self, name: Token, operator: Token, value: _Located) -> Node:
        field = _field(name)
        if field.type is FieldType.TEXT:
            message = f"{field.name} is text and has no order; use {field.name}:"
            raise QuerySyntaxError(message, _position(operator), (":",))
        number = _number(field, value, value.position)
        inclusive = operator.endswith("=")
        if operator.startswith(">"):
            return NumberRange(field.name, number, None, low_inclusive=inclusive)
        return NumberRange(field.name, None, number, high_inclusive=inclusive)


def _equal(name: Token, values: tuple[_Located, ...]) -> Node:
    if name == "has":
        return any_of(*(_fact(value) for value in values))
    field = _field(name)
    if field.type is FieldType.TEXT:
        return TextMatch(field.name, tuple(_pattern(field, value) for value in values))
    if field.type is FieldType.ATTRIBUTE:
        ranges = [_range(field, value) for value in values if _is_number_range(value)]
        patterns = tuple(_pattern(field, value) for value in values if not _is_number_range(value))
        return any_of(*ranges, *([TextMatch(field.name, patterns)] if patterns else []))
    return any_of(*(_range(field, value) for value in values))


def _field(token: Token) -> Field:
    name = str(token)
    prefix, quote, quoted = name.partition('."')
    if quote:
        name = prefix + "." + unquote('"' + quoted)
    field = find_field(name)
    if field is None:
        close = difflib.get_close_matches(name.lower(), [*FIELD_OF, "has"], n=1)
        hint = (
            f"; did you mean {close[0]}?"
            if close
            else "; put text with a colon in quotes, attributes after attr."
        )
        raise QuerySyntaxError(f"there is no field {name}{hint}", _position(token), tuple(close))
    return field


def _fact(value: _Located) -> Node:
    if value in FACTS or (value.startswith(ATTRIBUTE_PREFIX) and len(value) > len(ATTRIBUTE_PREFIX)):
        return Has(str(value))
    raise _unknown(f"there is no fact {str(value)!r} for has:", value, (*FACTS, "attr.NAME"))


def _pattern(field: Field, value: _Located) -> Pattern:
    wildcard = not value.quoted and "*" in value
    if not field.values or wildcard or not value:
        return Pattern(str(value), wildcard)
    # One that no span can have would find nothing for ever, and an alert rule on it would never fire.
    if value.lower() not in field.values:
        raise _unknown(f"{str(value)!r} is no value of {field.name}", value, field.values)
    return Pattern(value.lower())


def _unknown(message: str, value: _Located, known: tuple[str, ...]) -> QuerySyntaxError:
    close = difflib.get_close_matches(value.lower(), known, n=1)
    hint = f"did you mean {close[0]}?" if close else f"expected {', '.join(known)}"
    return QuerySyntaxError(f"{message}; {hint}", value.position, known)


def _is_number_range(value: _Located) -> bool:
    low, dots, high = value.partition("..")
    ends = [end for end in (low, high) if end]
    return bool(dots and ends and not value.quoted) and all(
        parse_number(end, FieldType.ATTRIBUTE) is not None for end in ends
    )


def _range(field: Field, value: _Located) -> Node:
    low, dots, high = value.partition("..")
    if not dots:
        number = _number(field, value, value.position)
        return NumberRange(field.name, number, number)
    if not low and not high:
        raise QuerySyntaxError("a range needs at least one end", value.position, (EXAMPLES[field.type],))
    return NumberRange(
        field.name,
        _number(field, low, value.position) if low else None,
        _number(field, high, value.position + len(low) + 2) if high else None,
    )


def _number(field: Field, text: str, position: int) -> Any:
    number = parse_number(text, field.type)
    if number is None:
        wanted = EXAMPLES[field.type]
        message = f"{str(text)!r} is no value of {field.name}; expected {wanted}"
        if text.startswith(("<", ">")):
            message = f"a comparison has no colon: {field.name}{text}"
        raise QuerySyntaxError(message, position, (wanted,))
    return number


def may_be_grouped(node: Node) -> bool:
    """Return whether the tree may stand in a {group}: one span decides it."""
    try:
        _refuse_in_group(node, 0)
    except QuerySyntaxError:
        return False
    return True


def _refuse_in_group(node: Node, position: int) -> None:
    match node:
        case SpanPath():
            raise QuerySyntaxError("a {group} of one span cannot hold another group", position)
        case NumberRange(field) if FIELD_OF.get(field) and FIELD_OF[field].trace_only:
            message = f"{field} belongs to the whole trace and cannot stand in a {{group}}"
            raise QuerySyntaxError(message, position)
        case Not(item):
            _refuse_in_group(item, position)
        case And(items) | Or(items):
            for item in items:
                _refuse_in_group(item, position)
        case _:
            pass


def _position(token: Token) -> int:
    return token.start_pos or 0


_PARSER: Final = Lark(
    files("sightline_core").joinpath("query.lark").read_text(encoding="utf-8"),
    parser="lalr",
    transformer=_Builder(),
    maybe_placeholders=False,
)
