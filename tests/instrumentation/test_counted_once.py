"""Tokens that another call shows than the one that made them: on one span, never on two or none."""

from __future__ import annotations

import threading
from typing import Any

import openai

from sightline.facts import Facts
from sightline.readers.agents import fold_session
from sightline.readers.counted_once import RecentIds
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
