"""Blocks that are made bit by bit: other columns in each, many days, values that have no place."""

from decimal import Decimal
from typing import Any

import pytest
from tests.made_spans import MakeSpan

from sightline_core.ids import ProjectId, TraceId
from sightline_storage import Store

DAY_NS = 86_400_000_000_000
DAYS = 70


def _stored(store: Store, project: ProjectId, columns: str) -> list[tuple[Any, ...]]:
    found = f"SELECT {columns} FROM spans FINAL WHERE project = {{project:String}}"
    query = f"{found} ORDER BY span_id LIMIT 1000"
    return store.engine.query(query, {"project": project})


def test_what_one_batch_does_not_say_is_stored_as_its_default(
    store: Store, project: ProjectId, span: MakeSpan
) -> None:
    block = store.writer.block()
    block.add([span(seed="7", tags=["a"], output_valid=1, attributes={"team": "x"})])
    block.add([span(), span(cache_hit=1, emitter_cost_usd=Decimal("0.5"))])
    block.store(token=f"{project}-block")
    assert _stored(store, project, "seed, tags, output_valid, attributes, cache_hit, emitter_cost_usd") == [
        ("7", ["a"], 1, {"team": "x"}, -1, Decimal(-1)),
        ("", [], -1, {}, -1, Decimal(-1)),
        ("", [], -1, {}, 1, Decimal("0.5")),
    ]


def test_a_block_is_one_block_under_its_token_however_it_was_made(
    store: Store, project: ProjectId, span: MakeSpan
) -> None:
    spans = [span() for _ in range(4)]
    for _ in range(2):
        block = store.writer.block()
        for record in spans:
            block.add([record])
        block.store(token=f"{project}-block")
    assert len(_stored(store, project, "span_id")) == 4


def test_batches_of_more_days_than_an_insert_touches_are_stored_once(
    store: Store, project: ProjectId, span: MakeSpan
) -> None:
    first = span()["start_ns"]
    early = [span(start_ns=first - day * DAY_NS) for day in range(DAYS)]
    late = [span(start_ns=first - day * DAY_NS) for day in range(DAYS // 2, DAYS // 2 + DAYS)]
    for _ in range(2):
        block = store.writer.block()
        block.add(early)
        block.add(late)
        block.store(token=f"{project}-block")
    assert len(_stored(store, project, "span_id")) == 2 * DAYS


def test_a_batch_with_a_value_that_has_no_place_is_refused_as_a_whole_and_leaves_the_others_alone(
    store: Store, project: ProjectId, span: MakeSpan
) -> None:
    good, bad = span(), span(cost_usd="not a number")
    block = store.writer.block()
    with pytest.raises(TypeError, match="multiply"):
        block.add([span(), bad])
    block.add([good])
    block.store(token=f"{project}-block")
    assert _stored(store, project, "span_id") == [(good["span_id"],)]
    (row, _) = store.traces.read_trace(project, TraceId(good["trace_id"]))
    assert row.span_count == 1
