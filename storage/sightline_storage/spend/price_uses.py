"""Which calls have the cost that an own price gave them?"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from clickhouse_connect.cc_sqlalchemy import final
from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import Select, bindparam, func, select

from sightline_core.ids import ProjectId
from sightline_core.nanoseconds import time_of, to_ns
from sightline_core.price_overrides import PRICE_ID_PREFIX
from sightline_core.time_range import TimeRange
from sightline_storage.engines.engine import Engine
from sightline_storage.engines.sql import nanos_of
from sightline_storage.engines.statements import run
from sightline_storage.spans.span_filters import between, of_project
from sightline_storage.spans.span_table import SPANS
from sightline_storage.spend.price_store import MAX_OVERRIDES

_S = SPANS.c


@dataclass(frozen=True, slots=True)
class PriceUse:
    """Calls of one price, sampled ones for those that they stand for; it may have been removed since."""

    name: str
    calls: int
    last_call_at: datetime


class PriceUseReader:
    """Thread-safe, like its engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def own(self, project: ProjectId, time_range: TimeRange) -> list[PriceUse]:
        """Return the project's own prices that calls of the range have, by name."""
        query = build_price_uses(project, to_ns(time_range.start), to_ns(time_range.end))
        return [
            PriceUse(str(price_id).removeprefix(PRICE_ID_PREFIX), int(calls), time_of(int(last_ns)))
            for price_id, calls, last_ns in run(self._engine, query)
        ]


def build_price_uses(project: str, start_ns: int, end_ns: int) -> Select[Any]:
    """How many calls of the window has each own price, and when did the last one start?"""
    prefix = bindparam("prefix", PRICE_ID_PREFIX, ch.String)
    statement = (
        select(
            _S.price_id,
            func.toUInt64(func.round(func.sum(_S.sample_weight))).label("calls"),
            nanos_of(func.max(_S.start_time)).label("last_ns"),
        )
        .where(
            of_project(project),
            between(start_ns, end_ns),
            _S.counted == 1,
            func.startsWith(_S.price_id, prefix),
        )
        .group_by(_S.price_id)
        .order_by(_S.price_id)
        .limit(bindparam("prices", MAX_OVERRIDES, ch.UInt64))
    )
    return final(statement, SPANS)
