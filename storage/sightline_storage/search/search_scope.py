"""Where a search looks, and the conditions that spans and places of traces are there.

A trace's place in time is the start of its first span that fits `needed_span`, or its own start when there is
no such condition. A trace is in a range of time when its place is. It is judged by its spans inside the range
and an hour to both sides.
"""

from dataclasses import dataclass
from typing import Any, Final

from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import ColumnElement, and_, bindparam, or_

from sightline_core.nanoseconds import HOUR_NS, MINUTE_NS
from sightline_storage.engines.sql import nanos
from sightline_storage.spans.span_filters import of_project
from sightline_storage.spans.span_table import SPANS

S = SPANS.c
MARGIN_NS: Final = HOUR_NS
_WRITTEN_AGAIN_NS: Final = 10 * MINUTE_NS
"""What began so long before it arrived was most likely stored already, and is there as it was priced anew."""


@dataclass(frozen=True, slots=True)
class SearchScope:
    """Where to look: one project, and `start_ns` ≤ place < `end_ns`.

    `judged_ns`, if it is not an hour more to both sides, is the range of the spans that traces are judged by.
    `as_of_ns` leaves out what arrived later, unless it began long before.
    `prefix` tells the parameters of two scopes in one statement apart.
    """

    project: str
    start_ns: int
    end_ns: int
    judged_ns: tuple[int, int] | None = None
    prefix: str = ""
    as_of_ns: int | None = None

    @property
    def judged(self) -> tuple[int, int]:
        """Start and end of the spans that traces are judged by."""
        start_ns, end_ns = self.judged_ns or (self.start_ns - MARGIN_NS, self.end_ns + MARGIN_NS)
        return max(0, start_ns), min(2**63 - 1, end_ns)

    @property
    def bounds(self) -> dict[str, int]:
        """The values of a scope's parameters in a statement that was built for another one."""
        wide_start_ns, wide_end_ns = self.judged
        bounds = ("start_ns", "end_ns", "wide_start_ns", "wide_end_ns")
        values = (self.start_ns, self.end_ns, wide_start_ns, wide_end_ns)
        return {f"{self.prefix}{bound}": value for bound, value in zip(bounds, values, strict=True)}


def starts_within(scope: SearchScope) -> ColumnElement[bool]:
    """Return the condition that a span starts in the scope."""
    return and_(
        of_project(scope.project),
        S.start_time >= nanos(f"{scope.prefix}start_ns", scope.start_ns),
        S.start_time < nanos(f"{scope.prefix}end_ns", scope.end_ns),
        *known(scope),
    )


def is_judged(scope: SearchScope) -> ColumnElement[bool]:
    """Return the condition that traces are judged by a span."""
    start_ns, end_ns = scope.judged
    return and_(
        of_project(scope.project),
        S.start_time >= nanos(f"{scope.prefix}wide_start_ns", start_ns),
        S.start_time < nanos(f"{scope.prefix}wide_end_ns", end_ns),
        *known(scope),
    )


def known(scope: SearchScope) -> list[ColumnElement[bool]]:
    """Return the condition that a span, or this copy of it, was there at the moment of the scope, if any."""
    if scope.as_of_ns is None:
        return []
    return [
        or_(
            S.ingested_at <= nanos("as_of_ns", scope.as_of_ns),
            S.start_time < nanos("long_before_ns", max(0, scope.as_of_ns - _WRITTEN_AGAIN_NS)),
        )
    ]


def has_place(scope: SearchScope, place: ColumnElement[Any]) -> list[ColumnElement[bool]]:
    """Return the conditions that a trace's place, in nanoseconds, is in the scope."""
    return [
        bindparam(f"{scope.prefix}start_ns", scope.start_ns, ch.Int64) <= place,
        bindparam(f"{scope.prefix}end_ns", scope.end_ns, ch.Int64) > place,
    ]
