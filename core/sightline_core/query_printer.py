"""From a tree back to the text of a query: `parse_query(print_query(tree)) == tree`."""

import re

from sightline_core.query_fields import ATTRIBUTE_PREFIX, FieldName, FieldType, find_field
from sightline_core.query_tree import (
    And,
    FullText,
    Has,
    Node,
    Not,
    NumberRange,
    Or,
    Pattern,
    SpanPath,
    TextMatch,
)
from sightline_core.query_values import print_number

_PLAIN_WORD = re.compile(r'(?!(?:OR|AND|NOT|&&|\|\|)$)[^\s(){}":<>=,\-*][^\s(){}":<>=,*]*')
_PLAIN_VALUE = re.compile(r'[^\s(){}",*]+')
_PLAIN_PATTERN = re.compile(r'[^\s(){}",]+')
_PLAIN_ATTRIBUTE = re.compile(r"[A-Za-z0-9_.\-]+")


def print_query(node: Node) -> str:
    """Return the canonical text of a tree in normal form."""
    match node:
        case And(items):
            return " ".join(_print_item(item) for item in items)
        case Or(items):
            return " OR ".join(
                _print_item(item) if isinstance(item, Or) else print_query(item) for item in items
            )
        case Not(item):
            return f"-{_print_item(item)}"
        case SpanPath(conditions, relations):
            groups = [f"{{{print_query(condition)}}}" for condition in conditions]
            tail = "".join(
                f" {relation} {group}" for relation, group in zip(relations, groups[1:], strict=True)
            )
            return groups[0] + tail
        case FullText(phrase):
            return phrase if _PLAIN_WORD.fullmatch(phrase) else _quote(phrase)
        case Has(fact):
            return f"has:{fact if _PLAIN_PATTERN.fullmatch(fact) else _quote(fact)}"
        case TextMatch(field, patterns):
            return f"{_print_field(field)}:{','.join(_print_pattern(field, pattern) for pattern in patterns)}"
        case NumberRange():
            return _print_range(node)


def quote_value(value: str) -> str:
    """Return the value of any field as it is written in a query, in quotes when it has to be."""
    return value if _PLAIN_VALUE.fullmatch(value) and ".." not in value else _quote(value)


def _print_item(node: Node) -> str:
    text = print_query(node)
    return f"({text})" if isinstance(node, And | Or) else text


def _print_field(name: FieldName) -> str:
    attribute = name.removeprefix(ATTRIBUTE_PREFIX)
    if attribute == name or _PLAIN_ATTRIBUTE.fullmatch(attribute):
        return name
    return ATTRIBUTE_PREFIX + _quote(attribute)


def _print_pattern(field: FieldName, pattern: Pattern) -> str:
    if pattern.wildcard:
        return pattern.text
    # An unquoted 1..2 of an attribute would be read as a range of numbers.
    is_plain = _PLAIN_VALUE.fullmatch(pattern.text) and not (
        field.startswith(ATTRIBUTE_PREFIX) and ".." in pattern.text
    )
    return pattern.text if is_plain else _quote(pattern.text)


def _print_range(node: NumberRange) -> str:
    field = find_field(node.field)
    type_ = field.type if field else FieldType.NUMBER
    name = _print_field(node.field)
    low = "" if node.low is None else print_number(node.low, type_)
    high = "" if node.high is None else print_number(node.high, type_)
    if low and low == high and type_ is not FieldType.ATTRIBUTE:
        return f"{name}:{low}"
    if low and high:
        return f"{name}:{low}..{high}"
    if low:
        return f"{name}{'>=' if node.low_inclusive else '>'}{low}"
    return f"{name}{'<=' if node.high_inclusive else '<'}{high}"


def _quote(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
