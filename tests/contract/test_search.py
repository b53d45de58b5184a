"""What queries find, on every kind of store."""

import itertools
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import cast

import pytest
from tests.contract.conftest import EMBEDDED_AND_CLUSTER
from tests.made_spans import BASE_NS, MakeSpan

from sightline_api.problem import problem_of
from sightline_core.errors import CallerError, QueryOverLimit
from sightline_core.ids import ProjectId, TraceId
from sightline_core.query_parser import MAX_CONDITIONS, parse_query
from sightline_core.query_tree import EVERYTHING
from sightline_core.time_range import TimeRange
from sightline_storage import SpanRecord, Store, TraceRow
from sightline_storage.contract import CostTotals
from sightline_storage.search import span_search
from sightline_storage.search.span_search import SpanSearch
from sightline_storage.search.trace_search import NEWEST_FIRST, Order, TraceSearch
from sightline_storage.search.trace_search_queries import SORTS
from sightline_storage.traces.trace_inspector import TraceInspector

pytestmark = EMBEDDED_AND_CLUSTER

SECOND_NS = 1_000_000_000
NOON = datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)
AROUND = TimeRange(NOON - timedelta(hours=1), NOON + timedelta(hours=1))


@pytest.fixture
def traces(store: Store, project: ProjectId, span: MakeSpan) -> dict[str, str]:
    """Three traces by name → trace id.

    `good`: agent → tool → llm. `bad`: agent → llm → tool that failed. `lone`: one call without a price.
    """
    ids = {"good": "a" * 32, "bad": "b" * 32, "lone": "c" * 32}
    number = itertools.count(1)

    def child(trace: str, parent: SpanRecord | None, **given: object) -> SpanRecord:
        n = next(number)
        return span(
            trace_id=ids[trace],
            span_id=f"{n:016x}",
            parent_span_id="" if parent is None else parent["span_id"],
            start_ns=BASE_NS + n * SECOND_NS,
            **given,
        )

    none = {"cost_state": "none", "cost_usd": Decimal(0), "input_tokens": 0, "output_tokens": 0, "model": ""}
    good = child("good", None, kind="agent", name="answer", duration_ns=5 * SECOND_NS, **none)
    lookup = child("good", good, kind="tool", tool_name="search", tags=["blue", "x"], **none)
    said = child(
        "good",
        lookup,
        input="Please explain the Refund Policy to me",
        output="日本語の答え",
        attributes={"tenant": "acme", "odd name": "it's {x:String}", "order": "9007199254740993"},
        attributes_num={"temperature": 0.5, "order": 9007199254740992.0},
        cost_usd=Decimal("0.02"),
        finish_reasons=["stop"],
    )
    bad = child("bad", None, kind="agent", status="error", name="answer", duration_ns=SECOND_NS, **none)
    call = child("bad", bad, model="gpt-4o-mini", cost_usd=Decimal("0.5"), time_to_first_token_ns=10**8)
    tool = child(
        "bad",
        call,
        kind="tool",
        tool_name="shop",
        status="error",
        status_message="policy refused",
        failure_category="tool_error",
        http_status=503,
        cache_similarity=0.93,
        **none,
    )
    lone = child(
        "lone", None, app="other", status="unset", cost_state="unpriced", cost_usd=Decimal(0), model="mystery"
    )
    store.writer.write([good, lookup, said, bad, call, tool, lone], token="all")
    # A second delivery must not count twice in any sum.
    store.writer.write([said | {"ingested_ns": said["ingested_ns"] + 1}], token="again")
    return {trace_id: name for name, trace_id in ids.items()}


FOUND = {
    "": "lone bad good",
    "app:shop": "bad good",
    "app:other,nothing": "lone",
    "app:sh*": "bad good",
    'app:"sh*"': "",
    "-app:shop": "lone",
    "status:error": "bad",
    "-status:error": "lone good",
    "status:ok": "lone good",
    "status:unset": "lone",
    "model:gpt-4o": "good",
    "model:gpt-4o*": "bad good",
    "model:gpt-4o kind:tool": "good",
    "{model:gpt-4o kind:tool}": "",
    "{model:gpt-4o kind:llm}": "good",
    "tag:blue": "good",
    "tag:b*e": "good",
    "tag:red,blue,b*": "good",
    "tag:red,green": "",
    "finish:stop": "good",
    "cost>0.02": "bad",
    "cost>=0.02": "bad good",
    "cost:0.02": "good",
    "cost<1": "bad good",
    "has:unpriced": "lone",
    "tokens>0": "lone bad good",
    "tokens:13": "lone bad good",
    "spans:3": "bad good",
    "spans<2": "lone",
    "errors>=2": "bad",
    "llm_calls:1": "lone bad good",
    "latency>=5s": "good",
    "latency<1s": "lone",
    "ttft<1s": "bad",
    "http:500..599": "bad",
    "retrieved:0..10": "",
    "similarity:0.93": "bad",
    "similarity>0.93": "",
    "similarity<=0.93": "bad",
    "attr.tenant:acme": "good",
    'attr."odd name":"it\'s {x:String}"': "good",
    "attr.temperature:0.5": "good",
    "attr.temperature:0.4,0.5,x": "good",
    "attr.temperature:0.50": "good",
    "attr.temperature:5e-1": "",
    "attr.temperature:0.5_0": "",
    "attr.temperature:0.0005k": "good",
    "attr.tenant:0.5,other,ac*": "good",
    "attr.temperature>0.4": "good",
    "attr.order:9007199254740993": "good",
    "attr.order:9007199254740992": "",
    "attr.temperature<0.4": "",
    "has:attr.tenant": "good",
    "-has:attr.tenant": "lone bad",
    "has:failure": "bad",
    "refund": "good",
    "REFUND": "good",
    '"refund policy"': "good",
    '"policy refund"': "",
    "policy": "bad good",
    "refun": "",
    "日本": "good",
    "refund cost>0": "good",
    "-refund": "lone bad",
    "refund OR has:unpriced": "lone good",
    "(app:other OR status:error) -model:gpt-4o": "lone bad",
    "{kind:agent} > {kind:tool}": "good",
    "{kind:agent} >> {kind:tool}": "bad good",
    "{kind:agent} >> {kind:tool status:error}": "bad",
    "{kind:agent} > {kind:llm} > {kind:tool}": "bad",
    "{kind:tool} > {refund}": "good",
    "{kind:tool} >> {kind:agent}": "",
    "-({kind:agent} > {kind:tool})": "lone bad",
    "trace:cccccccccccccccccccccccccccccccc": "lone",
}


def test_queries_find_the_traces_that_fit_newest_first(
    store: Store, project: ProjectId, traces: dict[str, str]
) -> None:
    search = TraceSearch(store.engine)

    def found(query: str) -> str:
        page = search.find_traces(project, AROUND, parse_query(query), limit=10)
        assert page.next_cursor is None
        return " ".join(traces[row.trace_id] for row in page.traces)

    assert {query: found(query) for query in FOUND} == FOUND


ESCAPED = [
    {"content": 'He said "no thanks" to\nRefund policy of\tThe cat\r\nin C:\\new'},
    {"content": "Привет, Grüße aus İzmir 🙂"},
]
WRITTEN = {
    '"refund policy"': True,
    '"fund policy"': False,
    '"the cat"': True,
    '"he cat"': False,
    '"\\"no thanks\\" to"': True,
    "refund": True,
    "the": True,
    "in": True,
    "new": True,
    "nrefund": False,
    "ew": False,
    '"to\nrefund"': True,
    "привет": True,
    "ПРИВЕТ": True,
    '"grüße aus"': True,
    "GRÜSSE": False,
    "🙂": True,
    "привит": False,
}


@pytest.mark.parametrize("ascii_only", [False, True])
def test_text_is_found_however_its_json_writes_it(
    store: Store, project: ProjectId, span: MakeSpan, ascii_only: bool
) -> None:
    content = json.dumps(ESCAPED, ensure_ascii=ascii_only)
    store.writer.write([span(trace_id="a" * 32, input=content)], token="escaped")
    search, spans = TraceSearch(store.engine), SpanSearch(store.engine)
    inspector = TraceInspector(store.engine, store.traces)
    assert {
        query: bool(search.find_traces(project, AROUND, parse_query(query)).traces) for query in WRITTEN
    } == WRITTEN
    assert {
        query: bool(spans.find_spans(project, AROUND, parse_query(query), limit=1, cursor=None).spans)
        for query in WRITTEN
    } == WRITTEN
    for text in ("привет", "ПРИВЕТ", "grüße aus", "🙂", 'no thanks" to\nrefund'):
        assert inspector.find_text(project, TraceId("a" * 32), text, 10)


def test_what_messages_are_built_with_is_found_only_where_somebody_wrote_it(
    store: Store, project: ProjectId, span: MakeSpan
) -> None:
    def message(text: str) -> str:
        call = {"type": "tool_call", "id": "call_1", "name": "look_up", "arguments": {}}
        parts = [{"type": "text", "content": text}, call]
        return json.dumps([{"role": "user", "parts": parts}], separators=(",", ":"))

    texts = ["Where is my order?", "the User\nrole", 'he said "content"', "text", "a tool_call was"]
    stored = [span(trace_id=f"{number:032x}", input=message(text)) for number, text in enumerate(texts)]
    store.writer.write([*stored, span(trace_id="f" * 32, input="tool")], token="messages")
    search = TraceSearch(store.engine)

    def found(word: str) -> list[int]:
        rows = search.find_traces(project, AROUND, parse_query(word)).traces
        return sorted(int(row.trace_id, 16) % 16 for row in rows)

    expected = {
        "user": [1], "role": [1], "content": [2], "text": [3], "tool": [4, 15], "call": [4], "id": [],
        "parts": [], "order": [0],
    }  # fmt: skip
    assert {word: found(word) for word in expected} == expected


# Newest first has a way of its own for each of these; in every other order one statement holds any condition.
NEWEST = ("", "app:shop", "-app:other", "tokens>0", "refund OR kind:agent")
ORDERS = [Order(sort, descending) for sort in SORTS for descending in (True, False)]
LISTS = {query: [NEWEST_FIRST] for query in NEWEST} | {
    "tokens>0": ORDERS,
    "refund OR kind:agent": ORDERS[::3],
}


@pytest.mark.parametrize("query", LISTS)
def test_pages_of_one_neither_repeat_nor_skip(
    query: str, store: Store, project: ProjectId, traces: dict[str, str]
) -> None:
    search, node = TraceSearch(store.engine), parse_query(query)
    for order in LISTS[query]:
        whole = search.find_traces(project, AROUND, node, order=order, limit=10).traces
        seen, cursor, more = [], None, True
        while more:
            page = search.find_traces(project, AROUND, node, order=order, limit=1, cursor=cursor)
            seen += page.traces
            cursor, more = page.next_cursor, page.next_cursor is not None
        assert seen == whole
        assert len(whole) == (3 if query in ("", "tokens>0") else 2)


@pytest.mark.parametrize("descending", [True, False])
def test_a_list_is_in_the_order_that_was_asked_for(
    descending: bool, store: Store, project: ProjectId, traces: dict[str, str]
) -> None:
    value_of: dict[str, Callable[[TraceRow], int | Decimal]] = {
        "start": lambda row: row.start_ns,
        "duration": lambda row: row.duration_ns,
        "cost": lambda row: row.cost.usd,
        "tokens": lambda row: row.tokens.input + row.tokens.output,
    }
    assert value_of.keys() == SORTS.keys()
    for sort, value in value_of.items():
        order = Order(sort, descending)
        rows = TraceSearch(store.engine).find_traces(project, AROUND, EVERYTHING, order=order).traces
        values = [value(row) for row in rows]
        assert len(values) == 3
        assert values == sorted(values, reverse=descending)


def test_a_cursor_of_another_order_is_refused(
    store: Store, project: ProjectId, traces: dict[str, str]
) -> None:
    search = TraceSearch(store.engine)
    node = parse_query("")
    page = search.find_traces(project, AROUND, node, order=Order("cost"), limit=1)
    with pytest.raises(CallerError, match="cursor"):
        search.find_traces(project, AROUND, node, order=Order("tokens"), limit=1, cursor=page.next_cursor)


def test_a_trace_that_becomes_the_dearest_or_comes_again_between_two_pages_is_where_it_was(
    store: Store, project: ProjectId, span: MakeSpan
) -> None:
    now_ns = time.time_ns()
    made = [span(start_ns=now_ns, ingested_ns=now_ns, cost_usd=Decimal(cost)) for cost in (3, 2, 1)]
    store.writer.write(made, token="t")
    search, cursor, seen = TraceSearch(store.engine), None, list[str]()
    now = datetime.now(UTC)
    around = TimeRange(now - timedelta(hours=1), now + timedelta(hours=1))
    for page_number in range(3):
        page = search.find_traces(project, around, EVERYTHING, order=Order("cost"), limit=1, cursor=cursor)
        seen += [row.trace_id for row in page.traces]
        cursor = page.next_cursor
        arrived = time.time_ns() + 1
        more = span(trace_id=made[2]["trace_id"], start_ns=now_ns, ingested_ns=arrived, cost_usd=Decimal(9))
        # Its sender did not hear that they were taken.
        again = [cast(SpanRecord, {**each, "ingested_ns": arrived}) for each in made]
        store.writer.write([more, *again], token=str(page_number))
    assert (seen, cursor) == ([each["trace_id"] for each in made], None)


def test_facets_count_traces_not_spans(store: Store, project: ProjectId, traces: dict[str, str]) -> None:
    search = TraceSearch(store.engine)

    def facet(query: str, field: str, prefix: str = "") -> list[tuple[str, int]]:
        found = search.facet(project, AROUND, parse_query(query), field=field, limit=10, prefix=prefix)
        return [(each.value, each.traces) for each in found]

    assert facet("", "app") == [("shop", 2), ("other", 1)]
    assert facet("", "kind") == [("llm", 3), ("agent", 2), ("tool", 2)]
    assert facet("status:error", "tool") == [("shop", 1)]
    assert facet("", "status") == [("ok", 2), ("error", 1)]
    assert facet("-app:other", "tag") == [("blue", 1), ("x", 1)]
    assert facet("", "attr.tenant") == [("acme", 1)]
    assert facet("", "model", prefix="GPT-4o-") == [("gpt-4o-mini", 1)]
    with pytest.raises(CallerError, match="number"):
        facet("", "cost")
    with pytest.raises(CallerError, match="no field"):
        facet("", "nothing")


def test_a_trace_without_a_root_or_with_two_has_the_status_that_finds_it(
    store: Store, project: ProjectId, span: MakeSpan
) -> None:
    first = span()
    second = span(trace_id=first["trace_id"], status="error")
    store.writer.write([first, second, span(parent_span_id="f" * 16, status="unset")], token=project)
    search, found = TraceSearch(store.engine), parse_query("status:ok")
    assert len(search.find_traces(project, AROUND, found).traces) == 2
    for node in (EVERYTHING, parse_query("kind:llm")):
        facet = search.facet(project, AROUND, node, field="status", limit=9)
        groups = search.groups(project, AROUND, node, by="status", limit=9)
        assert [(each.value, each.traces) for each in facet] == [("ok", 2)]
        assert [(value, figures.traces) for value, figures in groups] == [("ok", 2)]


def test_facets_and_groups_count_what_the_search_for_their_value_finds(
    store: Store, project: ProjectId, span: MakeSpan
) -> None:
    start = BASE_NS - 3_600 * SECOND_NS  # that of `AROUND`
    deleted, other = span(user="ann", start_ns=BASE_NS), span(user="bo", start_ns=BASE_NS)
    begun = span(user="ann", start_ns=start - 1)
    call = span(trace_id=begun["trace_id"], user="ann", model="gpt-4o-mini", start_ns=start)
    store.writer.write([deleted, other, begun, call], token=project)
    store.delete_traces(project, [deleted["trace_id"]])
    search = TraceSearch(store.engine)
    for field, values in (("user", {"bo": 1}), ("model", {"gpt-4o": 1, "gpt-4o-mini": 1})):
        facet = search.facet(project, AROUND, EVERYTHING, field=field, limit=10)
        assert {each.value: each.traces for each in facet} == values
        groups = search.groups(project, AROUND, EVERYTHING, by=field, limit=10)
        assert {value: figures.traces for value, figures in groups} == values
        for value, traces in values.items():
            found = search.find_traces(project, AROUND, parse_query(f"{field}:{value}")).traces
            assert len(found) == traces


def test_a_histogram_adds_up_to_the_list(store: Store, project: ProjectId, traces: dict[str, str]) -> None:
    search = TraceSearch(store.engine)
    buckets = search.histogram(project, AROUND, parse_query("app:shop"), bucket_ns=60 * SECOND_NS)
    minute = BASE_NS // (60 * SECOND_NS)
    assert list(buckets) == [minute]
    figures = buckets[minute]
    assert (figures.traces, figures.errors, figures.tokens) == (2, 1, 26)
    assert (figures.p50_ns, figures.p95_ns) == (2_001_000_000, 5 * SECOND_NS)
    assert figures.cost == CostTotals(Decimal("0.52"), 2, 0, 0)
    unpriced = search.histogram(project, AROUND, parse_query("app:other"), bucket_ns=60 * SECOND_NS)
    assert [bucket.cost for bucket in unpriced.values()] == [CostTotals(Decimal(0), 0, 0, 1)]


def test_a_histogram_takes_a_query_of_many_words(
    store: Store, project: ProjectId, traces: dict[str, str]
) -> None:
    # Of as many words, those with quotes and with letters that JSON may escape make the longest statement.
    word = '"say \\"no\\" Grüße {} times"'
    words = " OR ".join(["app:shop", *(word.format(number) for number in range(MAX_CONDITIONS - 1))])
    buckets = TraceSearch(store.engine).histogram(
        project, AROUND, parse_query(words), bucket_ns=60 * SECOND_NS
    )
    assert [figures.traces for figures in buckets.values()] == [2]


def test_groups_hold_whole_traces(store: Store, project: ProjectId, traces: dict[str, str]) -> None:
    groups = dict(
        TraceSearch(store.engine).groups(project, AROUND, parse_query("-status:error"), by="tool", limit=10)
    )
    assert {value: figures.traces for value, figures in groups.items()} == {"search": 1, "": 1}
    assert groups["search"].cost == CostTotals(Decimal("0.02"), 1, 0, 0)
    assert groups[""].cost == CostTotals(Decimal(0), 0, 0, 1)


SPANS_FOUND = {
    "": 7,
    "kind:tool": 2,
    "status:error": 2,
    "-kind:tool": 5,
    "cost>0.1": 1,
    "latency>=1s": 2,
    "policy": 2,
    "spans:3 kind:llm": 2,
    "{kind:agent} > {kind:tool}": 3,
    "app:shop has:failure": 1,
}


def test_queries_find_the_spans_that_fit_newest_first(
    store: Store, project: ProjectId, traces: dict[str, str]
) -> None:
    search = SpanSearch(store.engine)

    def found(query: str) -> int:
        node = parse_query(query)
        spans = search.find_spans(project, AROUND, node, limit=50, cursor=None).spans
        assert [hit.start_ns for hit in spans] == sorted((hit.start_ns for hit in spans), reverse=True)
        first = search.find_spans(project, AROUND, node, limit=1, cursor=None)
        if first.next_cursor is not None:
            rest = search.find_spans(project, AROUND, node, limit=50, cursor=first.next_cursor)
            assert [*first.spans, *rest.spans] == spans
        return len(spans)

    assert {query: found(query) for query in SPANS_FOUND} == SPANS_FOUND


def test_pages_of_spans_go_on_within_spans_of_one_id_in_several_traces(
    store: Store, project: ProjectId, span: MakeSpan
) -> None:
    made = [span(span_id="a" * 16, start_ns=BASE_NS) for _ in range(3)]
    store.writer.write(made, token=project)
    search, cursor, seen = SpanSearch(store.engine), None, list[str]()
    for _ in made:
        page = search.find_spans(project, AROUND, EVERYTHING, limit=1, cursor=cursor)
        seen += [hit.trace_id for hit in page.spans]
        cursor = page.next_cursor
    assert (seen, cursor) == ([each["trace_id"] for each in reversed(made)], None)


def test_spans_are_found_by_what_their_trace_did_long_before(
    store: Store, project: ProjectId, span: MakeSpan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(span_search, "_FIRST_LOOK_SPANS", 1)
    root = span(start_ns=BASE_NS, kind="agent")
    child = span(
        trace_id=root["trace_id"],
        parent_span_id=root["span_id"],
        start_ns=BASE_NS + 600 * SECOND_NS,
        kind="tool",
        cost_state="none",
    )
    store.writer.write([root, child, span(start_ns=BASE_NS + 300 * SECOND_NS)], token=f"{project}-long")
    search = SpanSearch(store.engine)
    for query in ("spans>1", "{kind:agent} > {kind:tool}"):
        page = search.find_spans(project, AROUND, parse_query(query), limit=50, cursor=None)
        assert [hit.span_id for hit in page.spans] == [child["span_id"], root["span_id"]]


def test_another_project_is_never_seen(store: Store, project: ProjectId, traces: dict[str, str]) -> None:
    other = ProjectId("somebody-else")
    for query in ("", "refund", "-app:nothing", "{kind:agent} >> {kind:tool}"):
        assert TraceSearch(store.engine).find_traces(other, AROUND, parse_query(query)).traces == []
        assert TraceSearch(store.engine).histogram(other, AROUND, parse_query(query), bucket_ns=10**9) == {}
        assert (
            SpanSearch(store.engine)
            .find_spans(other, AROUND, parse_query(query), limit=10, cursor=None)
            .spans
            == []
        )


def test_a_query_over_a_limit_of_the_store_is_told_so_and_not_to_come_again(store: Store) -> None:
    for limit, reason in (
        ("max_rows_to_read = 10", "Limit for rows"),
        ("max_memory_usage = 20000000", "emory limit"),
    ):
        sql = f"SELECT groupArray(toString(number)) FROM numbers(10000000) LIMIT 1 SETTINGS {limit}"
        with pytest.raises(QueryOverLimit, match=reason) as told:
            store.engine.query(sql, {})
        assert "retry-after" not in problem_of(told.value).headers
        assert problem_of(told.value).status_code == 400
