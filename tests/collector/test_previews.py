"""What lists show of a span: the question and the answer, in whatever shape a framework has them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sightline_collector.previews import preview_input, preview_output

_CALL = {"type": "tool_call", "id": "c", "name": "find", "arguments": {"q": 1}}


def _message(role: str, *parts: dict[str, Any]) -> dict[str, Any]:
    return {"role": role, "parts": list(parts)}


def _text(text: str) -> dict[str, Any]:
    return {"type": "text", "content": text}


@pytest.mark.parametrize(
    ("messages", "shown"),
    [
        (
            [
                _message("assistant", {"type": "reasoning", "content": "hm"}),
                _message("assistant", _text("a")),
            ],
            "a",
        ),
        ([_message("assistant", {"type": "reasoning", "content": "hm"}), _message("assistant", _CALL)], None),
        ([_message("assistant", {"type": "reasoning", "content": "hm"}, _CALL)], None),
        ([_message("assistant", {"type": "reasoning", "content": "hm"})], "hm"),
    ],
    ids=["answer", "call", "call in one message", "thought alone"],
)
def test_an_answer_is_shown_before_what_was_thought(messages: list[Any], shown: str | None) -> None:
    assert preview_output(json.dumps(messages)) == (shown or 'find({"q":1})')


def test_a_result_of_a_tool_that_the_user_hands_over_is_no_question() -> None:
    result = {"type": "tool_call_response", "id": "c", "response": "found"}
    messages = [
        _message("user", _text("first")),
        _message("assistant", _CALL),
        _message("user", result),
    ]
    assert preview_input(json.dumps(messages)) == "first"
    assert preview_input(json.dumps(messages[1:])) == "found"
    assert preview_input(json.dumps([*messages, _message("user", result, _text("second"))])) == "second"


def _constructor(kind: str, **said: Any) -> dict[str, Any]:
    return {"lc": 1, "type": "constructor", "id": ["langchain_core", "messages", kind], "kwargs": said}


_CONVERSATION = [
    _constructor("HumanMessage", content="first"),
    _constructor("AIMessage", content="", tool_calls=[{"name": "find", "args": {"q": 1}, "id": "c"}]),
    _constructor("ToolMessage", content="found", tool_call_id="c"),
    _constructor("AIMessage", content="answer"),
]


@pytest.mark.parametrize(
    "state",
    [
        {"messages": _CONVERSATION},
        {"messages": _CONVERSATION, "step": 3},
        _CONVERSATION,
        {
            "messages": [
                {"role": "user", "content": "first"},
                {"role": "assistant", "content": [{"type": "text", "text": "answer"}]},
            ]
        },
    ],
    ids=["LangGraph", "with more beside", "a list", "plain"],
)
def test_of_a_steps_state_question_and_newest_answer_are_shown(state: Any) -> None:
    content = json.dumps(state)
    assert (preview_input(content), preview_output(content)) == ("first", "answer")


def test_of_a_step_that_ends_with_a_call_the_call_is_shown() -> None:
    assert preview_output(json.dumps({"messages": _CONVERSATION[:2]})) == 'find({"q":1})'
    assert preview_output(json.dumps(_CONVERSATION[3])) == "answer"


@pytest.mark.parametrize(
    "content",
    [
        '{"messages": 5}',
        '{"messages": [1, {"role": "user"}]}',
        '{"messages": [{"role": "user", "content": ""}]}',
        '{"role": "admin", "rights": ["read"]}',
        '{"messages": [{"role": "user"',
        '[{"role": "admin"}, 3]',
        '{"lc": 1}',
    ],
)
def test_what_only_looks_like_a_conversation_is_shown_as_it_is(content: str) -> None:
    assert preview_input(content) == preview_output(content) == content


def test_messages_within_messages_without_end_are_shown_as_they_are() -> None:
    content = '{"messages": [' + '{"message": ' * 900 + '{"role": "user", "content": "x"}' + "}" * 900 + "]}"
    assert content.startswith(preview_input(content))
