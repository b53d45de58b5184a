"""The verdict that a guardrail of the app returns, in whatever form."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

from sightline_semconv.kinds import GuardrailOutcome


def verdict_of(result: Any) -> tuple[str, float | None, list[str]]:
    """Outcome, score and categories. False blocks, also as the first of a tuple or as a scalar of numpy's."""
    if isinstance(result, tuple) and result and isinstance(result[0], bool):
        result = result[0]
    if getattr(result, "ndim", None) == 0:
        result = result.item()
    if isinstance(result, Enum):
        result = result.value
    if isinstance(result, str):
        return (result if result in set(GuardrailOutcome) else GuardrailOutcome.PASS), None, []
    if isinstance(result, bool):
        return (GuardrailOutcome.PASS if result else GuardrailOutcome.BLOCK), None, []
    outcome, score, categories = (_part(result, name) for name in ("outcome", "score", "categories"))
    return (
        GuardrailOutcome.PASS if outcome is None else name_of(outcome),
        float(score) if isinstance(score, int | float) else None,
        [name_of(category) for category in categories or []],
    )


def name_of(given: Any) -> str:
    """The text of a name, which may be a member of an enumeration of the app's."""
    return str(given.value if isinstance(given, Enum) else given)


def _part(result: Any, name: str) -> Any:
    return result.get(name) if isinstance(result, Mapping) else getattr(result, name, None)
