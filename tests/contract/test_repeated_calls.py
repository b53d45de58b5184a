"""A call that two instrumentations recorded counts once, also when its spans came to different processes."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine
from tests.contract.conftest import EMBEDDED_AND_CLUSTER
from tests.made_spans import MakeSpan

from sightline_collector.repeated_calls_job import FIRST_LOOK, REPEATED_CALLS_JOB, RepeatedCallsJob
from sightline_core.ids import ProjectId
from sightline_storage import Store
from sightline_storage.metadata.job_progress import JobProgress
from sightline_storage.rollups.write_follower import WriteFollower
from sightline_storage.rollups.written_minutes import WrittenMinutesReader
from sightline_storage.traces.repeated_call_reader import RepeatedCallReader
from sightline_storage.traces.span_lookup import SpanLookup

pytestmark = EMBEDDED_AND_CLUSTER

NOW = datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC) + timedelta(seconds=5)
USD = Decimal("0.5")
DAY_NS = 86_400 * 10**9

Settle = Callable[[], None]


@pytest.fixture
def settle(store: Store, metadata: Engine) -> Settle:
    """A turn of the job, in a new process each time."""

    def run() -> None:
        job = RepeatedCallsJob(
            WriteFollower(
                REPEATED_CALLS_JOB,
                JobProgress(metadata),
                WrittenMinutesReader(store.engine),
                first_look=FIRST_LOOK,
            ),
            RepeatedCallReader(store.engine),
            SpanLookup(store.engine),
            store.writer,
        )
        while job.run(NOW):
            pass

    return run


def _counted(store: Store, project: ProjectId) -> tuple[dict[str, int], Decimal]:
    """Whether each span counts, and the cost in the rollups."""
    while store.refresh_rollups(NOW):
        pass
    rows = store.engine.query(
        "SELECT span_id, counted FROM spans FINAL WHERE project = {p:String}", {"p": project}
    )
    ((usd,),) = store.engine.query(
        "SELECT sum(cost_usd) FROM rollup_hour FINAL WHERE project = {p:String}", {"p": project}
    )
    return {str(span_id): int(counted) for span_id, counted in rows}, usd


def test_the_deepest_span_of_a_call_counts_whichever_came_first(
    store: Store, project: ProjectId, span: MakeSpan, settle: Settle
) -> None:
    call = {"trace_id": "a" * 32, "response_id": "call", "cost_usd": USD}
    outer = span(**call, span_id="1" * 16, attributes={"kept": "yes"})
    between = span(trace_id="a" * 32, span_id="2" * 16, parent_span_id="1" * 16, cost_usd=Decimal(0))
    inner = span(**call, span_id="3" * 16, parent_span_id="2" * 16)
    for number, record in enumerate((outer, inner, between)):
        store.writer.write([record], token=f"{project}-{number}")
    assert _counted(store, project)[1] == 2 * USD
    settle()
    assert _counted(store, project) == ({"1" * 16: 0, "2" * 16: 1, "3" * 16: 1}, USD)
    (rewritten,) = SpanLookup(store.engine).find(project, [("a" * 32, "1" * 16)])
    assert rewritten["attributes"] == {"kept": "yes"}
    settle()
    (same,) = SpanLookup(store.engine).find(project, [("a" * 32, "1" * 16)])
    assert same["ingested_ns"] == rewritten["ingested_ns"]


@pytest.mark.parametrize("outer_first", [True, False])
def test_a_call_of_days_ago_counts_once_although_its_spans_came_at_different_times(
    store: Store, project: ProjectId, span: MakeSpan, settle: Settle, outer_first: bool
) -> None:
    begun = span()["start_ns"] - 40 * DAY_NS
    call = {"trace_id": "c" * 32, "response_id": "late", "cost_usd": USD}
    outer = span(**call, span_id="1" * 16, start_ns=begun)
    inner = span(**call, span_id="2" * 16, parent_span_id="1" * 16, start_ns=begun + 100 * 10**9)
    for number, record in enumerate([outer, inner] if outer_first else [inner, outer]):
        store.writer.write([record], token=f"{project}-{number}")
        settle()
    assert _counted(store, project) == ({"1" * 16: 0, "2" * 16: 1}, USD)


@pytest.mark.parametrize("outer_is_silent", [True, False])
def test_a_call_of_which_one_span_says_nothing_counts_once(
    store: Store, project: ProjectId, span: MakeSpan, settle: Settle, outer_is_silent: bool
) -> None:
    """OpenInference's of an asynchronous stream that is read raw: it ends, and comes, before the answer."""
    nothing = {"input_tokens": 0, "output_tokens": 0, "cost_usd": Decimal(0), "cost_state": "unpriced"}
    silent = {"scope_name": "openinference", "request_model": "m", **nothing}
    known = {"scope_name": "sightline", "request_model": "m", "response_id": "r", "cost_usd": USD}
    outer, inner = (silent, known) if outer_is_silent else (known, silent)
    trace = [
        span(trace_id="e" * 32, span_id="1" * 16, **outer),
        span(trace_id="e" * 32, span_id="2" * 16, parent_span_id="1" * 16, **inner),
    ]
    other = span(
        trace_id="e" * 32, span_id="3" * 16, parent_span_id="1" * 16, **silent | {"request_model": "n"}
    )
    for number, record in enumerate(trace if outer_is_silent else trace[::-1]):
        store.writer.write([record], token=f"{project}-{number}")
    store.writer.write([other], token=f"{project}-other")
    settle()
    counts = {"1" * 16: int(not outer_is_silent), "2" * 16: int(outer_is_silent), "3" * 16: 1}
    assert _counted(store, project) == (counts, USD)


def test_a_call_counts_although_each_of_two_collectors_let_the_other_span_count(
    store: Store, project: ProjectId, span: MakeSpan, settle: Settle
) -> None:
    call = {"trace_id": "d" * 32, "response_id": "call", "cost_usd": USD, "counted": 0}
    outer = span(**call, span_id="1" * 16)
    inner = span(**call, span_id="2" * 16, parent_span_id="1" * 16)
    read_again = span(**call, span_id="3" * 16, kind="internal")
    store.writer.write([outer, inner, read_again], token=project)
    settle()
    assert _counted(store, project) == ({"1" * 16: 0, "2" * 16: 1, "3" * 16: 0}, USD)


def test_a_call_is_found_among_more_minutes_than_one_query_reads(
    store: Store, project: ProjectId, span: MakeSpan, settle: Settle
) -> None:
    outers = [span(start_ns=span()["start_ns"] - n * 60 * 10**9, response_id=f"r{n}") for n in range(250)]
    inners = [
        span(
            trace_id=outer["trace_id"],
            parent_span_id=outer["span_id"],
            response_id=outer["response_id"],
            start_ns=outer["start_ns"] + 61 * 10**9,
        )
        for outer in outers
    ]
    store.writer.write(outers, token=f"{project}-outers")
    store.writer.write(inners, token=f"{project}-inners")
    settle()
    counted, _ = _counted(store, project)
    assert {counted[record["span_id"]] for record in outers} == {0}
    assert {counted[record["span_id"]] for record in inners} == {1}


def test_spans_of_a_trace_are_read_whole_or_not_at_all(
    store: Store, project: ProjectId, span: MakeSpan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sightline_storage.traces.repeated_call_reader.MAX_LINES", 5)
    sizes = {f"{project}-{name}": size for name, size in (("small", 2), ("middle", 4), ("large", 6))}
    spans = [span(trace_id=trace_id) for trace_id, size in sizes.items() for _ in range(size)]
    store.writer.write(spans, token=project)
    lines = RepeatedCallReader(store.engine).read_lines(project, list(sizes))
    assert Counter(line["trace_id"] for line in lines) == {f"{project}-small": 2, f"{project}-middle": 4}


def test_calls_one_after_the_other_with_one_response_id_all_count(
    store: Store, project: ProjectId, span: MakeSpan, settle: Settle
) -> None:
    """A cache in front of the model replays an answer together with its id; two layers see it at one time."""
    answers = [span(trace_id="b" * 32, response_id="replayed", cost_usd=USD) for _ in range(2)]
    store.writer.write(answers, token=f"{project}-t")
    settle()
    assert _counted(store, project)[1] == 2 * USD
    layer = span(trace_id="b" * 32, response_id="replayed", cost_usd=USD, start_ns=answers[1]["start_ns"])
    store.writer.write([layer], token=f"{project}-layer")
    settle()
    counted, usd = _counted(store, project)
    assert (sum(counted.values()), usd) == (2, 2 * USD)


def test_a_call_is_found_by_its_response_and_the_newest_of_several_that_count(
    store: Store, project: ProjectId, span: MakeSpan
) -> None:
    wrapper = span(response_id="one", counted=0)
    first, again, other = span(response_id="one"), span(response_id="one"), span(response_id="two")
    store.writer.write([wrapper, first, again, other], token=f"{project}-calls")
    window = (first["start_ns"] - 10**9, other["start_ns"] + 10**9)
    found = SpanLookup(store.engine).find_calls(project, ["one", "two", "it's"], *window)
    assert found == {
        "one": (again["trace_id"], again["span_id"]),
        "two": (other["trace_id"], other["span_id"]),
    }
