"""Reading what was used and cost, for reports."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Select

from sightline_core.errors import CallerError
from sightline_core.ids import ProjectId
from sightline_core.time_range import TimeRange
from sightline_storage.engines.engine import Engine
from sightline_storage.engines.statements import run
from sightline_storage.spend.spend_latency import build_rollup_latency, build_span_latency
from sightline_storage.spend.spend_outcomes import ALL_GROUPS, build_outcomes
from sightline_storage.spend.spend_queries import (
    MAX_ROWS,
    ROLLUP_DIMENSIONS,
    SPAN_DIMENSIONS,
    SPEND_SUMS,
    Filters,
    Key,
    SpendQuestion,
    build_any_sampled,
    build_costliest_groups,
    build_first_hour,
    build_rollup_spend,
    build_span_spend,
)
from sightline_storage.spend.spend_savings import SAVING_SUMS, build_savings
from sightline_storage.spend.team_rules import (
    MAX_PAYERS,
    TEAM_DIMENSIONS,
    Payers,
    TeamRule,
    build_kinds,
    build_tags,
    find_payers,
    fits_pattern,
    need_tags,
)

DIMENSIONS = (*ROLLUP_DIMENSIONS, *TEAM_DIMENSIONS, *SPAN_DIMENSIONS)
"""Everything that a report can group and filter by."""

MAX_LISTED = 1_000


@dataclass(frozen=True, slots=True)
class SpendSums:
    """One group in one bucket: start of the bucket in UTC, values of the dimensions, `SPEND_SUMS` by name.

    Sums that end in `_usd` are `Decimal`, the others whole numbers. With `is_rest` it is the sum of all
    groups that were not asked for, and `key` is empty.
    """

    bucket: datetime
    key: Key
    sums: dict[str, Any]
    is_rest: bool = False


@dataclass(frozen=True, slots=True)
class CallLatency:
    """Of model calls, in nanoseconds within 1 %; `None` where nothing was measured."""

    p50_ns: int | None
    p95_ns: int | None
    first_token_p95_ns: int | None


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What is behind the cost of a group. `successes` are traces whose root ended well."""

    traces: int
    successes: int
    sessions: int
    users: int


class SpendReader:
    """Thread-safe, as the engine is."""

    def __init__(
        self, engine: Engine, team_rules: Callable[[ProjectId], Sequence[TeamRule]] = lambda _: ()
    ) -> None:
        self._engine = engine
        self._team_rules = team_rules

    def read_spend(
        self,
        project: ProjectId,
        time_range: TimeRange,
        dimensions: Sequence[str],
        bounds: Sequence[datetime],
        filters: Filters,
        listed: Sequence[Key] | None = None,
    ) -> list[SpendSums]:
        """Return the sums of the range by dimensions and bucket; empty buckets and groups have no row.

        `bounds` are the ascending starts of the buckets; the first may lie before the range, and is then
        named as it is. Without a list of groups rollups answer where they can, hourly ones when all bounds
        are full hours. Where spans answer, groups that are not `listed` (without a list: those that do not
        cost most) are one. Raises `CallerError` for an unknown dimension, and when the answer would have too
        many rows.
        """
        question = self.question(project, time_range, dimensions, filters)
        if not question.needs_spans and listed is None:
            hourly = _full_hours((*bounds, time_range.start, time_range.end))
            rows = self._rows(build_rollup_spend(question, bounds, hourly=hourly))
            count = len(dimensions)
            return [_sums_of(row[0], _key(row[1 : 1 + count]), row[1 + count :]) for row in rows]
        if listed is None:
            listed, _ = self.find_costliest(project, time_range, dimensions, filters, MAX_LISTED)
        rows = self._rows(build_span_spend(question, bounds, listed))
        return [_sums_of(row[0], _key_at(listed, row[1]), row[2:]) for row in rows]

    def first_hour(self, project: ProjectId) -> datetime | None:
        """Return the start of the first hour that rollups know of."""
        ((seconds,),) = self._rows(build_first_hour(project))
        return datetime.fromtimestamp(int(seconds), UTC) if seconds else None

    def is_sampled(self, project: ProjectId, time_range: TimeRange, filters: Filters) -> bool:
        """Return whether sums are estimates: a span that is still stored stands for others that are not."""
        return bool(self._rows(build_any_sampled(self.question(project, time_range, (), filters))))

    def find_costliest(
        self,
        project: ProjectId,
        time_range: TimeRange,
        dimensions: Sequence[str],
        filters: Filters,
        limit: int,
    ) -> tuple[list[Key], int]:
        """Return the groups of spans with calls that cost most, and how many groups there are."""
        question = self.question(project, time_range, dimensions, filters)
        if not dimensions:
            return [()], 1
        rows = self._rows(build_costliest_groups(question, limit))
        keys = [tuple(str(value) for value in row[1 : 1 + len(dimensions)]) for row in rows]
        return keys, int(rows[0][0]) if rows else 0

    def find_listed(
        self,
        project: ProjectId,
        time_range: TimeRange,
        dimensions: Sequence[str],
        filters: Filters,
        limit: int,
    ) -> tuple[list[Key] | None, int | None]:
        """Return the same, or two `None` where rollups answer and every group has rows of its own."""
        if not self.question(project, time_range, dimensions, filters).needs_spans:
            return None, None
        return self.find_costliest(project, time_range, dimensions, filters, limit)

    def read_latency(
        self,
        project: ProjectId,
        time_range: TimeRange,
        dimensions: Sequence[str],
        filters: Filters,
        listed: Sequence[Key],
    ) -> dict[Key | None, CallLatency]:
        """Return the latency of each group; `None` is all groups that are not `listed`, where it is known."""
        count = len(dimensions)
        question = self.question(project, time_range, dimensions, filters)
        if not question.needs_spans:
            hourly = _full_hours((time_range.start, time_range.end))
            rows = self._rows(build_rollup_latency(question, hourly=hourly))
            return {_key(row[:count]): _latency(row[count:]) for row in rows}
        rows = self._rows(build_span_latency(question, listed))
        return {_key_at(listed, row[0]): _latency(row[1:]) for row in rows}

    def read_outcomes(
        self,
        project: ProjectId,
        time_range: TimeRange,
        dimensions: Sequence[str],
        filters: Filters,
        listed: Sequence[Key],
    ) -> tuple[dict[Key | None, Outcomes], Outcomes]:
        """Return the outcomes of each group, `None` being all that are not `listed`, and of all together.

        Reads spans.
        """
        question = self.question(project, time_range, dimensions, filters)
        rows = self._rows(build_outcomes(question, listed))
        found = {int(place): Outcomes(*map(int, numbers)) for place, *numbers in rows}
        every = found.pop(ALL_GROUPS, Outcomes(0, 0, 0, 0))
        return {_key_at(listed, place): outcomes for place, outcomes in found.items()}, every

    def read_savings(
        self, project: ProjectId, time_range: TimeRange, filters: Filters
    ) -> list[tuple[tuple[str, str, str], dict[str, Any]]]:
        """Return ((provider, model, service tier), `SAVING_SUMS` by name) for each, in no order.

        Reads spans. Raises `CallerError` when there are too many rows.
        """
        question = self.question(project, time_range, (), filters)
        return [
            (
                (str(provider), str(model), str(tier)),
                {
                    name: Decimal(value) if name.endswith("_usd") else int(value)
                    for name, value in zip(SAVING_SUMS, values, strict=True)
                },
            )
            for provider, model, tier, *values in self._rows(build_savings(question))
        ]

    def question(
        self, project: ProjectId, time_range: TimeRange, dimensions: Sequence[str], filters: Filters
    ) -> SpendQuestion:
        """Return what the builders take; `CallerError` for a dimension that is unknown, or there twice."""
        asked = (*dimensions, *filters)
        for name in asked:
            if name not in DIMENSIONS:
                raise CallerError(f"costs can be asked by {', '.join(DIMENSIONS)}, not by {name[:60]!r}")
        for name in dimensions:
            if list(dimensions).count(name) > 1:
                raise CallerError(f"costs are asked by {name} twice; once is enough")
        by_team = not set(TEAM_DIMENSIONS).isdisjoint(asked)
        payers = self._payers(project, time_range) if by_team else Payers()
        return SpendQuestion(project, time_range, tuple(dimensions), filters, payers)

    def _payers(self, project: ProjectId, time_range: TimeRange) -> Payers:
        rules, tags = self._team_rules(project), None
        if need_tags(rules):
            patterns = {rule.tag for rule in rules if rule.tag != "*"}
            known = [str(tag) for (tag,) in self._rows(build_tags(project, time_range))]
            tags = tuple(tag for tag in known if any(fits_pattern(pattern, tag) for pattern in patterns))
        kinds = [
            (str(app), str(environment), [str(tag) for tag in own_tags])
            for app, environment, own_tags in self._rows(build_kinds(project, time_range, tags))
        ]
        if len(kinds) > MAX_PAYERS:
            raise CallerError("there are too many apps and tags for rules of teams; choose a shorter range")
        return find_payers(kinds, rules, tags)

    def _rows(self, statement: Select[Any]) -> Sequence[tuple[Any, ...]]:
        rows = run(self._engine, statement)
        if len(rows) > MAX_ROWS:
            raise CallerError("the report has too many groups; choose fewer dimensions or a shorter range")
        return rows


def _full_hours(edges: Sequence[datetime]) -> bool:
    return all(edge.minute == edge.second == edge.microsecond == 0 for edge in edges)


def _key(values: Sequence[Any]) -> Key:
    return tuple(str(value) for value in values)


def _latency(values: Sequence[Any]) -> CallLatency:
    return CallLatency(*(None if math.isnan(value) else round(value) for value in map(float, values)))


def _key_at(listed: Sequence[Key], place: int) -> Key | None:
    return listed[place - 1] if place else None


def _sums_of(cut: Any, key: Key | None, values: Sequence[Any]) -> SpendSums:
    sums = {
        name: Decimal(value) if name.endswith("_usd") else int(value)
        for name, value in zip(SPEND_SUMS, values, strict=True)
    }
    return SpendSums(datetime.fromtimestamp(int(cut), UTC), key or (), sums, is_rest=key is None)
