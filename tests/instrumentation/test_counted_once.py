"""Tokens that another call shows than the one that made them: on one span, never on two or none."""

from __future__ import annotations

import threading
from typing import Any

import openai
from openai import _base_client

from sightline.batches import read_batch
from sightline.facts import Facts
from sightline.otlp_spans import encode_spans
from sightline.readers.agents import fold_session
from sightline.readers.counted_once import RecentIds, told_batches
from sightline.testing import CapturedSpans
from sightline_semconv import gen_ai
from sightline_semconv import sightline as names

USAGE = {"input_tokens": 11, "output_tokens": 7}


def test_a_response_from_the_background_is_counted_by_the_first_fetch_that_finds_it_finished(
    client: openai.OpenAI, captured: CapturedSpans
) -> None:
    client.responses.create(model="queued", input="hi", extra_body={"background": True})
    for _ in range(2):
        client.responses.retrieve("resp_bg")
    begun, first, second = (dict(span.attributes or {}) for span in captured.spans)
    assert gen_ai.USAGE_INPUT_TOKENS not in begun
    assert (first[gen_ai.USAGE_INPUT_TOKENS], first[names.SPAN_KIND]) == (11, "llm")
    assert first[gen_ai.OPERATION_NAME] == "fetch_response"
    assert gen_ai.USAGE_INPUT_TOKENS not in second
    assert names.SPAN_KIND not in second


BATCH = {
    "id": "batch_1",
    "object": "batch",
    "endpoint": "/v1/chat/completions",
    "completed_at": 1_795_000_000,
    "model": "gpt-4o-2024-08-06",
    "request_counts": {"total": 51, "completed": 50, "failed": 1},
    "usage": {
        "input_tokens": 900,
        "input_tokens_details": {"cached_tokens": 100},
        "output_tokens": 70,
        "output_tokens_details": {"reasoning_tokens": 7},
        "total_tokens": 970,
    },
}


def test_a_batch_tells_once_what_it_used_whoever_fetches_it_and_how_often(captured: CapturedSpans) -> None:
    http: Any = getattr(_base_client, "httpx2", None) or vars(_base_client)["httpx"]
    states = iter(("in_progress", "finalizing", "completed", "completed"))

    def answer(request: Any) -> Any:
        return http.Response(200, json={**BATCH, "status": next(states)})

    with openai.OpenAI(api_key="k", http_client=http.Client(transport=http.MockTransport(answer))) as client:
        while client.batches.retrieve("batch_1").status != "completed":
            assert not captured.spans
        told_batches.discard(f"{captured.spans[0].context.trace_id:x}")  # as in another process
        client.with_raw_response.batches.retrieve("batch_1")
    first, again = captured.spans
    assert (first.context, first.start_time, first.end_time) == (
        again.context,
        1_795_000_000 * 10**9,
        again.end_time,
    )
    assert dict(again.attributes or {}) == {
        **(first.attributes or {}),
        names.APP: "test-app",
        gen_ai.OPERATION_NAME: "chat",
        gen_ai.PROVIDER_NAME: "openai",
        gen_ai.SERVER_ADDRESS: "api.openai.com",
        gen_ai.REQUEST_MODEL: "gpt-4o-2024-08-06",
        gen_ai.RESPONSE_ID: "batch_1",
        gen_ai.OPENAI_RESPONSE_SERVICE_TIER: "batch",
        names.BATCH_REQUESTS: 50,
        gen_ai.USAGE_INPUT_TOKENS: 900,
        gen_ai.USAGE_CACHE_READ_INPUT_TOKENS: 100,
        gen_ai.USAGE_OUTPUT_TOKENS: 70,
        gen_ai.USAGE_REASONING_OUTPUT_TOKENS: 7,
    }
    assert b"batch_1" in encode_spans([first], [])


def test_a_batch_without_usage_or_an_end_is_no_span() -> None:
    assert read_batch({**BATCH, "status": "completed", "usage": None}) is None
    assert read_batch({**BATCH, "status": "completed", "completed_at": None}) is None
    assert read_batch({**BATCH, "status": "failed"}) is None
    told = read_batch({**BATCH, "status": "expired", "expired_at": 7, "endpoint": "/v1/embeddings"})
    assert told is not None
    assert (told.name, told.at_ns) == ("embeddings gpt-4o-2024-08-06 batch", 7_000_000_000)


def _turn(identity: str, kind: str = "completed", **more: Any) -> dict[str, Any]:
    turn = {"id": identity, "usage": USAGE, **more}
    return {"type": f"agent.session.turn.{kind}", "session_id": "s", "turn": turn, "turn_id": identity}


def test_turns_of_a_session_add_up_and_a_second_listener_counts_none_of_them() -> None:
    events = [_turn("turn-a"), _turn("turn-b")]
    heard, heard_again = Facts(), Facts()
    fold_session(events, heard)
    fold_session(events, heard_again)
    assert (heard.usage.input, heard.usage.output, heard.usage.cache_read) == (22, 14, None)
    assert heard_again.usage.attributes() == {}


def test_a_turn_that_failed_says_why_and_what_it_used() -> None:
    facts = Facts()
    fold_session([_turn("turn-c", "failed", error={"code": "rate_limit_exceeded", "message": "slow"})], facts)
    assert facts.error == ("rate_limit_exceeded", "slow")
    assert facts.usage.input == 11


def test_only_the_newest_ids_are_remembered() -> None:
    ids = RecentIds()
    assert [ids.add("x"), ids.add("x"), ids.add(""), ids.add("")] == [True, False, True, True]
    for number in range(10_000):
        ids.add(str(number))
    assert ids.add("x")
    assert not ids.discard("0")
    assert ids.discard("9999")


def test_ids_are_remembered_while_another_thread_stands_still_in_it() -> None:
    ids, entered, leave = RecentIds(), threading.Event(), threading.Event()

    class Slow(str):
        __slots__ = ()

        def __hash__(self) -> int:
            entered.set()
            leave.wait()
            return super().__hash__()

    stopped = threading.Thread(target=ids.add, args=(Slow("x"),), daemon=True)
    stopped.start()
    entered.wait()
    other = threading.Thread(target=ids.add, args=("y",), daemon=True)  # as the one thread of a fork
    other.start()
    other.join(10)
    came_through = not other.is_alive()
    leave.set()
    stopped.join()
    assert came_through
    assert (ids.discard("x"), ids.discard("y"), ids.discard("z")) == (True, True, False)
