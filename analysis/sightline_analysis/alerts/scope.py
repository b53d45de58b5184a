"""The part of the query language that rollups can answer: `app:chat,search env:prod model:"gpt-4o mini"`.

Terms are joined by "and", values of one term by "or". Rules are evaluated every few seconds, so a term that
only spans could answer (a user, a text, the cost of one call) is refused when the rule is saved.
"""

import re

from sightline_core.errors import CallerError

Scope = tuple[tuple[str, tuple[str, ...]], ...]
"""Dimensions in alphabetical order, each with its wanted values."""

_DIMENSION = {
    "app": "app",
    "env": "environment",
    "environment": "environment",
    "provider": "provider",
    "model": "model",
    "operation": "operation",
    "kind": "kind",
}
_VALUE = r'(?:"(?:[^"\\]|\\.)*"|[^\s",:]+)'
_TERM = re.compile(rf"\s*(\w+):({_VALUE}(?:,{_VALUE})*)(?=\s|$)")
_EACH = re.compile(_VALUE)


def parse_scope(query: str) -> Scope:
    """Return what the query restricts; `CallerError` for what only spans could answer."""
    found: dict[str, tuple[str, ...]] = {}
    position, text = 0, query.rstrip()
    while position < len(text):
        term = _TERM.match(text, position)
        if term is None:
            quote = "a quote is not closed; " if text.count('"') % 2 else ""
            raise CallerError(f"query: {quote}write terms as field:value, for example app:chat env:prod")
        name = term[1]
        if name not in _DIMENSION:
            raise CallerError(
                f"query: a rule can be restricted by {', '.join(_DIMENSION)}, not by {name[:40]}"
            )
        if _DIMENSION[name] in found:
            raise CallerError(f"query: {name} is given twice; separate its values with a comma")
        found[_DIMENSION[name]] = tuple(_unquote(value) for value in _EACH.findall(term[2]))
        position = term.end()
    return tuple(sorted(found.items()))


def write_scope(scope: Scope) -> str:
    """Return the query text that `parse_scope` reads back."""
    return " ".join(f"{name}:{','.join(map(_quote, values))}" for name, values in scope)


def _unquote(value: str) -> str:
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value


def _quote(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
