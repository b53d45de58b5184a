"""What a dialect is: the names one emitter uses, and how they map to the GenAI vocabulary."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from sightline_semconv.kinds import SpanKind

Value: TypeAlias = "str | int | float | bool | bytes | list[Value] | dict[str, Value] | None"
"""An attribute value after OTLP decoding."""

Attributes: TypeAlias = dict[str, Value]
"""Attributes of one span by exact name."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """One emitter's names.

    A span speaks the dialect when one of its attribute names starts with one of `prefixes` or is in
    `renames`. `renames` covers what has the same meaning and value under another name. `kinds` maps the
    lower-case value of `kind_attribute`. `restructure` does what a table cannot say (flattened messages,
    JSON inside strings): it takes its own names out of the attributes and sets canonical ones that are
    missing, so that canonical names, where present, always win.
    """

    name: str
    prefixes: tuple[str, ...]
    renames: Mapping[str, str] = field(default_factory=dict)
    kind_attribute: str = ""
    kinds: Mapping[str, SpanKind] = field(default_factory=dict)
    restructure: Callable[[Attributes], None] | None = None

    def claims(self, name: str) -> bool:
        """Return whether an attribute of this name shows that the span speaks this dialect."""
        return name in self.renames or name.startswith(self.prefixes)
