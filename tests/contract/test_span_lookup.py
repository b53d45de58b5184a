"""What the collector asks the store before it writes: when spans start, and what traces weigh."""

from itertools import product

from tests.contract.conftest import EMBEDDED_AND_CLUSTER
from tests.made_spans import BASE_NS, MakeSpan

from sightline_core.ids import ProjectId
from sightline_storage import SpanRecord, Store
from sightline_storage.traces.span_lookup import SpanLookup

pytestmark = EMBEDDED_AND_CLUSTER

DAY_NS = 86_400_000_000_000


def test_of_several_copies_of_a_span_the_first_start_is_found(
    store: Store, project: ProjectId, span: MakeSpan
) -> None:
    made, other = span(start_ns=BASE_NS), span(start_ns=BASE_NS - 40 * DAY_NS)
    copies: list[SpanRecord] = [{**made, "start_ns": BASE_NS + day * DAY_NS} for day in (2, 1)]
    for number, records in enumerate([[made, other], copies]):
        store.writer.write(records, token=f"{project}-{number}")
    keys = [(record["trace_id"], record["span_id"]) for record in (made, other)]
    traces, spans = zip(*keys, strict=True)
    found = SpanLookup(store.engine).find_starts(project, [*product(traces, spans), ("f" * 32, spans[0])])
    assert found == {keys[0]: BASE_NS, keys[1]: BASE_NS - 40 * DAY_NS}
    assert SpanLookup(store.engine).find_starts("another", keys) == {}


def test_the_weights_of_stored_traces_are_found(store: Store, project: ProjectId, span: MakeSpan) -> None:
    always, share = span(sample_weight=1.0), span(sample_weight=4.0, start_ns=BASE_NS - 40 * DAY_NS)
    late = span(trace_id=share["trace_id"], sample_weight=1.0)  # of a kind that is kept of every trace
    store.writer.write([always, share, late, span()], token=f"{project}-t")
    traces = [always["trace_id"], share["trace_id"]]
    found = SpanLookup(store.engine).find_weights(project, [*traces, "f" * 32])
    assert found == {traces[0]: 1.0, traces[1]: 4.0}
    assert SpanLookup(store.engine).find_weights("another", traces) == {}
