"""Work that has to stop ends at its next read, and never between what is written and its mark."""

from decimal import Decimal
from pathlib import Path

import pytest

from sightline_storage import SpanRecord, StoreConfig, open_store
from sightline_storage.stoppable import stoppable

START_NS = 1_790_000_000_000_000_000


class _Ended(BaseException):
    pass


def test_a_write_is_whole_and_the_next_read_of_any_node_ends_the_work(tmp_path: Path) -> None:
    ended = False

    def go_on() -> None:
        if ended:
            raise _Ended

    whole = open_store(StoreConfig(data_dir=tmp_path))
    store = stoppable(whole, go_on)
    span = SpanRecord(
        project="shop",
        trace_id="1" * 32,
        span_id="1" * 16,
        name="chat",
        start_ns=START_NS,
        ingested_ns=START_NS,
        cost_usd=Decimal(0),
    )
    try:
        block = store.writer.block()
        block.add([span])
        ended = True
        block.store(token="t")
        assert whole.engine.query("SELECT count() FROM rollup_marks WHERE done = 0", {}) == [(1,)]
        for read in (
            lambda: store.engine.query("SELECT 1", {}),
            lambda: store.engine.nodes()[0].query("SELECT 1", {}),
            lambda: store.engine.read_native("SELECT 1", {}),
            lambda: store.engine.read_json("SELECT 1", {}, {}),
        ):
            with pytest.raises(_Ended):
                read()
    finally:
        whole.close()
