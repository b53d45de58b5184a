"""A trace beside others over HTTP: comparison, the good run, the session, and a text inside it."""

import json
from decimal import Decimal

import httpx
import pytest
from tests.made_spans import BASE_NS, MakeSpan

from sightline_storage import SpanRecord, Store

HOUR_NS = 3_600_000_000_000
A, B, C, D = ("a1" * 16, "b2" * 16, "c3" * 16, "d4" * 16)


def prompt(text: str) -> str:
    return json.dumps([{"role": "user", "parts": [{"type": "text", "content": text}]}])


def run_of(
    span: MakeSpan, trace: str, *, ago_h: float = 0, last_ms: int = 10, **root: object
) -> list[SpanRecord]:
    """A root "checkout" with one tool and one model call below it."""
    start = BASE_NS - int(ago_h * HOUR_NS)
    base = {"trace_id": trace, "start_ns": start, "kind": "workflow", "input_tokens": 0, "output_tokens": 0}
    return [
        span(
            **base,
            span_id=f"{trace[:14]}01",
            name="checkout",
            duration_ns=last_ms * 1_000_000,
            cost_state="none",
            **root,
        ),
        span(
            **(base | {"kind": "tool", "start_ns": start + 1}),
            span_id=f"{trace[:14]}02",
            parent_span_id=f"{trace[:14]}01",
            name="find order",
            cost_state="none",
            input='{"order":12}',
        ),
        span(
            **(base | {"kind": "llm", "start_ns": start + 2, "input_tokens": 10}),
            span_id=f"{trace[:14]}03",
            parent_span_id=f"{trace[:14]}01",
            name="chat gpt-4o",
            input=prompt("Please refund order 12"),
        ),
    ]


def test_two_traces_are_aligned_and_their_differences_named(
    api: httpx.Client, store: Store, span: MakeSpan
) -> None:
    left, right = run_of(span, A), run_of(span, B, last_ms=30)
    right[2].update(
        {
            "name": "chat gpt-4.1",
            "model": "gpt-4.1",
            "cost_usd": Decimal("0.5"),
            "input": prompt("Please refund order 99"),
        }
    )
    right.append(span(trace_id=B, parent_span_id=right[0]["span_id"], name="notify", cost_state="unpriced"))
    store.writer.write([*left, *right], token="diff")

    answer = api.get(f"/traces/{A}/diff/{B}").json()
    assert [(step["depth"], step["outcome"], step["changes"]) for step in answer["steps"]] == [
        (0, "same", []),
        (1, "same", []),
        (1, "changed", ["name", "model", "cost", "input"]),
        (1, "right", []),
    ]
    assert answer["counts"] == {"same": 2, "changed": 1, "left": 0, "right": 1}
    assert answer["steps"][0]["delta"]["duration_ns"] == 20_000_000
    assert answer["steps"][2]["delta"]["cost_usd"] == "0.499998999999"
    assert answer["steps"][3]["delta"]["cost_usd"] is None
    assert (answer["delta"]["cost_usd"], answer["delta"]["tokens"]) == (None, 13)
    assert answer["next_cursor"] is None

    first = api.get(f"/traces/{A}/diff/{B}", params={"limit": 3}).json()
    rest = api.get(f"/traces/{A}/diff/{B}", params={"cursor": first["next_cursor"]}).json()
    assert first["steps"] + rest["steps"] == answer["steps"]
    for other in (f"/traces/{A}", f"/traces/{B}/diff/{A}"):
        assert api.get(other, params={"cursor": first["next_cursor"]}).status_code == 400

    url = f"/traces/{A}/diff/{B}/steps/{left[2]['span_id']}/{right[2]['span_id']}"
    (text,) = api.get(url).json()["parts"]
    assert (text["part"], text["changed"], text["cut"]) == ("input", True, False)
    assert text["pieces"] == [
        {"op": "equal", "text": "[user]\nPlease refund order "},
        {"op": "delete", "text": "12"},
        {"op": "insert", "text": "99"},
    ]


@pytest.mark.parametrize(("path", "status"), [(f"{A}/diff/{'e' * 32}", 404), (f"{A}/diff/x", 400)])
def test_a_comparison_with_a_trace_that_is_not_there_says_so(
    api: httpx.Client, store: Store, span: MakeSpan, path: str, status: int
) -> None:
    store.writer.write(run_of(span, A), token=f"missing {status}")
    answer = api.get(f"/traces/{path}")
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_baseline_is_the_median_good_run_of_the_week_before(
    api: httpx.Client, store: Store, span: MakeSpan
) -> None:
    good = [run_of(span, f"{n:02x}" * 16, ago_h=n, last_ms=last) for n, last in ((1, 90), (2, 20), (3, 40))]
    failed = run_of(span, "f1" * 16, ago_h=4, last_ms=41, status="error")
    failed_below = run_of(span, "f2" * 16, ago_h=5, last_ms=42)
    failed_below[1].update({"failure_category": "tool_error"})
    others = [run_of(span, "e1" * 16, ago_h=6, app="bank"), run_of(span, "e2" * 16, ago_h=24 * 8)]
    later = run_of(span, "e3" * 16, ago_h=-1, last_ms=43)
    broken = run_of(span, A, status="error")
    spans = [record for run in (*good, failed, failed_below, *others, later, broken) for record in run]
    store.writer.write(spans, token="baseline")

    answer = api.get(f"/traces/{A}/baseline").json()
    assert (answer["trace"]["trace_id"], answer["candidates"], answer["days"]) == ("03" * 16, 3, 7)


def test_a_trace_without_a_good_run_has_no_baseline(api: httpx.Client, store: Store, span: MakeSpan) -> None:
    store.writer.write(
        [*run_of(span, A), span(trace_id=B, parent_span_id="1" * 16, name="checkout")], token="none"
    )
    assert api.get(f"/traces/{A}/baseline").json() == {"trace": None, "candidates": 0, "days": 7}
    assert api.get(f"/traces/{B}/baseline").json()["trace"] is None


def test_neighbours_are_the_traces_of_the_session_before_and_after(
    api: httpx.Client, store: Store, span: MakeSpan
) -> None:
    runs = [run_of(span, trace, ago_h=ago, session="s1") for trace, ago in ((A, 3), (B, 2), (C, 1))]
    store.writer.write(
        [record for run in (*runs, run_of(span, D, ago_h=1.5, session="s2")) for record in run], token="s"
    )
    middle = api.get(f"/traces/{B}/neighbours").json()
    assert (middle["previous"]["trace_id"], middle["next"]["trace_id"]) == (A, C)
    assert api.get(f"/traces/{A}/neighbours").json()["previous"] is None
    assert api.get(f"/traces/{D}/neighbours").json() == {"previous": None, "next": None}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("REFUND order", ["03"]),
        ("find ORDER", ["02"]),
        ('"order":12', ["02"]),
        ('say "ja"\nnow', ["01"]),
        ("größe", ["01"]),
        ("50%_", []),
        ("nowhere", []),
    ],
)
def test_a_text_is_found_in_names_and_content(
    api: httpx.Client, store: Store, span: MakeSpan, text: str, found: list[str]
) -> None:
    spans = run_of(span, A)
    spans[0].update({"output": prompt('say "ja"\nnow'), "status_message": "GRÖSSE / Größe"})
    store.writer.write(spans, token="search")
    answer = api.get(f"/traces/{A}/search", params={"text": text}).json()
    assert answer == {"span_ids": [f"{A[:14]}{end}" for end in found], "more": False}


def test_a_search_says_when_there_are_more_matches_than_asked_for(
    api: httpx.Client, store: Store, span: MakeSpan
) -> None:
    store.writer.write(run_of(span, A), token="more")
    answer = api.get(f"/traces/{A}/search", params={"text": "order", "limit": 1}).json()
    assert (len(answer["span_ids"]), answer["more"]) == (1, True)
