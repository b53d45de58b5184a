"""What instrumentations of JavaScript write otherwise than their namesakes for Python."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from sightline_semconv.dialects import Attributes, normalise

IN, OUT = "gen_ai.input.messages", "gen_ai.output.messages"


def _text(role: str, text: str) -> dict[str, Any]:
    return {"role": role, "parts": [{"type": "text", "content": text}]}


def _read(sent: Attributes, scope: str = "") -> Attributes:
    """Return what a span says in our vocabulary; conversations parsed."""
    found = normalise(sent, scope).attributes
    assert normalise(copy.deepcopy(found)).attributes == found
    return {name: json.loads(str(value)) if name in (IN, OUT) else value for name, value in found.items()}


def test_openllmetry_counts_what_anthropics_cache_gave_beside_the_input() -> None:
    sent: Attributes = {
        "gen_ai.operation.name": "chat",
        "gen_ai.usage.input_tokens": 500,
        "gen_ai.usage.output_tokens": 20,
        "gen_ai.usage.total_tokens": 520,
        "gen_ai.usage.cache_read.input_tokens": 300,
        "gen_ai.usage.cache_creation.input_tokens": 100,
    }
    assert _read(sent, "@traceloop/instrumentation-anthropic")["gen_ai.usage.input_tokens"] == 900


@pytest.mark.parametrize("put", ['{"args":[],"kwargs":{}}', '{"args": [], "kwargs": {}}'])
def test_into_a_function_without_arguments_that_openllmetry_wraps_goes_nothing(put: str) -> None:
    found = _read({"traceloop.span.kind": "workflow", "traceloop.entity.input": put})
    assert found == {"sightline.span.kind": "workflow"}


def test_openllmetrys_text_of_a_responses_call_is_its_conversation_and_no_empty_answer() -> None:
    items = [
        {"role": "user", "content": [{"type": "input_text", "text": "weather?"}]},
        {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "c", "output": "5"},
    ]
    sent: Attributes = {
        "gen_ai.operation.name": "chat",
        "gen_ai.response.id": "resp_1",
        IN: json.dumps([_text("user", json.dumps(items))]),
        OUT: json.dumps([{**_text("assistant", ""), "finish_reason": "stop"}]),
    }
    found = _read(sent, "@traceloop/instrumentation-openai")
    asked: Any = found[IN]
    assert [message["role"] for message in asked] == ["user", "assistant", "tool"]
    assert (asked[0], OUT in found) == (_text("user", "weather?"), False)


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        (("traceloop.entity.input", "traceloop.entity.output"), {"traceloop.span.kind": "tool"}),
        (("mlflow.spanInputs", "mlflow.spanOutputs"), {"mlflow.spanType": '"TOOL"'}),
        (("genkit:input", "genkit:output"), {"genkit:metadata:subtype": "tool"}),
        (("lmnr.span.input", "lmnr.span.output"), {"lmnr.span.type": "TOOL"}),
        (("ai.toolCall.args", "ai.toolCall.result"), {"ai.operationId": "ai.toolCall"}),
    ],
    ids=["OpenLLMetry", "MLflow", "Genkit", "Laminar", "Vercel"],
)
def test_a_text_that_is_sent_as_json_is_the_text(names: tuple[str, str], kind: Attributes) -> None:
    put, got = names
    found = _read({**kind, put: '{"city": "Bern"}', got: '"Gr\\u00fcezi\\n\\"Bern\\" \\\\ 5\\ud800"'})
    assert found["sightline.output"] == 'Grüezi\n"Bern" \\ 5?'
    assert found["sightline.input"] == '{"city": "Bern"}'


@pytest.mark.parametrize("text", ['"a" and "b"', '"cut off \\"', '"', '""a"'])
def test_a_text_that_only_begins_and_ends_with_quotes_stays_as_it_is(text: str) -> None:
    assert _read({"lmnr.span.type": "TOOL", "lmnr.span.output": text})["sightline.output"] == text


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"prompt": "hi"}, [_text("user", "hi")]),
        ({"system": "Be brief.", "prompt": "hi"}, [_text("system", "Be brief."), _text("user", "hi")]),
        (
            {"system": "Be brief.", "messages": [{"role": "user", "content": "hi"}]},
            [_text("system", "Be brief."), _text("user", "hi")],
        ),
        ({"prompt": [{"role": "user", "content": [{"type": "text", "text": "hi"}]}]}, [_text("user", "hi")]),
    ],
)
def test_vercels_steps_around_calls_are_asked_a_conversation(asked: Any, said: list[Any]) -> None:
    sent: Attributes = {
        "ai.operationId": "ai.streamText",
        "ai.prompt": json.dumps(asked),
        "ai.response.text": "ho",
    }
    found = _read(sent)
    assert (found[IN], found["sightline.output"], found["sightline.span.kind"]) == (said, "ho", "workflow")


def test_of_vercels_steps_openinferences_processor_says_less_of_what_was_asked() -> None:
    sent: Attributes = {
        "openinference.span.kind": "AGENT",
        "llm.input_messages.0.message.role": "system",
        "llm.input_messages.0.message.content": "Be brief.",
        "ai.prompt": json.dumps({"system": "Be brief.", "prompt": "hi"}),
    }
    assert _read(sent)[IN] == [_text("system", "Be brief."), _text("user", "hi")]


@pytest.mark.parametrize("asked", [{"query": "hi"}, {"prompt": 5}, {"messages": []}, ["hi"], "hi"])
def test_what_vercels_steps_are_asked_otherwise_stays_as_it_is(asked: Any) -> None:
    text = json.dumps(asked)
    assert _read({"ai.operationId": "ai.generateText", "ai.prompt": text})["sightline.input"] == text


def test_what_vercels_sdk_embeds_is_text() -> None:
    one = _read({"ai.operationId": "ai.embed", "ai.value": '"hi\\nyou"'})
    assert one["sightline.input"] == "hi\nyou"
    many = _read({"ai.operationId": "ai.embedMany.doEmbed", "ai.values": ['"hi"', '"you"', '{"a":1}']})
    assert json.loads(str(many["sightline.input"])) == ["hi", "you", '{"a":1}']


def test_openinferences_processor_for_vercels_sdk_adds_no_calls_and_quotes_none() -> None:
    call = "llm.output_messages.0.message.tool_calls.0.tool_call"
    nothing = "llm.input_messages.0.message.tool_calls.0.tool_call"
    sent: Attributes = {
        "openinference.span.kind": "LLM",
        "llm.input_messages.0.message.role": "user",
        "llm.input_messages.0.message.contents.0.message_content.type": "text",
        "llm.input_messages.0.message.contents.0.message_content.text": "hi",
        "llm.input_messages.0.message.contents.1.message_content.type": "tool-call",
        "llm.input_messages.0.message.contents.1.message_content.text": None,
        f"{nothing}.id": None,
        f"{nothing}.function.name": None,
        f"{nothing}.function.arguments": None,
        "llm.output_messages.0.message.role": "assistant",
        f"{call}.id": "c",
        f"{call}.function.name": "find",
        f"{call}.function.arguments": json.dumps('{"q": 1}'),
    }
    found = _read(sent)
    asked = {"type": "tool_call", "id": "c", "name": "find", "arguments": {"q": 1}}
    assert found[IN] == [_text("user", "hi")]
    assert found[OUT] == [{"role": "assistant", "parts": [asked]}]


@pytest.mark.parametrize("operation", ["ai.generateText", "ai.generateText.doGenerate"])
def test_of_images_and_thoughts_openinferences_processor_for_vercels_sdk_says_nothing(operation: str) -> None:
    asked = [{"role": "user", "content": [{"type": "file", "mediaType": "image/png", "data": "iVBO"}]}]
    sent: Attributes = {
        "openinference.span.kind": "LLM" if operation.endswith("doGenerate") else "AGENT",
        "llm.input_messages.0.message.role": "user",
        "llm.input_messages.0.message.contents.0.message_content.type": "file",
        "llm.input_messages.0.message.contents.0.message_content.image": None,
        "llm.output_messages.0.message.role": "assistant",
        "llm.output_messages.0.message.content": "A cat.",
        "ai.operationId": operation,
        "ai.prompt": json.dumps({"messages": asked}),
        "ai.prompt.messages": json.dumps(asked),
        "ai.response.reasoning": "It has whiskers.",
        "ai.response.text": "A cat.",
    }
    found: dict[str, Any] = _read(sent)
    picture = {"type": "blob", "modality": "image", "content": "iVBO", "mime_type": "image/png"}
    assert found[IN] == [{"role": "user", "parts": [picture]}]
    if operation.endswith("doGenerate"):
        assert [part["type"] for part in found[OUT][0]["parts"]] == ["reasoning", "text"]


@pytest.mark.parametrize("said", ['"{"', '"[not json]"', '"words"', "{"])
def test_arguments_that_are_no_json_inside_json_stay_as_a_model_wrote_them(said: str) -> None:
    calls = [{"id": "c", "type": "function", "function": {"name": "find", "arguments": said}}]
    messages = json.dumps([{"role": "assistant", "tool_calls": calls}])
    found = _read({"gen_ai.operation.name": "chat", OUT: messages})
    asked = {"type": "tool_call", "id": "c", "name": "find", "arguments": said}
    assert found[OUT] == [{"role": "assistant", "parts": [asked]}]


@pytest.mark.parametrize(
    ("identity", "more", "expected"),
    [
        ("chatcmpl-7", {}, "chatcmpl-7"),
        ("run-7", {}, None),
        ("lc_run--7", {}, None),
        (None, {}, None),
        ("run-7", {"id": "msg_7"}, "msg_7"),
        ("chatcmpl-7", {"id": "msg_7"}, "msg_7"),
    ],
)
def test_langchains_messages_have_the_id_of_their_answer_where_it_has_one(
    identity: str | None, more: dict[str, str], expected: str | None
) -> None:
    said = {"id": identity, "content": "ho", "response_metadata": {"model_name": "m", **more}}
    message = {"lc": 1, "type": "constructor", "id": ["langchain_core", "AIMessage"], "kwargs": said}
    sent: Attributes = {
        "openinference.span.kind": "LLM",
        "output.value": json.dumps({"generations": [[{"text": "ho", "message": message}]]}),
    }
    assert _read(sent).get("gen_ai.response.id") == expected


@pytest.mark.parametrize(
    "sent",
    [
        {"traceloop.association.properties.sessionId": "s", "traceloop.association.properties.userId": "u"},
        {"ai.telemetry.metadata.sessionId": "s", "ai.telemetry.metadata.userId": "u"},
        {"ai.telemetry.metadata.session_id": "s", "ai.telemetry.metadata.user_id": "u"},
        {"openinference.span.kind": "CHAIN", "metadata": '{"sessionId":"s","userId":"u"}'},
        {"openinference.span.kind": "CHAIN", "metadata": '{"session_id":"s","user_id":"u"}'},
    ],
)
def test_session_and_user_are_read_in_either_spelling(sent: Attributes) -> None:
    found = _read(sent)
    assert (found["session.id"], found["user.id"]) == ("s", "u")


@pytest.mark.parametrize(("triggered", "outcome"), [(True, "block"), (False, "pass")])
def test_a_guardrail_of_openais_agents_has_a_name_and_a_verdict(triggered: bool, outcome: str) -> None:
    sent: Attributes = {
        "openinference.span.kind": "GUARDRAIL",
        "tool.name": "no insults",
        "guardrail.triggered": triggered,
    }
    found = _read(sent)
    assert (found["sightline.guardrail.outcome"], found["sightline.guardrail.name"]) == (
        outcome,
        "no insults",
    )
    assert "gen_ai.tool.name" not in found


@pytest.mark.parametrize(
    "named",
    [
        {"graph.node.id": "Helper"},
        {"graph.node.id": "8f2c", "graph.node.name": "Helper"},
        {"graph.node.id": "8f2c", "agent.name": "Helper"},
    ],
)
def test_an_agent_that_is_named_as_a_node_has_a_name(named: Attributes) -> None:
    assert _read({"openinference.span.kind": "AGENT", **named})["gen_ai.agent.name"] == "Helper"


def test_a_node_that_is_no_agent_names_none() -> None:
    found = _read({"openinference.span.kind": "CHAIN", "graph.node.id": "Helper"})
    assert "gen_ai.agent.name" not in found


def test_what_a_model_of_openais_agents_thought_before_was_not_said_by_the_user() -> None:
    sent: Attributes = {
        "openinference.span.kind": "LLM",
        "input.value": '[{"role":"user","content":"hi"},{"type":"reasoning","content":[]}]',
        "llm.input_messages.0.message.role": "user",
        "llm.input_messages.0.message.content": "hi",
        "llm.input_messages.1.message.contents.0.message_content.type": "text",
        "llm.input_messages.1.message.contents.0.message_content.text": "hm",
    }
    thought = {"role": "assistant", "parts": [{"type": "reasoning", "content": "hm"}]}
    assert _read(dict(sent))[IN] == [_text("user", "hi"), thought]
    sent["input.value"] = '[{"role":"user","content":"hi"},"hm"]'
    assert _read(sent)[IN] == [_text("user", "hi"), _text("user", "hm")]


@pytest.mark.parametrize("summary", ["Look it up.", ""])
def test_what_a_model_of_openais_agents_thought_is_before_its_answer(summary: str) -> None:
    thought = {"type": "reasoning", "id": "r", "summary": [{"type": "summary_text", "text": summary}]}
    answer = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "5"}]}
    sent: Attributes = {
        "openinference.span.kind": "LLM",
        "output.value": json.dumps({"object": "response", "output": [thought, answer]}),
        "llm.output_messages.0.message.role": "assistant",
        "llm.output_messages.0.message.content": "5",
    }
    said = {"role": "assistant", "parts": [{"type": "reasoning", "content": summary}]}
    assert _read(sent)[OUT] == [*([said] if summary else []), _text("assistant", "5")]


def test_langsmiths_traced_functions_return_what_stands_alone_in_an_object() -> None:
    tool = _read({"langsmith.span.kind": "tool", "gen_ai.completion": '{"outputs":"sunny\\nwarm"}'})
    assert tool["sightline.output"] == "sunny\nwarm"
    found = [{"page_content": "a", "metadata": {"n": 1}}]
    search = _read({"langsmith.span.kind": "retriever", "gen_ai.completion": json.dumps({"outputs": found})})
    assert json.loads(str(search["gen_ai.retrieval.documents"])) == [{"metadata": {"n": 1}, "content": "a"}]
    more = '{"output":1,"took":2}'
    assert _read({"langsmith.span.kind": "tool", "gen_ai.completion": more})["sightline.output"] == more


@pytest.mark.parametrize("kind", ["model_generation", "model_step"])
def test_mastras_steps_around_calls_hold_the_conversation(kind: str) -> None:
    sent: Attributes = {
        "gen_ai.operation.name": kind,
        "mastra.span.type": kind,
        f"mastra.{kind}.input": '{"messages":[{"role":"user","content":"weather?"}]}',
        f"mastra.{kind}.output": json.dumps(
            {
                "text": "Let me look.",
                "files": [],
                "reasoning": "hm",
                "toolCalls": [{"toolCallId": "c", "toolName": "find", "args": {"q": 1}}],
            }
        ),
    }
    found = _read(sent)
    assert found[IN] == [_text("user", "weather?")]
    assert found[OUT] == [
        {
            "role": "assistant",
            "parts": [
                {"type": "reasoning", "content": "hm"},
                {"type": "text", "content": "Let me look."},
                {"type": "tool_call", "id": "c", "name": "find", "arguments": {"q": 1}},
            ],
        }
    ]


def test_mastras_other_results_stay_as_they_are() -> None:
    sent: Attributes = {"mastra.span.type": "tool_call", "mastra.tool_call.output": '{"text":5}'}
    assert _read(sent)["sightline.output"] == '{"text":5}'
    sent = {"mastra.span.type": "agent_run", "mastra.agent_run.output": '{"text":"","files":[]}'}
    assert _read(sent)["sightline.output"] == '{"text":"","files":[]}'


def test_what_a_response_says_of_itself_is_in_the_metadata_of_langfuses_sdk() -> None:
    tool = {"type": "function", "name": "f", "parameters": {}}
    said = {
        "instructions": "Be brief.",
        "tools": json.dumps([tool]),
        "status": "incomplete",
        "incomplete_details": '{"reason":"max_output_tokens"}',
    }
    sent: Attributes = {f"langfuse.observation.metadata.{key}": value for key, value in said.items()}
    found = _read({**sent, "langfuse.observation.type": "generation"})
    assert found["gen_ai.response.finish_reasons"] == ["length"]
    assert json.loads(str(found["gen_ai.tool.definitions"])) == [tool]
    assert json.loads(str(found["gen_ai.system_instructions"])) == [{"type": "text", "content": "Be brief."}]
    del sent["langfuse.observation.metadata.tools"]  # then it is the app's own metadata
    own = _read({**sent, "langfuse.observation.type": "generation"})
    assert not own.keys() & {"gen_ai.response.finish_reasons", "gen_ai.system_instructions"}


def test_embeddings_of_the_client_that_langfuses_sdk_wraps_are_no_generations() -> None:
    sent: Attributes = {
        "langfuse.observation.type": "generation",
        "langfuse.observation.model.name": "text-embedding-3-small",
        "langfuse.observation.input": '["hi","you"]',
    }
    found = _read(sent)
    assert (found["sightline.span.kind"], found["sightline.input"]) == ("embedding", '["hi","you"]')


_VOLTAGENT: Attributes = {
    "entity.type": "agent",
    "entity.name": "Helper",
    "conversation.id": "s",
    "user.id": "u",
}


def test_a_call_of_voltagent_has_its_model_messages_and_tokens() -> None:
    sent: Attributes = {
        **_VOLTAGENT,
        "span.type": "llm",
        "llm.operation": "streamText",
        "llm.model": "m",
        "llm.stream": True,
        "llm.temperature": 0.5,
        "llm.messages.count": 1,
        "llm.messages": '[{"role":"user","content":[{"type":"text","text":"hi"}]}]',
        "llm.tools.count": 1,
        "llm.usage.prompt_tokens": 100,
        "llm.usage.completion_tokens": 20,
        "llm.usage.cached_tokens": 40,
        "llm.usage.reasoning_tokens": 5,
        "llm.finish_reason": "stop",
    }
    assert normalise(dict(sent)).dialect == "voltagent"
    found = _read(sent)
    assert found[IN] == [_text("user", "hi")]
    said = {
        "sightline.span.kind": "llm",
        "session.id": "s",
        "gen_ai.agent.name": "Helper",
        "gen_ai.request.model": "m",
        "gen_ai.request.stream": True,
        "gen_ai.request.temperature": 0.5,
        "gen_ai.response.finish_reasons": ["stop"],
        "gen_ai.usage.input_tokens": 100,
        "gen_ai.usage.output_tokens": 20,
        "gen_ai.usage.cache_read.input_tokens": 40,
        "gen_ai.usage.reasoning.output_tokens": 5,
    }
    assert {name: found.get(name) for name in said} == said


@pytest.mark.parametrize(
    ("more", "kind", "said"),
    [
        (
            {"voltagent.operation_id": "o", "agent.instructions": "Be brief.", "usage.prompt_tokens": 7},
            "agent",
            {
                "gen_ai.usage.input_tokens": 7,
                "gen_ai.system_instructions": '[{"type":"text","content":"Be brief."}]',
            },
        ),
        (
            {"entity.type": "workflow", "entity.name": "Flow", "voltagent.label": "Flow"},
            "workflow",
            {"gen_ai.workflow.name": "Flow"},
        ),
        (
            {"span.type": "tool", "span.label": "find", "tool.name": "find", "tool.call.id": "c"},
            "tool",
            {"gen_ai.tool.name": "find", "gen_ai.tool.call.id": "c"},
        ),
        ({"span.type": "memory", "span.label": "l", "memory.operation": "read"}, "internal", {}),
        ({"span.type": "middleware", "span.label": "l"}, "internal", {}),
    ],
)
def test_steps_of_voltagent_have_a_kind_and_what_went_in_and_out(
    more: Attributes, kind: str, said: Attributes
) -> None:
    sent = {**_VOLTAGENT, "input": "q", "output": "a", **more}
    assert normalise(dict(sent)).kind == kind
    found = _read(sent)
    said = {**said, "sightline.input": "q", "sightline.output": "a", "session.id": "s"}
    assert {name: found.get(name) for name in said} == said


@pytest.mark.parametrize(
    ("verdict", "outcome"),
    [
        ({"guardrail.action": "block", "guardrail.pass": False}, "block"),
        ({"guardrail.action": "modify", "guardrail.pass": True}, "warn"),
        ({"guardrail.action": "allow", "guardrail.pass": True}, "pass"),
        ({"guardrail.pass": False}, "block"),
        ({"guardrail.pass": True}, "pass"),
        ({}, None),
    ],
)
def test_guardrails_of_voltagent_have_a_verdict(verdict: Attributes, outcome: str | None) -> None:
    named: Attributes = {"guardrail.name": "no insults", "guardrail.direction": "input"}
    found = _read({**_VOLTAGENT, "span.type": "guardrail", "voltagent.x": "y", **named, **verdict})
    assert found.get("sightline.guardrail.outcome") == outcome
    assert (found["sightline.guardrail.name"], found["sightline.guardrail.stage"]) == ("no insults", "input")


def test_everyones_words_on_other_spans_are_left_alone() -> None:
    sent: Attributes = {"span.label": "l", "entity.type": "SERVICE", "conversation.id": "c", "input": "q"}
    assert _read(dict(sent)) == sent
