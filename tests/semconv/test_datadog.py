"""Datadog's LLM Observability: what its tracer packs into one attribute, as it does over OTLP."""

from __future__ import annotations

import base64
import json
import struct
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sightline_semconv.dialects import Attributes, normalise


def _packed(value: Any) -> bytes:
    """MessagePack, every kind of size in turn."""
    if value is None or isinstance(value, bool):
        return bytes([{None: 0xC0, False: 0xC2, True: 0xC3}[value]])
    if isinstance(value, float):
        return b"\xcb" + struct.pack(">d", value)
    if isinstance(value, int):
        return (
            bytes([value & 0xFF]) if -32 <= value < 128 else b"\xd3" + value.to_bytes(8, "big", signed=True)
        )
    if isinstance(value, str):
        raw = value.encode()
        return (bytes([0xA0 + len(raw)]) if len(raw) < 32 else b"\xda" + len(raw).to_bytes(2, "big")) + raw
    if isinstance(value, list):
        return bytes([0x90 + len(value)]) + b"".join(map(_packed, value))
    inner = b"".join(_packed(key) + _packed(item) for key, item in value.items())
    return (bytes([0x80 + len(value)]) if len(value) < 4 else b"\xde" + len(value).to_bytes(2, "big")) + inner


def _span(kind: str, meta: dict[str, Any], **more: Any) -> Attributes:
    said = {"meta": {"span": {"kind": kind}, **meta}, "name": "f", "metrics": {}, "ml_app": "shop"}
    return {
        "_llmobs": base64.b64encode(_packed(said)).decode(),
        "gen_ai.operation.name": kind,
        "gen_ai.conversation.id": "s1",
        **more,
    }


def test_a_call_has_its_conversation_tools_and_tokens() -> None:
    called = {"name": "f", "arguments": {"city": "Bern"}, "tool_id": "c1", "type": "function"}
    found = normalise(
        _span(
            "llm",
            {
                "input": {
                    "messages": [
                        {"role": "user", "content": "Weather? " * 9},
                        {"role": "assistant", "content": "", "tool_calls": [called]},
                        {
                            "role": "tool",
                            "content": "",
                            "tool_results": [{"result": "sunny", "tool_id": "c1"}],
                        },
                    ]
                },
                "output": {
                    "messages": [
                        {
                            "role": "reasoning",
                            "content": '{"summary": [{"text": "Hm.", "type": "summary_text"}]}',
                        },
                        {"role": "assistant", "content": "It is sunny."},
                    ]
                },
                "metadata": {"finish_reason": "stop", "temperature": 0.5, "seed": -1, "n": 1000, "x": None},
                "tool_definitions": [{"name": "f", "schema": {"type": "object", "strict": True}}],
            },
            **{"gen_ai.usage.reasoning_output_tokens": 64},
        )
    )
    put, got = (json.loads(str(found.attributes[f"gen_ai.{side}.messages"])) for side in ("input", "output"))
    assert (found.kind, found.dialect) == ("llm", "datadog")
    assert [part for message in put for part in message["parts"]][1:] == [
        {"type": "tool_call", "id": "c1", "name": "f", "arguments": {"city": "Bern"}},
        {"type": "tool_call_response", "id": "c1", "response": "sunny"},
    ]
    assert [message["parts"][0]["content"] for message in got] == ["Hm.", "It is sunny."]
    assert found.attributes["gen_ai.response.finish_reasons"] == ["stop"]
    assert found.attributes["gen_ai.usage.reasoning.output_tokens"] == 64
    tools = json.loads(str(found.attributes["gen_ai.tool.definitions"]))
    assert tools == [{"type": "function", "name": "f", "parameters": {"type": "object", "strict": True}}]
    rest = json.loads(str(found.attributes["_llmobs"]))
    assert rest["meta"]["metadata"] == {
        "finish_reason": "stop",
        "temperature": 0.5,
        "seed": -1,
        "n": 1000,
        "x": None,
    }
    assert normalise(dict(found.attributes)).attributes == found.attributes


@pytest.mark.parametrize(
    ("kind", "meta", "expected"),
    [
        (
            "tool",
            {"input": {"value": '{"city": "Bern"}'}, "output": {"value": "sunny"}},
            {"sightline.input": '{"city": "Bern"}', "sightline.output": "sunny", "gen_ai.tool.name": "f"},
        ),
        (
            "retrieval",
            {"output": {"documents": [{"text": "Bern", "id": "d1", "score": 0.9}]}},
            {"gen_ai.retrieval.documents": '[{"content":"Bern","id":"d1","score":0.9}]'},
        ),
        ("agent", {}, {"gen_ai.agent.name": "f"}),
    ],
)
def test_other_spans_have_their_kind_and_content(
    kind: str, meta: dict[str, Any], expected: dict[str, str]
) -> None:
    found = normalise(_span(kind, meta))
    assert (found.kind, {name: found.attributes.get(name) for name in expected}) == (kind, expected)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=40) | st.binary(max_size=40).map(lambda raw: b"\x81\xa4meta" + raw))
def test_what_is_no_such_object_stays_as_it_is(raw: bytes) -> None:
    text = base64.b64encode(raw).decode()
    found = normalise({"_llmobs": text})
    assert found.attributes["_llmobs"] == text or str(found.attributes["_llmobs"]).startswith("{")
