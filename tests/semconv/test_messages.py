"""Messages as APIs and frameworks have them become messages of the GenAI vocabulary."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sightline_semconv.dialects import normalise
from sightline_semconv.dialects.messages import to_messages

CALL = {"type": "tool_call", "id": "c1", "name": "weather", "arguments": {"city": "Oslo"}}
PIXEL = {"type": "blob", "modality": "image", "content": "iVBO", "mime_type": "image/png"}


def _parts(content: Any, role: str = "user") -> Any:
    (message,) = to_messages([{"role": role, "content": content}], role=role) or []
    return message["parts"]


def test_a_tool_call_of_openinference_beside_its_type_is_one_call() -> None:
    called = {"id": "c1", "function": {"name": "weather", "arguments": '{"city": "Oslo"}'}}
    message = {
        "role": "assistant",
        "contents": [{"message_content": {"type": "tool_use"}, "tool_call": called}],
        "tool_calls": [{"tool_call": called}],
    }
    assert to_messages([message], role="assistant") == [{"role": "assistant", "parts": [CALL]}]


def test_reasoning_without_content_keeps_its_summary() -> None:
    item = {"type": "reasoning", "content": None, "summary": [{"type": "summary_text", "text": "First."}]}
    assert to_messages([item], role="assistant") == [
        {"role": "assistant", "parts": [{"type": "reasoning", "content": "First."}]}
    ]


def test_the_text_of_a_request_to_the_responses_api_is_what_the_user_said() -> None:
    request = {"model": "gpt-5-mini", "input": "hi", "tools": []}
    assert to_messages(json.dumps(request), role="user") == [
        {"role": "user", "parts": [{"type": "text", "content": "hi"}]}
    ]
    assert to_messages({"input": "2 + 2", "digits": 3}, role="user") is None
    assert to_messages({"model": "davinci", "prompt": "hi"}, role="user") == [
        {"role": "user", "parts": [{"type": "text", "content": "hi"}]}
    ]


def test_an_image_is_one_by_its_media_type() -> None:
    assert _parts([{"type": "file", "mediaType": "image/png", "data": "iVBO"}]) == [PIXEL]


_BYTES = [137, 80, 78]


@pytest.mark.parametrize("kind", [("image", "image"), ("file", "data")], ids=["image", "file"])
@pytest.mark.parametrize(
    "data",
    [{"type": "Buffer", "data": _BYTES}, {str(at): byte for at, byte in enumerate(_BYTES)}, "iVBO"],
    ids=["Buffer", "Uint8Array", "base64"],
)
def test_bytes_of_an_image_are_so_however_javascript_writes_them(kind: tuple[str, str], data: object) -> None:
    assert _parts([{"type": kind[0], kind[1]: data, "mediaType": "image/png"}]) == [PIXEL]


@pytest.mark.parametrize("data", [[300], ["x"], {"0": "x"}])
def test_what_are_no_bytes_stays_as_it_is(data: object) -> None:
    assert str(data) in str(_parts([{"type": "file", "data": data}]))


def test_the_address_of_an_image_in_the_place_of_its_data_is_one() -> None:
    address = "https://shop.test/a.png"
    assert _parts([{"type": "file", "mediaType": "image/png", "data": address}]) == [
        {"type": "uri", "modality": "image", "uri": address, "mime_type": "image/png"}
    ]


@pytest.mark.parametrize(
    ("block", "part"),
    [
        ({"text": "hi"}, {"type": "text", "content": "hi"}),
        ({"toolUse": {"toolUseId": "c1", "name": "weather", "input": {"city": "Oslo"}}}, CALL),
        (
            {"toolResult": {"toolUseId": "c1", "content": [{"text": "cold"}]}},
            {"type": "tool_call_response", "id": "c1", "response": [{"text": "cold"}]},
        ),
        ({"image": {"format": "png", "source": {"bytes": "iVBO"}}}, PIXEL),
        (
            {"document": {"format": "pdf", "source": {"s3Location": {"uri": "s3://b/a.pdf"}}}},
            {"type": "uri", "modality": "document", "uri": "s3://b/a.pdf"},
        ),
    ],
)
def test_blocks_of_bedrocks_converse_api(block: dict[str, Any], part: dict[str, Any]) -> None:
    assert _parts([block]) == [part]


def test_a_converse_call_that_stands_twice_is_one() -> None:
    message = {
        "role": "assistant",
        "content": [{"toolUse": {"toolUseId": "c1", "name": "weather", "input": {"city": "Oslo"}}}],
        "tool_calls": [
            {"id": "c1", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Oslo"}'}}
        ],
    }
    assert to_messages([message], role="assistant") == [{"role": "assistant", "parts": [CALL]}]


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ({"type": "thinking", "thinking": "Hm.", "signature": "s"}, {"type": "reasoning", "content": "Hm."}),
        ({**CALL, "arguments": '{"city": "Oslo"}'}, CALL),
        ({"type": "text", "content": [{"type": "text", "text": "Hi."}]}, {"type": "text", "content": "Hi."}),
        ({"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBO"}}, PIXEL),
        ({"type": "uri", "modality": "image", "uri": "data:image/png;base64,iVBO"}, PIXEL),
    ],
)
@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": ")], ids=["tight", "spaced"])
def test_parts_of_an_api_between_messages_of_the_vocabulary(
    sent: dict[str, Any], shown: dict[str, Any], separators: tuple[str, str]
) -> None:
    first = {"role": "user", "parts": [{"type": "text", "content": "hello"}]}
    messages = json.dumps([first, {"role": "assistant", "parts": [sent]}], separators=separators)
    found = normalise({"gen_ai.input.messages": messages}).attributes["gen_ai.input.messages"]
    assert json.loads(str(found)) == [first, {"role": "assistant", "parts": [shown]}]


def test_a_data_address_that_is_no_base64_is_an_image_all_the_same() -> None:
    address = "data:image/svg+xml;charset=utf-8,%3Csvg%2F%3E"
    assert _parts([{"type": "image_url", "image_url": {"url": address}}]) == [
        {"type": "blob", "modality": "image", "content": "PHN2Zy8+", "mime_type": "image/svg+xml"}
    ]


def test_messages_of_developers_are_of_the_system() -> None:
    said = [{"type": "text", "content": "Be brief."}]
    messages = json.dumps([{"role": "developer", "parts": said}])
    found = normalise({"gen_ai.input.messages": messages}).attributes["gen_ai.input.messages"]
    assert json.loads(str(found)) == [{"role": "system", "parts": said}]
