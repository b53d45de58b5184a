"""What the views of one trace ask beyond its spans, on every engine."""

import pytest
from tests.contract.conftest import EMBEDDED_AND_CLUSTER
from tests.made_spans import BASE_NS, MakeSpan

from sightline_core.errors import NotFound
from sightline_core.ids import ProjectId, TraceId
from sightline_storage import Store
from sightline_storage.traces.trace_inspector import TraceInspector, median_run

pytestmark = EMBEDDED_AND_CLUSTER

MINUTE_NS = 60_000_000_000


@pytest.fixture
def inspector(store: Store) -> TraceInspector:
    """The inspector of the store under test."""
    return TraceInspector(store.engine, store.traces)


def trace_id(number: int) -> TraceId:
    return TraceId(f"{number:032x}")


def test_text_is_found_in_content_once_however_often_the_span_arrived(
    store: Store, inspector: TraceInspector, project: ProjectId, span: MakeSpan
) -> None:
    found = span(trace_id=trace_id(1), input='[{"role":"user","parts":[{"content":"a \\"red\\" Bicycle"}]}]')
    other = span(trace_id=trace_id(1), output="a red car", start_ns=BASE_NS + MINUTE_NS)
    elsewhere = span(trace_id=trace_id(2), input="a red bicycle")
    store.writer.write([found, other, elsewhere], token="search")
    store.writer.write([found], token="search again")
    assert inspector.find_text(project, trace_id(1), '"RED" bicycle', 10) == [found["span_id"]]
    assert inspector.find_text(project, trace_id(1), "a red", 10) == [other["span_id"]]
    assert inspector.find_text(project, trace_id(1), "", 1) == [found["span_id"]]
    with pytest.raises(NotFound):
        inspector.find_text(project, trace_id(9), "red", 10)
    with pytest.raises(NotFound):
        inspector.find_text(ProjectId("another"), trace_id(1), "red", 10)


def test_digests_differ_where_content_does(
    store: Store, inspector: TraceInspector, project: ProjectId, span: MakeSpan
) -> None:
    spans = [span(trace_id=trace_id(1), input=text, output="same") for text in ("a", "b", "a")]
    store.writer.write(spans, token="digests")
    first, second, third = (
        inspector.content_digests(project, trace_id(1))[record["span_id"]] for record in spans
    )
    assert first == third
    assert first.output == second.output
    assert first.input != second.input


def test_good_runs_are_of_the_same_kind_from_before_and_without_any_failure(
    store: Store, inspector: TraceInspector, project: ProjectId, span: MakeSpan
) -> None:
    def run(number: int, ago: int, **root: object) -> None:
        start = BASE_NS - ago * MINUTE_NS
        given = {"name": "checkout", "duration_ns": number * 1_000_000, "trace_id": trace_id(number)}
        store.writer.write([span(**(given | {"start_ns": start} | root))], token=f"run {number}")

    for number in (1, 2, 3, 4):
        run(number, 10 * number)
    run(5, 50, status="error")
    run(6, 60, failure_category="refusal")
    run(7, 70, app="bank")
    run(8, 80, name="refund")
    run(9, 8 * 24 * 60)
    run(10, 0, status="error")
    (row,) = store.traces.read_rows(project, [trace_id(10)])
    runs = inspector.good_runs(project, row)
    assert [run.trace_id for run in runs] == [trace_id(number) for number in (1, 2, 3, 4)]
    median = median_run(runs)
    assert median is not None
    assert median.trace_id == trace_id(2)
    assert median_run([]) is None


def test_neighbours_are_of_the_session_and_nearest_in_time(
    store: Store, inspector: TraceInspector, project: ProjectId, span: MakeSpan
) -> None:
    for number, session in enumerate(("s", "s", "other", "s", "s"), start=1):
        for part in range(2):
            start = BASE_NS + number * MINUTE_NS + part * 1_000
            record = span(trace_id=trace_id(number), session=session, start_ns=start)
            store.writer.write([record], token=f"session {number} {part}")
    first, middle = store.traces.read_rows(project, [trace_id(1), trace_id(2)])
    found = inspector.session_neighbours(project, middle)
    assert (found.previous and found.previous.trace_id) == trace_id(1)
    assert (found.next and found.next.trace_id) == trace_id(4)
    assert inspector.session_neighbours(project, first).previous is None
