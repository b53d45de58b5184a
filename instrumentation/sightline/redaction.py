"""Rules that mask secrets and personal data in captured text before it leaves the process."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

Redactor = Callable[[str], str]


class UnknownRedaction(ValueError):
    """`redact=` named a rule that does not exist."""


_API_KEY = re.compile(
    r"\b(?:sk-(?:proj-|svcacct-|ant-|or-)?[A-Za-z0-9_-]{16,}|AKIA[0-9A-Z]{16}|AIza[0-9A-Za-z_-]{35}"
    r"|gh[pousr]_[A-Za-z0-9]{36,}|xox[abprs]-[A-Za-z0-9-]{10,}|hf_[A-Za-z0-9]{30,}|gsk_[A-Za-z0-9]{20,})"
)
_BEARER = re.compile(r"\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{12,}", re.IGNORECASE)
# Bounded on both sides of the @, so that hostile text cannot make the search quadratic.
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}\b")
_PHONE = re.compile(
    r"(?<![\w.])(?:\+\d{1,3}[ .-]?)?(?:\(\d{2,4}\)[ .-]?)?\d{2,4}(?:[ .-]\d{2,4}){2,4}(?![\w.]?\d)"
)
_CARD = re.compile(r"(?<![\w.])\d(?:[ -]?\d){12,18}(?!\d)")


def _redact_phone(match: re.Match[str]) -> str:
    text = match.group()
    digits = sum(char.isdigit() for char in text)
    # A plain date (2026-11-24) has the shape of a phone number; nothing that short is one without a "+".
    likely = 10 <= digits <= 15 or (text.startswith("+") and 7 <= digits <= 15)
    return "[phone]" if likely and not _passes_luhn(text) else text


def _redact_card(match: re.Match[str]) -> str:
    return "[card]" if _passes_luhn(match.group()) else match.group()


def _passes_luhn(text: str) -> bool:
    """Checksum of ISO/IEC 7812-1, annex B, over 13 to 19 digits."""
    digits = [int(char) for char in text if char.isdecimal() and char.isascii()]
    if not 13 <= len(digits) <= 19:
        return False
    doubled = (digit * 2 - 9 if digit > 4 else digit * 2 for digit in digits[-2::-2])
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


BUILT_IN: dict[str, Redactor] = {
    "api_keys": lambda text: _API_KEY.sub("[api key]", text),
    "bearer_tokens": lambda text: _BEARER.sub(r"\1 [token]", text),
    "emails": lambda text: _EMAIL.sub("[email]", text),
    "cards": lambda text: _CARD.sub(_redact_card, text),
    "phones": lambda text: _PHONE.sub(_redact_phone, text),
}
"""Rule name → rule. `cards` comes before `phones` in `all`, because a card number also looks like a
phone's."""


def build_redactors(rules: Iterable[str | Redactor]) -> tuple[Redactor, ...]:
    """Names and functions → functions, in the given order; `all` stands for every built-in rule.

    Raises `UnknownRedaction` for a name that is not a built-in rule.
    """
    redactors: list[Redactor] = []
    for rule in rules:
        if not isinstance(rule, str):
            redactors.append(rule)
        elif rule == "all":
            redactors.extend(BUILT_IN.values())
        elif rule in BUILT_IN:
            redactors.append(BUILT_IN[rule])
        else:
            raise UnknownRedaction(f"no redaction rule {rule!r}; there are {', '.join(BUILT_IN)} and all")
    return tuple(redactors)
