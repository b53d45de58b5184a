"""The SQL of what sets a failure cluster apart from healthy spans."""

from collections.abc import Sequence
from typing import Any, Final

from clickhouse_connect.cc_sqlalchemy import final
from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import ColumnElement, Select, and_, bindparam, func, literal_column, or_, select

from sightline_storage.failures.failure_conditions import members_of, one_of
from sightline_storage.spans.span_filters import between, of_project
from sightline_storage.spans.span_table import SPANS

S = SPANS.c

CONTRAST: Final = (
    "app", "environment", "app_version", "model", "provider", "prompt_name", "prompt_version", "tool_name",
    "agent_name", "service_tier", "system_fingerprint", "name", "user",
)  # fmt: skip
"""Columns whose values may set a cluster apart."""

MIN_INSIDE: Final = 3
"""A value that fewer spans of a cluster have says nothing."""

# How something was recorded, which says nothing of where it ran or was sent, and what a column says as well.
_LEFT_OUT: Final = (
    r"^(telemetry|process|thread|code|otel|scope|gen_ai|llm|input|output|exception|traceloop)\."
    r"|^(deployment\.environment(\.name)?|service\.version)$"
)


Alike = tuple[Sequence[str], Sequence[str]]
"""Kinds and apps of spans."""


def build_span_count(
    project: str, start_ns: int, end_ns: int, fingerprints: Sequence[str], alike: Alike
) -> Select[Any]:
    """About how many stored spans are there of these kinds and apps, and of the cluster? Duplicates count."""
    conditions = (of_project(project), between(start_ns, end_ns), *_are_alike(alike))
    return select(func.count(), func.countIf(members_of(fingerprints))).where(*conditions).limit(1)


def _are_alike(alike: Alike) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    kinds, apps = alike
    return one_of(S.kind, "kinds", kinds), one_of(S.app, "apps", apps)


def build_contrast(
    project: str,
    start_ns: int,
    end_ns: int,
    fingerprints: Sequence[str],
    alike: Alike,
    every: int,
    every_inside: int,
) -> Select[Any]:
    """How often does each value of each attribute occur in the cluster and on healthy spans that are alike?

    Of healthy spans one in `every` is looked at, of the cluster's one in `every_inside`. The attribute ""
    counts all that were looked at.
    """
    inside = members_of(fingerprints)
    place = func.cityHash64(S.trace_id, S.span_id)
    sampled = place % bindparam("every", every, ch.UInt32) == 0
    sampled_inside = place % bindparam("every_inside", every_inside, ch.UInt32) == 0
    pair = func.arrayJoin(_attribute_pairs()).label("pair")
    statement = (
        select(
            pair,
            func.countIf(inside).label("inside"),
            func.countIf(S.failure_category == "").label("outside"),
        )
        .where(
            of_project(project),
            between(start_ns, end_ns),
            *_are_alike(alike),
            or_(and_(inside, sampled_inside), and_(S.failure_category == "", sampled)),
        )
        .group_by(literal_column("pair"))
        .having(literal_column("inside") >= bindparam("least", MIN_INSIDE, ch.UInt32))
        .order_by(literal_column("inside").desc(), literal_column("pair"))
        .limit(bindparam("limit", 5000, ch.UInt64))
    )
    return final(statement, SPANS)


def _attribute_pairs() -> ColumnElement[Any]:
    """`Array(Tuple(name, value))` of a span: columns, length of the input, tags, short attributes."""
    columns = [func.tuple(name, func.toString(SPANS.c[name])) for name in CONTRAST]
    length = func.concat(
        "10^", func.toString(func.floor(func.log10(func.length(S.input) + 1))), " characters"
    )
    maps: list[ColumnElement[Any]] = [
        literal_column(
            f"arrayFilter(p -> length(p.2) BETWEEN 1 AND 80 AND NOT match(p.1, '{_LEFT_OUT}'), "
            f"arrayMap((k, v) -> (toString(k), v), mapKeys(`spans`.`{name}`), mapValues(`spans`.`{name}`)))"
        )
        for name in ("attributes", "resource")
    ]
    tags: ColumnElement[Any] = literal_column("arrayMap(t -> ('tag', toString(t)), `spans`.`tags`)")
    own = func.array(func.tuple("", ""), *columns, func.tuple("input_length", length))
    return func.arrayConcat(own, tags, *maps)
