"""Spans as the collector stores them, for tests of what is read from a store."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from decimal import Decimal
from typing import Unpack

from sightline_core.ids import ProjectId
from sightline_storage import SpanRecord

BASE_NS = 1_790_000_000_000_000_000
"""2026-09-21 14:13:20 UTC: where the tests' spans lie by default."""

MakeSpan = Callable[..., SpanRecord]


def span_maker(project: ProjectId) -> MakeSpan:
    """Return a maker: every call is one more span, a root of a new trace unless told otherwise."""
    numbers = itertools.count(1)

    def make(**given: Unpack[SpanRecord]) -> SpanRecord:
        number = next(numbers)
        record = SpanRecord(
            project=project,
            trace_id=f"{number:032x}",
            span_id=f"{number:016x}",
            name=f"span {number}",
            kind="llm",
            start_ns=BASE_NS + number * 1_000_000,
            duration_ns=1_000_000,
            ingested_ns=BASE_NS + 1_000_000_000_000,
            status="ok",
            app="shop",
            model="gpt-4o",
            input_tokens=10,
            output_tokens=3,
            cost_usd=Decimal("0.000001000001"),
            cost_state="priced",
        )
        record.update(given)
        return record

    return make
