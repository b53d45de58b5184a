"""What arrives, on every engine."""

from tests.contract.conftest import EMBEDDED_AND_CLUSTER
from tests.made_spans import BASE_NS, MakeSpan

from sightline_core.ids import ProjectId, TraceId
from sightline_core.query_parser import parse_query
from sightline_storage import Store
from sightline_storage.search.tail_reader import TailReader

pytestmark = EMBEDDED_AND_CLUSTER


def test_arrivals_are_the_traces_with_newer_spans_newest_first(
    store: Store, project: ProjectId, span: MakeSpan
) -> None:
    day_ns = 86_400 * 10**9
    old, first, second = (span(ingested_ns=BASE_NS + n, start_ns=BASE_NS - n * day_ns) for n in range(3))
    other = span(project="another", ingested_ns=BASE_NS + 9)
    store.writer.write([old, first, second], token=f"{project}-1")
    store.writer.write([other], token=f"{project}-2")
    again = span(trace_id=first["trace_id"], ingested_ns=BASE_NS + 7)
    store.writer.write([again], token=f"{project}-3")
    found = TailReader(store.engine).arrivals(project, since_ns=BASE_NS, written_within_s=600)
    assert [(arrival.trace_id, arrival.newest_ns - BASE_NS) for arrival in found] == [
        (first["trace_id"], 7),
        (second["trace_id"], 2),
    ]


def test_rows_come_in_the_order_asked_for_without_unknown_ones(
    store: Store, project: ProjectId, span: MakeSpan
) -> None:
    spans = [span() for _ in range(3)]
    store.writer.write(spans, token=f"{project}-1")
    ids = [TraceId(spans[2]["trace_id"]), TraceId("f" * 32), TraceId(spans[0]["trace_id"])]
    assert [row.trace_id for row in store.traces.read_rows(project, ids)] == [ids[0], ids[2]]


def test_only_what_fits_a_query_is_kept(store: Store, project: ProjectId, span: MakeSpan) -> None:
    root = span(app="desk", input="the Refund Policy")
    child = span(trace_id=root["trace_id"], parent_span_id=root["span_id"], status="error")
    others = [span(app="desk"), span(app="shop")]
    store.writer.write([root, child, *others], token=f"{project}-1")
    ids = [TraceId(record["trace_id"]) for record in (root, *others)]
    reader = TailReader(store.engine)
    for query, expected in (
        ("app:desk", {ids[0], ids[1]}),
        ('"refund policy" errors>0', {ids[0]}),
        ("errors:0", {ids[1], ids[2]}),
        ("app:nobody", set()),
    ):
        assert reader.fitting(project, parse_query(query), ids) == expected
    assert reader.fitting(project, parse_query("app:desk"), [TraceId("f" * 32)]) == set()
