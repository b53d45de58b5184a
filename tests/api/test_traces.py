"""Lists of traces, one trace, one span, apps: over HTTP, from a real store."""

import json
from decimal import Decimal

import httpx
import pytest
from tests.api.conftest import NOW
from tests.made_spans import BASE_NS, MakeSpan

from sightline_storage import Store


def test_traces_are_paged_newest_first(store: Store, api: httpx.Client, span: MakeSpan) -> None:
    spans = [span() for _ in range(5)]
    store.writer.write(spans, token="t")
    listed: list[str] = []
    cursor: str | None = None
    while True:
        page = api.get("/traces", params={"limit": 2, **({"cursor": cursor} if cursor else {})}).json()
        listed += [trace["trace_id"] for trace in page["traces"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert listed == [record["trace_id"] for record in reversed(spans)]


def test_a_listed_trace_has_its_money_as_plain_decimals(
    store: Store, api: httpx.Client, span: MakeSpan
) -> None:
    store.writer.write([span(cost_usd=Decimal("0.000000010000"))], token="t")
    (trace,) = api.get("/traces").json()["traces"]
    assert trace["cost"] == {"usd": "0.00000001", "state": "priced", "unpriced_calls": 0}
    assert trace["start_time"] == "2026-09-21T14:13:20.001000Z"


def test_an_unpriced_call_has_no_cost_and_not_a_cost_of_zero(
    store: Store, api: httpx.Client, span: MakeSpan
) -> None:
    store.writer.write([span(cost_state="unpriced", cost_usd=Decimal(0))], token="t")
    (trace,) = api.get("/traces").json()["traces"]
    assert trace["cost"] == {"usd": None, "state": "unpriced", "unpriced_calls": 1}


def test_traces_are_filtered_by_app_and_time(store: Store, api: httpx.Client, span: MakeSpan) -> None:
    old = BASE_NS - 48 * 3600 * 10**9
    store.writer.write([span(app="bot"), span(), span(app="bot", start_ns=old)], token="t")
    assert len(api.get("/traces").json()["traces"]) == 3
    assert len(api.get("/traces", params={"q": "app:bot", "since": "24h"}).json()["traces"]) == 1
    bounds = {"start": "2026-09-19T00:00:00+02:00", "end": "2026-09-20T00:00:00Z"}
    assert len(api.get("/traces", params=bounds).json()["traces"]) == 1


def test_the_last_minute_is_the_one_before_now(store: Store, api: httpx.Client, span: MakeSpan) -> None:
    now_ns = int(NOW.timestamp()) * 10**9
    starts = {"before": now_ns - 61 * 10**9, "inside": now_ns - 59 * 10**9, "ahead": now_ns + 10**9}
    store.writer.write([span(app=app, start_ns=start) for app, start in starts.items()], token="t")
    found = {trace["app"] for trace in api.get("/traces", params={"since": "1m"}).json()["traces"]}
    assert found == {"inside", "ahead"}


def test_a_trace_comes_as_columns_in_tree_order(store: Store, api: httpx.Client, span: MakeSpan) -> None:
    trace_id = "c" * 32
    root = span(trace_id=trace_id, span_id="a" * 16, kind="agent", duration_ns=9_000_000, cost_state="none")
    late = span(trace_id=trace_id, parent_span_id="a" * 16, cache_hit=1, marks=["nul_replaced"])
    lost = span(trace_id=trace_id, parent_span_id="b" * 16)
    store.writer.write([lost, late, root], token="t")
    trace = api.get(f"/traces/{trace_id.upper()}").json()
    spans = trace["spans"]
    assert trace["total_spans"] == 3
    assert spans["span_id"] == [root["span_id"], late["span_id"], lost["span_id"]]
    assert spans["depth"] == [0, 1, 0]
    assert spans["start_offset_ns"] == [0, 1_000_000, 2_000_000]
    assert spans["self_time_ns"] == [8_000_000, 1_000_000, 1_000_000]
    assert spans["orphan"] == [False, False, True]
    assert spans["cache_hit"] == [None, True, None]
    assert spans["cost_usd"] == [None, "0.000001000001", "0.000001000001"]
    assert spans["subtree_cost_usd"] == ["0.000001000001"] * 3
    assert spans["subtree_tokens"] == [26, 13, 13]
    assert spans["marks"] == [[], ["nul_replaced"], []]
    assert {len(column) for column in spans.values()} == {3}


def test_a_large_trace_is_served_in_pages_until_it_grows(
    store: Store, api: httpx.Client, span: MakeSpan
) -> None:
    trace_id = "d" * 32
    store.writer.write([span(trace_id=trace_id, span_id=f"{n:016x}") for n in range(1, 8)], token="t")
    first = api.get(f"/traces/{trace_id}", params={"limit": 4}).json()
    last = api.get(f"/traces/{trace_id}", params={"limit": 4, "cursor": first["next_cursor"]}).json()
    assert first["spans"]["span_id"] + last["spans"]["span_id"] == [f"{n:016x}" for n in range(1, 8)]
    assert last["next_cursor"] is None
    store.writer.write([span(trace_id="e" * 32) for _ in range(7)], token="another")
    foreign = api.get(f"/traces/{'e' * 32}", params={"cursor": first["next_cursor"]})
    assert (foreign.status_code, "not one of this trace" in foreign.json()["detail"]) == (400, True)
    store.writer.write([span(trace_id=trace_id, span_id="f" * 16)], token="more")
    late = api.get(f"/traces/{trace_id}", params={"limit": 4, "cursor": first["next_cursor"]})
    assert late.status_code == 409


def test_a_span_comes_with_its_conversation_and_facts(
    store: Store, api: httpx.Client, span: MakeSpan
) -> None:
    conversation = [{"role": "user", "parts": [{"type": "text", "content": "Hi", "x": 1}], "name": "Ann"}]
    record = span(
        input=json.dumps(conversation),
        output="<script>not json",
        tool_definitions='[{"type": "function", "name": "f"}]',
        system_instructions="{broken",
        events='[{"name": "e", "time_ns": 1790000000000000000, "attributes": {"k": [1]}}, 7]',
        attributes={"tenant": "acme", "order": "1234567890123456789", "flag": "true"},
        attributes_num={"temperature": 0.5, "n": 3.0, "order": 1234567890123456768.0, "flag": 1.0},
        failure_category="refusal",
        failure_message="no",
        guardrail_outcome="block",
        guardrail_name="pii",
        output_valid=0,
        seed="7",
        system_fingerprint="fp_1",
        cached_input_tokens=4,
    )
    store.writer.write([record], token="t")
    detail = api.get(f"/traces/{record['trace_id']}/spans/{record['span_id']}").json()
    assert detail["input_messages"] == conversation
    assert (detail["input_text"], detail["output_messages"]) == (None, None)
    assert detail["output_text"] == "<script>not json"
    assert detail["tool_definitions"] == [{"type": "function", "name": "f"}]
    assert detail["system_instructions"] == "{broken"
    assert detail["events"] == [
        {"name": "e", "time": "2026-09-21T14:13:20Z", "attributes": {"k": [1]}},
    ]
    assert detail["attributes"] == {
        "tenant": "acme",
        "order": "1234567890123456789",
        "flag": "true",
        "temperature": "0.5",
        "n": "3",
    }
    assert detail["failure"]["category"] == "refusal"
    assert detail["guardrail"]["outcome"] == "block"
    assert (detail["output_valid"], detail["cache"], detail["emitter_cost_usd"]) == (False, None, None)
    assert (detail["seed"], detail["system_fingerprint"]) == ("7", "fp_1")
    assert detail["tokens"]["cached_input"] == 4


def test_apps_are_listed_with_their_totals(store: Store, api: httpx.Client, span: MakeSpan) -> None:
    store.writer.write([span(), span(), span(app="bot", status="error", environment="prod")], token="t")
    apps = api.get("/apps").json()["apps"]
    assert [(app["app"], app["traces"], app["errors"]) for app in apps] == [("shop", 2, 0), ("bot", 1, 1)]
    assert apps[1]["environments"] == ["prod"]
    assert apps[0]["tokens"]["input"] == 20


def test_info_says_whether_spans_have_arrived(store: Store, api: httpx.Client, span: MakeSpan) -> None:
    assert api.get("/info").json()["has_spans"] is False
    store.writer.write([span(start_ns=10**18)], token="t")
    info = api.get("/info").json()
    assert info["has_spans"] is True
    assert info["version"] == "1.2.3"


def test_another_project_sees_nothing(store: Store, api: httpx.Client, api_url: str, span: MakeSpan) -> None:
    record = span()
    store.writer.write([record], token="t")
    stranger = {"authorization": "Bearer stranger"}
    assert httpx.get(f"{api_url}/traces", headers=stranger).json()["traces"] == []
    assert httpx.get(f"{api_url}/traces/{record['trace_id']}", headers=stranger).status_code == 404


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("/traces/" + "9" * 32, 404, "no trace"),
        ("/traces/xyz", 400, "32 hex digits"),
        ("/traces/" + "0" * 32, 400, "32 hex digits"),
        ("/traces/" + "9" * 32 + "/spans/1", 400, "16 hex digits"),
        ("/traces?limit=0", 400, "query.limit"),
        ("/traces?limit=x", 400, "query.limit"),
        ("/traces?cursor=%00%ff", 400, "cursor"),
        ("/traces?since=soon", 400, "query.since"),
        ("/traces?since=1h&start=2026-01-01T00:00:00Z", 400, "not both"),
        ("/traces?start=2026-01-01T00:00:00", 400, "query.start"),
        ("/traces?start=2026-01-02T00:00:00Z&end=2026-01-01T00:00:00Z", 400, "after its start"),
        ("/traces?start=9999-01-01T00:00:00Z&end=9999-12-31T00:00:00Z", 400, "after its start"),
        ("/traces?since=1y", 400, "a duration such as 15m, 24h, 7d or 4w, not '1y'"),
        ("/traces?start=2026", 400, "2026-11-26T12:00:00Z"),
        ("/traces?start=2026-01-01T00:00:00+01:00", 400, "%2B"),
        ("/traces?end=1764200000", 400, "2026-11-26T12:00:00Z"),
        ("/traces?limit=x", 400, "a whole number, not 'x'"),
        ("/traces?sort=up", 400, "is '-start', 'start'"),
        ("/scores?name=" + "x" * 201, 400, "at most 200 characters"),
        ("/alerts/incidents/x", 400, "32 hex digits, not 'x'"),
        ("/costs/what-if", 400, "candidate: is missing"),
        ("/failures?state=bad", 400, "'resolved' or 'ignored', not 'bad'"),
        ("/nothing", 404, "There is nothing at /api/v1/nothing; /api/openapi.json lists the addresses."),
    ],
)
def test_bad_requests_are_answered_with_a_problem_that_says_what_is_wrong(
    api: httpx.Client, path: str, status: int, says: str
) -> None:
    answer = api.get(path)
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, problem["status"]) == (status, status)
    assert says in problem["detail"]


def test_without_a_key_nothing_is_answered(api_url: str) -> None:
    answer = httpx.get(f"{api_url}/traces")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_page_of_another_site_cannot_reach_the_api_by_its_own_name(api: httpx.Client) -> None:
    assert api.get("/info", headers={"host": "evil.example:4318"}).status_code == 421
    assert api.get("/info", headers={"host": "localhost:1"}).status_code == 200


def test_no_browser_keeps_an_answer_on_its_disk_or_guesses_what_it_is(api: httpx.Client) -> None:
    document = str(api.base_url.join("../openapi.json"))
    answers = [api.get(path) for path in ("/info", "/nothing", "/traces?limit=x", document)]
    answers += [api.post("/sql", content="a=1"), api.get("/info", headers={"authorization": ""})]
    assert [answer.status_code for answer in answers] == [200, 404, 400, 200, 415, 401]
    for answer in answers:
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_changes_need_a_json_content_type(api: httpx.Client) -> None:
    assert api.post("/traces", content="a=1").status_code == 415
    refused = api.post("/traces", json={}).json()
    assert refused["detail"] == "/api/v1/traces does not take POST, but GET, HEAD."


@pytest.mark.parametrize("told", [True, False])
def test_a_body_over_the_limit_is_answered_with_a_problem(api: httpx.Client, told: bool) -> None:
    body = b'"' + b"x" * (2 * 1024 * 1024) + b'"'
    content = body if told else iter([body[:1000], body[1000:]])
    answer = api.post("/sql", content=content, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.headers["content-type"]) == (413, "application/problem+json")
    assert "2 MB" in answer.json()["detail"]


def test_a_body_that_is_no_json_says_so(api: httpx.Client) -> None:
    for content in ('{"query": ', "[" * 20_000):
        answer = api.post("/sql", content=content, headers={"content-type": "application/json"})
        assert (answer.status_code, "JSON" in answer.json()["detail"]) == (400, True)
