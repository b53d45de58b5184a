"""Whole traces with their content, on every engine."""

import itertools

from tests.contract.conftest import EMBEDDED_AND_CLUSTER
from tests.made_spans import BASE_NS, MakeSpan

from sightline_core.ids import ProjectId, TraceId
from sightline_storage import Store
from sightline_storage.traces.span_downloads import SpanDownloads

pytestmark = EMBEDDED_AND_CLUSTER


def test_every_span_of_the_traces_comes_once_and_in_order(
    store: Store, project: ProjectId, span: MakeSpan
) -> None:
    large = [span(trace_id="a" * 32, start_ns=BASE_NS + 7, input="x" * 20_000) for _ in range(1_100)]
    small = [span(trace_id=f"{n:032x}", start_ns=BASE_NS + m) for n in range(1, 60) for m in (5, 3)]
    store.writer.write([*large, *small, span(trace_id="f" * 32)], token=f"{project}-1")
    store.writer.write(large[:10], token=f"{project}-2")
    order = [*(f"{n:032x}" for n in range(30, 60)), "a" * 32, *(f"{n:032x}" for n in range(1, 30))]
    rows = store.traces.read_rows(project, [TraceId(trace_id) for trace_id in order])
    pages = list(SpanDownloads(store.engine).pages(project, rows))
    records = list(itertools.chain(*pages))
    assert [trace_id for trace_id, _ in itertools.groupby(records, lambda r: r["trace_id"])] == order
    assert len({record["span_id"] for record in records}) == len(records) == len(large) + len(small)
    for _, spans in itertools.groupby(records, lambda record: record["trace_id"]):
        places = [(record["start_ns"], record["span_id"]) for record in spans]
        assert places == sorted(places)
    assert max(map(len, pages)) <= 1_000
    assert len(pages) < 20


def test_no_traces_make_no_pages(store: Store, project: ProjectId) -> None:
    assert list(SpanDownloads(store.engine).pages(project, [])) == []
