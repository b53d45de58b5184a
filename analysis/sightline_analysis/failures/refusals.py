"""Whether a completion declines the request. Reads English; German, French, Spanish, Italian and Portuguese
where a refusal is plain.

A refusal states early who declines, that it is declined, and what. The words' parts in that are looked at,
not the words (`role_tagging`), so that a new wording of the same thought is found. The strongest decision
counts, what supports it adds to it, what speaks for an answer takes away (`refusal_rules`). Precision comes
before recall.
"""

import re
from dataclasses import dataclass

from sightline_analysis.failures.refusal_rules import (
    DECISIONS,
    DOUBTS,
    DOUBTS_BEFORE,
    MISSING,
    SUPPORT,
    Rule,
)
from sightline_analysis.failures.role_tagging import Tagged, has_role, tag

THRESHOLD = 2.2
_EARLY = 300
_LATEST = 600
_LATE_SHARE = 0.8
_DECIDING = frozenset("NnUDVLByuf46")


@dataclass(frozen=True, slots=True)
class Refusal:
    """What declines the request: the number of the sentence, from 1, and the rule in words."""

    sentence: int
    says: str
    points: float


def find_refusal(text: str) -> Refusal | None:
    """Return what declines the request in the first 600 characters of `text`, or `None`."""
    tagged = tag(text)
    decision = _strongest_decision(tagged)
    if decision is None:
        return None
    rule, at, points = decision
    roles = tagged.roles
    points += _sum(SUPPORT, roles) + _sum(DOUBTS, roles) + _sum(DOUBTS_BEFORE, roles[: at + 1])
    if points < THRESHOLD:
        return None
    return Refusal(_sentence_number(roles, at), rule.says, points)


def may_refuse(preview: str) -> bool:
    """Return False where no word of the first characters can be part of a decision."""
    return has_role(preview, _DECIDING)


def _strongest_decision(tagged: Tagged) -> tuple[Rule, int, float] | None:
    strongest: tuple[Rule, int, float] | None = None
    roles = tagged.roles
    for rule in DECISIONS:
        found = rule.find(roles)
        if found is None or tagged.starts[found.start()] > _LATEST:
            continue
        at = found.start()
        points = rule.points if tagged.starts[at] < _EARLY else rule.points * _LATE_SHARE
        begin, end = tagged.sentence(found.end() - 1)
        if MISSING.find(roles[min(at, begin) : end]):
            points += MISSING.points
        if strongest is None or points > strongest[2]:
            strongest = rule, at, points
    return strongest


def _sum(rules: tuple[Rule, ...], roles: str) -> float:
    return sum(rule.points for rule in rules if rule.find(roles))


def _sentence_number(roles: str, at: int) -> int:
    ended = re.findall(r"[^.;][.;]", roles[:at])
    return len(ended) + 1
