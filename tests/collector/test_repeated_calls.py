"""Which of several records of one call counts."""

from __future__ import annotations

from typing import Any

import pytest

from sightline_collector.repeated_calls import RepeatedCalls


def _record(span_id: str, parent: str, duration_ns: int, **more: Any) -> Any:
    ids = {"project": "p", "trace_id": "t", "span_id": span_id, "parent_span_id": parent}
    call = {"kind": "llm", "status": "ok", "response_id": "r", "counted": 1}
    return {**ids, **call, "start_ns": 100, "duration_ns": duration_ns, **more}


def _used(span_id: str, parent: str, tokens: int, **more: Any) -> Any:
    return _record(span_id, parent, 5, **{"response_id": "", "input_tokens": tokens} | more)


def _counted(*blocks: list[Any]) -> list[int]:
    """What counts of records that arrive in these blocks."""
    calls = RepeatedCalls()
    for block in blocks:
        calls.mark(block)
    return [record["counted"] for block in blocks for record in block]


def test_a_log_beside_a_call_does_not_count_but_one_alone_does() -> None:
    calls = RepeatedCalls()
    request, below, log = _record("a", "root", 5), _record("b", "a", 9), _record("c", "root", 0)
    calls.mark([log, request, below])
    assert [record["counted"] for record in (request, below, log)] == [0, 1, 0]
    late = _record("d", "root", 0)
    calls.mark([late])
    assert late["counted"] == 0
    alone = _record("e", "root", 0)
    RepeatedCalls().mark([alone])
    assert alone["counted"] == 1


@pytest.mark.parametrize("apart", [False, True], ids=["in one block", "in two"])
def test_spans_beside_each_other_with_one_id_are_one_call_while_they_overlap(apart: bool) -> None:
    first, second = _record("a", "root", 50), _record("b", "root", 30, start_ns=110)
    replayed = _record("c", "root", 30, start_ns=150)
    blocks = [[first], [second], [replayed]] if apart else [[first, second, replayed]]
    assert _counted(*blocks) == [1, 0, 1]


def test_a_response_of_the_background_is_the_call_of_its_fetch() -> None:
    begun = _record("a", "root", 5)
    fetched, fetched_again = (
        _record(name, "root", 5, start_ns=start_ns, input_tokens=7)
        for name, start_ns in (("b", 900), ("c", 950))
    )
    assert _counted([begun, fetched, fetched_again]) == [0, 1, 1]
    assert _counted([fetched], [begun]) == [1, 0]


def test_of_spans_beside_each_other_the_one_counts_that_says_more_of_the_usage() -> None:
    poor = _record("a", "root", 50, cached_input_tokens=3)
    rich = _record("b", "root", 30, start_ns=110, cached_input_tokens=3, cache_write_tokens=2)
    assert _counted([poor, rich]) == [0, 1]


@pytest.mark.parametrize("apart", [False, True], ids=["in one block", "in two"])
@pytest.mark.parametrize("tokens", [12, 0], ids=["with usage", "without"])
def test_a_span_without_id_around_a_call_of_the_same_usage_is_that_call(tokens: int, apart: bool) -> None:
    call, step = _used("call", "step", tokens, response_id="r"), _used("step", "wrapper", 0, counted=0)
    wrapper = _used("wrapper", "root", tokens)
    assert _counted(*([[step], [call], [wrapper]] if apart else [[step, call, wrapper]])) == [0, 1, 0]


@pytest.mark.parametrize("apart", [False, True], ids=["in one block", "in two"])
def test_a_span_of_the_same_id_that_says_nothing_below_a_call_is_that_call(apart: bool) -> None:
    call, below = _used("call", "root", 12, response_id="r"), _used("below", "call", 0, response_id="r")
    assert _counted(*([[call], [below]] if apart else [[below, call]])) == ([1, 0] if apart else [0, 1])


@pytest.mark.parametrize("apart", [False, True], ids=["in one block", "in two"])
def test_a_span_around_several_calls_of_embeddings_says_their_sum(apart: bool) -> None:
    calls = [_used(span_id, "many", 100, kind="embedding") for span_id in "ab"]
    many = _used("many", "root", 200, kind="embedding")
    assert _counted(*([calls, [many]] if apart else [[many, *calls]])) == ([1, 1, 0] if apart else [0, 1, 1])
    chat = _used("chat", "root", 200)
    assert _counted([chat, _used("inner", "chat", 50)]) == [1, 1]


@pytest.mark.parametrize("apart", [False, True], ids=["in one block", "in two"])
def test_each_of_many_calls_of_one_usage_counts_once(apart: bool) -> None:
    steps = [_used(f"step {number}", f"wrapper {number}", 0, counted=0) for number in range(100)]
    calls = [_used(f"call {number}", f"step {number}", 12) for number in range(100)]
    wrappers = [_used(f"wrapper {number}", "root", 12) for number in range(100)]
    counted = _counted(*([[*steps, *calls], wrappers] if apart else [[*wrappers, *calls, *steps]]))
    assert (sum(counted), sum(call["counted"] for call in calls)) == (100, 100)


def test_a_call_that_is_delivered_again_counts_again() -> None:
    call, wrapper = _used("call", "wrapper", 12), _used("wrapper", "", 12)
    assert _counted([call, wrapper], [{**call, "counted": 1}, {**wrapper, "counted": 1}]) == [1, 0, 1, 0]


def test_a_call_without_id_below_one_of_the_same_usage_counts_in_its_place() -> None:
    assert _counted([_used("outer", "", 12, response_id="r"), _used("inner", "outer", 12)]) == [0, 1]


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (_used("b", "root", 12), "beside each other: two calls may well use the same"),
        (_used("b", "a", 13), "another usage"),
        (_used("b", "a", 12, trace_id="u"), "another trace"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_calls_without_id_that_only_look_alike_all_count(other: Any, why: str) -> None:
    assert _counted([_used("a", "root", 12), {**other}]) == [1, 1], why


def test_calls_with_ids_of_their_own_both_count_whatever_they_used() -> None:
    inner = _used("b", "a", 12, response_id="s")
    assert _counted([_used("a", "root", 12, response_id="r"), inner]) == [1, 1]


def test_a_stored_span_without_usage_does_not_hide_what_a_call_used() -> None:
    outer, call = _used("a", "", 0, response_id="r"), _used("b", "a", 12, response_id="r")
    assert _counted([outer], [call]) == [1, 1]
    assert _counted([{**outer, "counted": 1}, {**call, "counted": 1}]) == [0, 1]


@pytest.mark.parametrize(
    ("more", "counts"),
    [
        ({}, 0),
        ({"output": "[]"}, 1),
        ({"response_id": "r"}, 1),
        ({"status": "error"}, 1),
        ({"input_tokens": 3}, 1),
        ({"kind": "embedding"}, 1),
        ({"dialect": "openinference"}, 1),
    ],
)
def test_the_request_of_a_stream_is_counted_by_its_log(more: dict[str, Any], counts: int) -> None:
    request = _record("a", "root", 5, **{"dialect": "logfire", "response_id": ""} | more)
    assert _counted([request]) == [counts]


@pytest.mark.parametrize("apart", [False, True], ids=["in one block", "in two"])
def test_a_span_that_says_nothing_around_a_call_only_wraps_it(apart: bool) -> None:
    call, step = _used("call", "step", 12), _used("step", "wrapper", 0, counted=0, kind="workflow")
    wrapper = _used("wrapper", "root", 0)
    assert _counted(*([[call], [step, wrapper]] if apart else [[wrapper, step, call]]))[-3:] in (
        [1, 0, 0],
        [0, 0, 1],
    )


@pytest.mark.parametrize("apart", [False, True], ids=["in one block", "in two"])
@pytest.mark.parametrize(
    ("more", "counts"),
    [
        ({}, 0),
        ({"response_id": "s"}, 1),
        ({"request_model": "gpt-5-mini"}, 1),
        ({"scope_name": "client"}, 1),
        ({"span_id": "other"}, 1),
    ],
    ids=["its step", "id", "model", "scope", "beside"],
)
def test_a_step_that_counts_in_its_own_way_right_above_the_call_of_a_client_is_that_call(
    more: dict[str, Any], counts: int, apart: bool
) -> None:
    call = _used("call", "step", 12, response_id="r", request_model="gpt-5", scope_name="client")
    step = _used("step", "root", 22, request_model="openai/gpt-5", scope_name="framework") | more
    assert _counted(*([[call], [step]] if apart else [[call, step]])) == [1, counts]


@pytest.mark.parametrize(
    "more",
    [{"kind": "embedding"}, {"response_id": "r"}, {"input_tokens": 3}, {"span_id": "other"}],
    ids=lambda more: next(iter(more)),
)
def test_a_call_of_its_own_above_another_counts(more: dict[str, Any]) -> None:
    assert _counted([_used("call", "wrapper", 12), _used("wrapper", "root", 0) | more]) == [1, 1]


def _beside(scope: str, **more: Any) -> Any:
    call = {"scope_name": scope, "request_model": "m", "input_tokens": 12}
    return _used(scope, "root", 0) | call | more


SDK = {"start_ns": 101, "duration_ns": 3}
"""A client's own span, within the time of the one that an instrumentation made."""


@pytest.mark.parametrize(
    ("outer", "inner", "counted"),
    [
        ({"response_id": "r"}, {}, [1, 0]),
        ({}, {"response_id": "r"}, [0, 1]),
        ({}, {"input_tokens": 0}, [1, 0]),
        ({"response_id": "r"}, {"cached_input_tokens": 3}, [0, 1]),
        ({"input_tokens": 0, "response_id": "r"}, {}, [0, 1]),
        ({"input_tokens": 0, "status": "error"}, {"input_tokens": 0}, [1, 0]),
        ({"response_id": "r"}, {"response_id": "s"}, [1, 1]),
        ({}, {"input_tokens": 13}, [1, 1]),
        ({}, {"request_model": "n"}, [1, 1]),
        ({"request_model": "", "response_model": "m-7"}, {"response_model": "m-7"}, [1, 0]),
        ({"request_model": "", "response_model": "m-7"}, {"response_model": "m-8"}, [1, 1]),
        ({}, {"kind": "embedding"}, [1, 1]),
        ({}, {"scope_name": "outer"}, [1, 1]),
        ({}, {"parent_span_id": "elsewhere"}, [1, 1]),
        ({}, {"duration_ns": 9}, [1, 1]),
    ],
)
def test_a_call_that_two_instrumentations_recorded_beside_each_other_counts_once(
    outer: dict[str, Any], inner: dict[str, Any], counted: list[int]
) -> None:
    assert _counted([_beside("outer", **outer), _beside("inner", **SDK | inner)]) == counted


def test_of_calls_beside_each_other_the_one_that_was_stored_counts_also_when_it_comes_again() -> None:
    inner, outer = _beside("inner", **SDK), _beside("outer", response_id="r")
    again = {**outer, "counted": 1}, {**inner, "counted": 1}
    assert _counted([inner], [outer], [*again]) == [1, 0, 0, 1]


def _root(span_id: str, scope: str, **more: Any) -> Any:
    return _used(span_id, "", 12, trace_id=span_id, scope_name=scope, response_id="r", app="shop") | more


@pytest.mark.parametrize("apart", [False, True], ids=["in one block", "in two"])
def test_a_call_that_two_instrumentations_recorded_in_a_trace_each_counts_once(apart: bool) -> None:
    own, other = _root("a", "com.anthropic.sdk.python"), _root("b", "openllmetry", start_ns=99)
    assert _counted(*([[own], [other]] if apart else [[own, other]])) == [1, 0]


def test_of_roots_of_one_call_the_one_counts_that_says_how_long_the_cache_keeps() -> None:
    knows = {"cache_write_tokens": 9, "attributes_num": {"sightline.usage.cache_write_1h.input_tokens": 9.0}}
    assert _counted([_root("a", "x", cache_write_tokens=9), _root("b", "y", **knows)]) == [0, 1]


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"start_ns": 105}, "a cache replays an answer later"),
        ({"scope_name": "x"}, "one instrumentation records a call once"),
        ({"app": "gateway"}, "each app has its own costs"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_other_calls_with_one_response_id_in_two_traces_both_count(more: dict[str, Any], why: str) -> None:
    assert _counted([_root("a", "x"), _root("b", "y", **more)]) == [1, 1], why


@pytest.mark.parametrize("blocks", ["together", "chain first", "client first"])
def test_a_trace_of_a_client_below_a_step_that_was_not_current_repeats_the_call_in_its_chain(
    blocks: str,
) -> None:
    client, chain = _root("a", "openai"), _root("b", "langchain", start_ns=99, parent_span_id="step")
    match blocks:
        case "together":
            assert _counted([client, chain]) == [0, 1]
        case "chain first":
            assert _counted([chain], [client]) == [1, 0]
        case _:
            assert _counted([client], [chain]) == [1, 0]


def test_calls_with_one_response_id_in_two_chains_both_count() -> None:
    first, second = (_root(name, name, parent_span_id="step") for name in "ab")
    assert _counted([first, second]) == [1, 1]


def _alone(span_id: str, scope: str, **more: Any) -> Any:
    return _root(span_id, scope, request_model="m", response_id="") | more


@pytest.mark.parametrize("apart", [False, True], ids=["in one block", "in two"])
def test_roots_without_an_id_are_one_call_that_one_of_them_lies_in(apart: bool) -> None:
    own, other = _alone("a", "openai", response_id="r"), _alone("b", "langchain", start_ns=99, duration_ns=9)
    assert _counted(*([[own], [other]] if apart else [[own, other]])) == [1, 0]


@pytest.mark.parametrize(
    "more",
    [
        {"input_tokens": 13},
        {"input_tokens": 0},
        {"request_model": "n"},
        {"app": "gateway"},
        {"kind": "embedding"},
        {"scope_name": "openai"},
        {"start_ns": 101},
        {"response_id": "s"},
    ],
)
def test_other_roots_without_an_id_are_calls_of_their_own(more: dict[str, Any]) -> None:
    own = _alone("a", "openai", response_id="r")
    assert _counted([own, _alone("b", "langchain", start_ns=99, duration_ns=9) | more]) == [1, 1]


def test_of_many_calls_of_one_usage_at_one_time_each_counts_once() -> None:
    own = [_alone(f"a{n}", "openai", response_id=f"r{n}", start_ns=100 + n) for n in range(9)]
    around = [_alone(f"b{n}", "langchain", start_ns=99 + n, duration_ns=9) for n in range(9)]
    assert sum(_counted([*around, *own])) == 9


@pytest.mark.parametrize(
    ("more", "counts"),
    [({}, 0), ({"input_tokens": 12}, 1), ({"start_ns": 300}, 1), ({"scope_name": "other"}, 1)],
    ids=["stream", "with usage", "afterwards", "another scope"],
)
def test_a_stream_that_llama_index_hands_over_is_the_call_that_comes_next(
    more: dict[str, Any], counts: int
) -> None:
    name = {"name": "OpenAI.astream_chat"}
    stream = _beside("openinference.instrumentation.llama_index", input_tokens=0) | name | more
    call = _beside("client", input_tokens=8, response_id="r", start_ns=107)
    assert _counted([call, stream]) == [1, counts]


def test_what_llama_index_prepares_for_a_call_is_none() -> None:
    scope = "openinference.instrumentation.llama_index"
    steps = ("OpenAI._prepare_chat_with_tools", "OpenAI.astream_chat")
    calls = [_record(name, "root", 5, scope_name=scope, name=name, response_id="") for name in steps]
    assert _counted(calls) == [0, 1]
