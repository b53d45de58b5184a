"""Every dialect becomes the same vocabulary, and doing it twice changes nothing."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sightline_semconv.dialects import DIALECTS, Attributes, normalise
from sightline_semconv.dialects.messages import to_messages

IN, OUT = "gen_ai.input.messages", "gen_ai.output.messages"


def _text(role: str, content: str) -> dict[str, Any]:
    return {"role": role, "parts": [{"type": "text", "content": content}]}


CASES: dict[str, tuple[Attributes, str, str, dict[str, Any]]] = {
    "current GenAI": (
        {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": "openai",
            "gen_ai.request.model": "gpt-4o",
            "gen_ai.response.finish_reasons": ["stop"],
            IN: json.dumps([_text("user", "hi")]),
        },
        "gen_ai",
        "llm",
        {"gen_ai.response.finish_reasons": ["stop"], IN: [_text("user", "hi")]},
    ),
    "structured values and OpenAI shape under GenAI names": (
        {
            "gen_ai.operation.name": "chat",
            "gen_ai.response.finish_reasons": '["stop"]',
            IN: [{"role": "user", "content": "hi"}],
            OUT: "plain text",
        },
        "gen_ai",
        "llm",
        {
            "gen_ai.response.finish_reasons": ["stop"],
            IN: [_text("user", "hi")],
            OUT: [_text("assistant", "plain text")],
        },
    ),
    "older GenAI": (
        {
            "gen_ai.operation.name": "chat",
            "gen_ai.system": "az.ai.openai",
            "gen_ai.usage.prompt_tokens": 12,
            "gen_ai.usage.completion_tokens": 3,
            "gen_ai.openai.request.seed": 7,
            "gen_ai.openai.response.system_fingerprint": "fp_1",
            "gen_ai.prompt": "say hi",
        },
        "otel_legacy",
        "llm",
        {
            "gen_ai.provider.name": "azure.ai.openai",
            "gen_ai.usage.input_tokens": 12,
            "gen_ai.usage.output_tokens": 3,
            "gen_ai.request.seed": 7,
            "openai.response.system_fingerprint": "fp_1",
            IN: [_text("user", "say hi")],
        },
    ),
    "OpenInference call": (
        {
            "openinference.span.kind": "LLM",
            "llm.model_name": "gpt-4o-2024-08-06",
            "llm.provider": "openai",
            "llm.system": "openai",
            "llm.invocation_parameters": '{"model": "gpt-4o", "temperature": 0.5, "user": "u1"}',
            "llm.token_count.prompt": 20,
            "llm.token_count.completion": 5,
            "llm.token_count.prompt_details.cache_read": 8,
            "llm.input_messages.1.message.role": "user",
            "llm.input_messages.1.message.contents.0.message_content.type": "text",
            "llm.input_messages.1.message.contents.0.message_content.text": "weather?",
            "llm.input_messages.0.message.role": "system",
            "llm.input_messages.0.message.content": "be brief",
            "llm.output_messages.0.message.role": "assistant",
            "llm.output_messages.0.message.tool_calls.0.tool_call.id": "c1",
            "llm.output_messages.0.message.tool_calls.0.tool_call.function.name": "weather",
            "llm.output_messages.0.message.tool_calls.0.tool_call.function.arguments": '{"city": "Bern"}',
            "input.value": "the same once more",
            "llm.tools.0.tool.json_schema": '{"type": "function", "function": {"name": "weather"}}',
        },
        "openinference",
        "llm",
        {
            "gen_ai.request.model": "gpt-4o",
            "gen_ai.response.model": "gpt-4o-2024-08-06",
            "gen_ai.request.temperature": 0.5,
            "user.id": "u1",
            "gen_ai.usage.input_tokens": 20,
            "gen_ai.usage.cache_read.input_tokens": 8,
            IN: [_text("system", "be brief"), _text("user", "weather?")],
            OUT: [
                {
                    "role": "assistant",
                    "parts": [
                        {"type": "tool_call", "id": "c1", "name": "weather", "arguments": {"city": "Bern"}}
                    ],
                }
            ],
            "gen_ai.tool.definitions": [{"type": "function", "name": "weather"}],
            "input.value": None,
        },
    ),
    "OpenInference retriever": (
        {
            "openinference.span.kind": "RETRIEVER",
            "input.value": "query",
            "retrieval.documents.0.document.id": "d1",
            "retrieval.documents.0.document.content": "text",
            "retrieval.documents.0.document.score": 0.5,
            "retrieval.documents.0.document.metadata": '{"page": 3}',
        },
        "openinference",
        "retrieval",
        {
            "sightline.input": "query",
            "gen_ai.retrieval.documents": [
                {"id": "d1", "content": "text", "score": 0.5, "metadata": {"page": 3}}
            ],
        },
    ),
    "OpenInference's names for what went in and out of a span of the app's own": (
        {"input.value": '{"q": 1}', "input.mime_type": "application/json", "output.value": "done"},
        "openinference",
        "internal",
        {"sightline.input": '{"q": 1}', "sightline.output": "done", "input.mime_type": None},
    ),
    "a call in GenAI's names, with OpenInference's for what was said": (
        {
            "gen_ai.operation.name": "chat",
            "input.value": '[{"role": "user", "content": "hi"}]',
            "output.value": "hello",
        },
        "openinference",
        "llm",
        {IN: [_text("user", "hi")], OUT: [_text("assistant", "hello")], "sightline.input": None},
    ),
    "the request of a user, as agents for Java tell of it": (
        {"http.request.method": "POST", "http.route": "/chat", "enduser.id": "u"},
        "otel_legacy",
        "internal",
        {"user.id": "u", "http.route": "/chat"},
    ),
    "Braintrust call": (
        {
            "braintrust.span_attributes": '{"type": "llm"}',
            "braintrust.metadata": json.dumps(
                {
                    "provider": "openai",
                    "model": "gpt-4o-mini",
                    "stream": True,
                    "id": "chatcmpl-1",
                    "system_fingerprint": "fp_1",
                    "service_tier": "flex",
                    "tools": [{"type": "function", "function": {"name": "f"}}],
                }
            ),
            "braintrust.metrics": json.dumps(
                {
                    "prompt_tokens": 1000,
                    "completion_tokens": 200,
                    "tokens": 1200,
                    "prompt_cached_tokens": 400,
                    "completion_reasoning_tokens": 64,
                    "time_to_first_token": 0.25,
                }
            ),
            "braintrust.input_json": '[{"role": "user", "content": "hi"}]',
            "braintrust.output_json": json.dumps(
                [{"index": 0, "message": {"role": "assistant", "content": "ho"}, "finish_reason": "stop"}]
            ),
            "braintrust.tags": ["a"],
        },
        "braintrust",
        "llm",
        {
            "gen_ai.provider.name": "openai",
            "gen_ai.request.model": "gpt-4o-mini",
            "gen_ai.response.id": "chatcmpl-1",
            "openai.response.system_fingerprint": "fp_1",
            "openai.response.service_tier": "flex",
            "gen_ai.usage.input_tokens": 1000,
            "gen_ai.usage.output_tokens": 200,
            "gen_ai.usage.cache_read.input_tokens": 400,
            "gen_ai.usage.reasoning.output_tokens": 64,
            "gen_ai.response.time_to_first_chunk": 0.25,
            "gen_ai.response.finish_reasons": ["stop"],
            "gen_ai.tool.definitions": [{"type": "function", "name": "f"}],
            "sightline.tags": ["a"],
            IN: [_text("user", "hi")],
            OUT: [{**_text("assistant", "ho"), "finish_reason": "stop"}],
        },
    ),
    "Braintrust call of Gemini, whose sum shows the thoughts": (
        {
            "braintrust.span_attributes.type": "llm",
            "braintrust.metadata.provider": "gemini",
            "braintrust.metadata.model": "gemini-2.5-flash",
            "braintrust.metrics.prompt_tokens": 1000,
            "braintrust.metrics.completion_tokens": 136,
            "braintrust.metrics.tokens": 1200,
            "braintrust.metrics.completion_reasoning_tokens": 64,
            "braintrust.metrics.time_to_first_token": 3.5,
        },
        "braintrust",
        "llm",
        {
            "gen_ai.provider.name": "gcp.gemini",
            "gen_ai.usage.output_tokens": 200,
            "gen_ai.response.time_to_first_chunk": None,
        },
    ),
    "Braintrust score": (
        {"braintrust.span_attributes": '{"type": "score"}', "braintrust.input_json": '{"a": 1}'},
        "braintrust",
        "evaluation",
        {"sightline.input": {"a": 1}},
    ),
    "AgentOps tool": (
        {
            "agentops.span.kind": "tool",
            "operation.name": "get_weather",
            "agentops.tool.input": '{"args": ["Bern"]}',
            "agentops.tool.output": "sunny",
        },
        "agentops",
        "tool",
        {
            "gen_ai.tool.name": "get_weather",
            "sightline.input": {"args": ["Bern"]},
            "sightline.output": "sunny",
        },
    ),
    "AgentOps call of a tool, whose kind is printed": (
        {
            "agentops.span.kind": "AgentOpsSpanKindValues.TOOL",
            "tool.name": "get_weather",
            "tool.parameters": '{"city": "Bern"}',
            "tool.call.id": "c1",
        },
        "agentops",
        "tool",
        {"gen_ai.tool.call.id": "c1", "gen_ai.tool.call.arguments": {"city": "Bern"}},
    ),
    "AgentOps stream with tools": (
        {
            "gen_ai.system": "OpenAI",
            "gen_ai.request.model": "gpt-4o-mini",
            "gen_ai.request.functions.0.name": "f",
            "gen_ai.request.functions.0.parameters": '{"type": "object"}',
            "gen_ai.streaming.time_to_first_token": 0.04,
        },
        "agentops",
        "llm",
        {
            "gen_ai.tool.definitions": [
                {"type": "function", "name": "f", "parameters": {"type": "object"}},
            ],
            "gen_ai.response.time_to_first_chunk": 0.04,
        },
    ),
    "LiteLLM's Responses API, whose provider its model names alone": (
        {
            "gen_ai.operation.name": "responses",
            "gen_ai.system": "",
            "litellm.provider.model": "openai/gpt-5",
            "gen_ai.request.model": "gpt-5",
        },
        "litellm",
        "llm",
        {"gen_ai.provider.name": "openai"},
    ),
    "GenAI search in a memory": (
        {
            "gen_ai.operation.name": "search_memory",
            "gen_ai.memory.query.text": "diet",
            "gen_ai.memory.records": [{"id": "m1", "content": "vegetarian", "score": 0.9}],
        },
        "gen_ai",
        "retrieval",
        {
            "sightline.input": "diet",
            "gen_ai.retrieval.documents": [{"id": "m1", "content": "vegetarian", "score": 0.9}],
        },
    ),
    "GenAI memory that is kept": (
        {
            "gen_ai.operation.name": "upsert_memory",
            "gen_ai.memory.records": '[{"content": "vegetarian"}]',
        },
        "gen_ai",
        "internal",
        {"sightline.input": [{"content": "vegetarian"}], "gen_ai.retrieval.documents": None},
    ),
    "Agent Framework's conversation, which is the answer before": (
        {"gen_ai.operation.name": "chat", "gen_ai.conversation.id": "resp_1"},
        "gen_ai",
        "llm",
        {"gen_ai.conversation.id": None, "gen_ai.request.previous_response.id": "resp_1"},
    ),
    "Semantic Kernel's type of an error": (
        {"gen_ai.operation.name": "chat", "error.type": "<class 'kernel.ServiceResponseException'>"},
        "gen_ai",
        "llm",
        {"error.type": "kernel.ServiceResponseException"},
    ),
    "OpenLLMetry's summary of thoughts": (
        {
            "gen_ai.operation.name": "chat",
            OUT: json.dumps(
                [
                    {
                        "role": "assistant",
                        "parts": [
                            {"type": "reasoning", "content": '[{"text": "Hm.", "type": "summary_text"}]'},
                            {"type": "reasoning", "content": "no summary_text at all"},
                        ],
                    }
                ]
            ),
        },
        "gen_ai",
        "llm",
        {
            OUT: [
                {
                    "role": "assistant",
                    "parts": [
                        {"type": "reasoning", "content": "Hm."},
                        {"type": "reasoning", "content": "no summary_text at all"},
                    ],
                }
            ],
        },
    ),
    "Traceloop call": (
        {
            "llm.request.type": "chat",
            "gen_ai.system": "OpenAI",
            "gen_ai.prompt.0.role": "user",
            "gen_ai.prompt.0.content": "hi",
            "gen_ai.completion.0.role": "assistant",
            "gen_ai.completion.0.content": "hello",
            "gen_ai.completion.0.finish_reason": "stop",
            "llm.request.functions.0.name": "f",
            "llm.request.functions.0.parameters": '{"type": "object"}',
            "traceloop.association.properties.session_id": "s1",
            "gen_ai.usage.cache_read_input_tokens": 4,
            "llm.usage.reasoning_tokens": 3,
            "gen_ai.openai.system_fingerprint": "fp_1",
        },
        "traceloop",
        "llm",
        {
            "gen_ai.provider.name": "openai",
            IN: [_text("user", "hi")],
            OUT: [{**_text("assistant", "hello"), "finish_reason": "stop"}],
            "session.id": "s1",
            "gen_ai.usage.cache_read.input_tokens": 4,
            "gen_ai.usage.reasoning.output_tokens": 3,
            "openai.response.system_fingerprint": "fp_1",
            "gen_ai.tool.definitions": [{"type": "function", "name": "f", "parameters": {"type": "object"}}],
        },
    ),
    "Traceloop call of LangChain": (
        {"llm.request.type": "chat", "gen_ai.system": "Langchain", "llm.response.finish_reason": "length"},
        "traceloop",
        "llm",
        {"gen_ai.response.finish_reasons": ["length"], "llm.response.finish_reason": None},
    ),
    "Traceloop call of watsonx": (
        {"llm.request.type": "completion", "llm.response.stop_reason": "max_tokens"},
        "traceloop",
        "llm",
        {"gen_ai.response.finish_reasons": ["max_tokens"], "llm.response.stop_reason": None},
    ),
    "Traceloop tool": (
        {
            "traceloop.span.kind": "tool",
            "traceloop.entity.name": "search",
            "traceloop.entity.input": '{"q": 1}',
        },
        "traceloop",
        "tool",
        {"gen_ai.tool.name": "search", "sightline.input": '{"q": 1}'},
    ),
    "Langfuse generation": (
        {
            "langfuse.observation.type": "generation",
            "langfuse.observation.model.name": "claude-sonnet-4-5",
            "langfuse.observation.usage_details": '{"input": 10, "cache_read_input_tokens": 90, "output": 5}',
            "langfuse.observation.cost_details": '{"input": 0.25, "output": 0.5}',
            "langfuse.observation.input": '[{"role": "user", "content": "hi"}]',
            "langfuse.observation.output": "hello",
            "langfuse.trace.tags": ["a", "b"],
            "user.id": "u1",
        },
        "langfuse",
        "llm",
        {
            "gen_ai.response.model": "claude-sonnet-4-5",
            "gen_ai.usage.input_tokens": 100,
            "gen_ai.usage.cache_read.input_tokens": 90,
            "sightline.emitter.cost_usd": 0.75,
            IN: [_text("user", "hi")],
            OUT: [_text("assistant", "hello")],
            "sightline.tags": ["a", "b"],
        },
    ),
    "Langfuse with OpenAI's usage names": (
        {
            "langfuse.observation.type": "generation",
            "langfuse.observation.usage_details": '{"prompt_tokens": 10, "completion_tokens": 5}',
        },
        "langfuse",
        "llm",
        {"gen_ai.usage.input_tokens": 10, "gen_ai.usage.output_tokens": 5},
    ),
    "pydantic-ai events": (
        {
            "gen_ai.operation.name": "chat",
            "logfire.msg": "chat gpt-4o",
            "events": json.dumps(
                [
                    {"event.name": "gen_ai.user.message", "content": "hi", "role": "user"},
                    {"event.name": "gen_ai.choice", "message": {"role": "assistant", "content": "hello"}},
                ]
            ),
            "operation.cost": 0.001,
        },
        "logfire",
        "llm",
        {
            IN: [_text("user", "hi")],
            OUT: [_text("assistant", "hello")],
            "sightline.emitter.cost_usd": 0.001,
            "logfire.msg": "chat gpt-4o",
        },
    ),
    "sounds that pydantic-ai counts": (
        {
            "gen_ai.operation.name": "chat",
            "logfire.msg": "chat gpt-4o-audio-preview",
            "gen_ai.usage.details.input_audio_tokens": 50,
            "gen_ai.usage.details.output_audio_tokens": 20,
        },
        "logfire",
        "llm",
        {"gen_ai.usage.audio.input_tokens": 50, "gen_ai.usage.audio.output_tokens": 20},
    ),
    "a tool of pydantic-ai with the agent that called it": (
        {
            "logfire.msg": "running tool: weather",
            "gen_ai.tool.name": "weather",
            "gen_ai.agent.name": "travel",
            "gen_ai.agent.call.id": "run-1",
            "tool_arguments": '{"city": "Oslo"}',
        },
        "logfire",
        "tool",
        {"gen_ai.agent.name": "travel", "sightline.input": {"city": "Oslo"}},
    ),
    "OpenLIT's step of an agent": (
        {
            "gen_ai.operation.name": "execute_task",
            "gen_ai.request.model": "gpt-4o",
            "gen_ai.usage.input_tokens": 900,
            "gen_ai.sdk.version": "1",
        },
        "openlit",
        "agent",
        {"gen_ai.usage.input_tokens": 900},
    ),
    "OpenLIT's answer that did not stream": (
        {
            "gen_ai.operation.name": "chat",
            "gen_ai.request.stream": False,
            "gen_ai.server.time_to_first_token": 2.5,
        },
        "openlit",
        "llm",
        {"gen_ai.server.time_to_first_token": 2.5, "gen_ai.response.time_to_first_chunk": None},
    ),
    "OpenLLMetry's step of a chain": (
        {
            "traceloop.span.kind": "task",
            "traceloop.entity.name": "ChatPromptTemplate",
            "gen_ai.operation.name": "execute_task",
        },
        "traceloop",
        "internal",
        {"traceloop.entity.name": "ChatPromptTemplate"},
    ),
    "Vercel AI SDK 7 that ranks": (
        {"gen_ai.operation.name": "rerank", "gen_ai.request.model": "rerank-v3.5"},
        "gen_ai",
        "retrieval",
        {"gen_ai.request.model": "rerank-v3.5"},
    ),
    "an answer whose tool call its emitter left out": (
        {
            "llm.request.type": "chat",
            "gen_ai.prompt.0.role": "user",
            "gen_ai.completion.0.role": "assistant",
            "gen_ai.completion.0.finish_reason": "tool_calls",
        },
        "traceloop",
        "llm",
        {"gen_ai.response.finish_reasons": ["tool_calls"]},
    ),
    "Google's Agent Development Kit": (
        {
            "gen_ai.system": "gcp.vertex.agent",
            "gen_ai.request.model": "gemini-2.5-flash",
            "gen_ai.usage.input_tokens": 1000,
            "gen_ai.usage.output_tokens": 60,
            "gcp.vertex.agent.session_id": "s-1",
            "gcp.vertex.agent.llm_request": json.dumps(
                {
                    "config": {"system_instruction": "Be brief."},
                    "contents": [
                        {"role": "user", "parts": [{"text": "hi"}]},
                        {"role": "model", "parts": [{"function_call": {"name": "f", "args": {"a": 1}}}]},
                        {
                            "role": "user",
                            "parts": [{"functionResponse": {"name": "f", "response": {"b": 2}}}],
                        },
                    ],
                }
            ),
            "gcp.vertex.agent.llm_response": json.dumps(
                {
                    "content": {"role": "model", "parts": [{"text": "hm", "thought": True}, {"text": "yo"}]},
                    "usage_metadata": {
                        "prompt_token_count": 1000,
                        "cached_content_token_count": 400,
                        "candidates_token_count": 60,
                        "thoughts_token_count": 140,
                        "prompt_tokens_details": [{"modality": "AUDIO", "token_count": 300}],
                    },
                }
            ),
        },
        "adk",
        "llm",
        {
            "gen_ai.provider.name": "gcp.gen_ai",
            "session.id": "s-1",
            IN: [
                _text("user", "hi"),
                {"role": "assistant", "parts": [{"type": "tool_call", "name": "f", "arguments": {"a": 1}}]},
                {"role": "user", "parts": [{"type": "tool_call_response", "response": {"b": 2}}]},
            ],
            OUT: [
                {
                    "role": "assistant",
                    "parts": [{"type": "reasoning", "content": "hm"}, {"type": "text", "content": "yo"}],
                }
            ],
            "gen_ai.system_instructions": [{"type": "text", "content": "Be brief."}],
            "gen_ai.usage.output_tokens": 200,
            "gen_ai.usage.reasoning.output_tokens": 140,
            "gen_ai.usage.cache_read.input_tokens": 400,
            "gen_ai.usage.audio.input_tokens": 300,
        },
    ),
    "LiteLLM's callback": (
        {
            "gen_ai.operation.name": "chat",
            "gen_ai.system": "anthropic",
            "gen_ai.usage.input_tokens": 2400,
            "gen_ai.usage.output_tokens": 50,
            "gen_ai.cost.total_cost": 0.003225,
            "metadata.usage_object": "{'completion_tokens': 50, 'prompt_tokens': 2400, "
            "'completion_tokens_details': {'reasoning_tokens': 20}, "
            "'prompt_tokens_details': {'audio_tokens': None, 'cache_write_tokens': 300, "
            "'cached_tokens': 2000}, "
            "'cache_creation_input_tokens': 300, 'cache_read_input_tokens': 2000}",
            "llm.is_streaming": "False",
            "llm.user": "u-1",
            "litellm.call_id": "c-1",
        },
        "litellm",
        "llm",
        {
            "gen_ai.usage.input_tokens": 2400,
            "gen_ai.usage.cache_read.input_tokens": 2000,
            "gen_ai.usage.cache_write.input_tokens": 300,
            "gen_ai.usage.reasoning.output_tokens": 20,
            "sightline.emitter.cost_usd": 0.003225,
            "user.id": "u-1",
        },
    ),
    "LiteLLM's calls of tools beside the messages": (
        {
            "gen_ai.operation.name": "chat",
            "gen_ai.output.messages": '[{"role": "assistant", "parts": [], "finish_reason": "tool_calls"}]',
            "gen_ai.completion.0.function_call.name": "find",
            "gen_ai.completion.0.function_call.arguments": '{"q": 1}',
            "gen_ai.completion.1.function_call.name": "ask",
            "gen_ai.completion.1.function_call.arguments": "{}",
            "litellm.call_id": "c",
        },
        "litellm",
        "llm",
        {
            OUT: [
                {
                    "role": "assistant",
                    "parts": [
                        {"type": "tool_call", "name": "find", "arguments": {"q": 1}},
                        {"type": "tool_call", "name": "ask", "arguments": {}},
                    ],
                    "finish_reason": "tool_calls",
                }
            ]
        },
    ),
    "Logfire OpenAI": (
        {
            "logfire.msg": "Chat Completion",
            "request_data": '{"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}]}',
            "response_data": '{"message": {"role": "assistant", "content": "yo"}, '
            '"usage": {"prompt_tokens": 3}}',
        },
        "logfire",
        "llm",
        {
            IN: [_text("user", "hi")],
            OUT: [_text("assistant", "yo")],
            "gen_ai.request.model": "gpt-4o",
            "gen_ai.usage.input_tokens": 3,
        },
    ),
    "Vercel inner call": (
        {
            "ai.operationId": "ai.generateText.doGenerate",
            "ai.model.provider": "openai.responses",
            "ai.model.id": "gpt-4o",
            "ai.usage.inputTokens": 9,
            "ai.usage.outputTokens": 2,
            "ai.response.finishReason": "tool-calls",
            "ai.response.msToFirstChunk": 250.0,
            "ai.prompt.messages": '[{"role":"user","content":[{"type":"text","text":"hi"}]}]',
            "ai.response.text": "let me look",
            "ai.response.toolCalls": '[{"toolCallId":"t1","toolName":"find","input":{"q":1}}]',
            "ai.prompt.tools": ['{"type":"function","name":"find"}'],
            "ai.telemetry.metadata.userId": "u",
            "ai.settings.context.sessionId": "s",
        },
        "vercel",
        "llm",
        {
            "gen_ai.provider.name": "openai",
            "gen_ai.response.time_to_first_chunk": 0.25,
            "gen_ai.response.finish_reasons": ["tool-calls"],
            IN: [_text("user", "hi")],
            OUT: [
                {
                    "role": "assistant",
                    "parts": [
                        {"type": "text", "content": "let me look"},
                        {"type": "tool_call", "id": "t1", "name": "find", "arguments": {"q": 1}},
                    ],
                }
            ],
            "gen_ai.tool.definitions": [{"type": "function", "name": "find"}],
            "user.id": "u",
            "session.id": "s",
        },
    ),
    "Vercel outer call is not a model call": (
        {"ai.operationId": "ai.generateText", "ai.model.id": "gpt-4o", "ai.usage.promptTokens": 9},
        "vercel",
        "workflow",
        {"gen_ai.usage.input_tokens": 9},
    ),
    "LangSmith": (
        {
            "langsmith.span.kind": "LLM",
            "langsmith.metadata.ls_provider": "google_genai",
            "langsmith.metadata.ls_model_name": "gemini-2.5-pro",
            "langsmith.span.tags": "a, b",
            "gen_ai.prompt": json.dumps(
                {
                    "messages": [
                        [
                            {
                                "lc": 1,
                                "type": "constructor",
                                "id": ["langchain", "schema", "messages", "HumanMessage"],
                                "kwargs": {"content": "hi", "type": "human"},
                            }
                        ]
                    ]
                }
            ),
        },
        "langsmith",
        "llm",
        {
            "gen_ai.provider.name": "gcp.gemini",
            "gen_ai.request.model": "gemini-2.5-pro",
            "sightline.tags": ["a", "b"],
            IN: [_text("user", "hi")],
        },
    ),
    "MLflow": (
        {
            "mlflow.spanType": '"CHAT_MODEL"',
            "mlflow.llm.model": '"gpt-4o"',
            "mlflow.chat.tokenUsage": '{"input_tokens": 4, "output_tokens": 2, "total_tokens": 6}',
            "mlflow.spanInputs": '{"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}]}',
            "mlflow.spanOutputs": '{"choices": [{"finish_reason": "stop", "message": {"role": "assistant", '
            '"content": "yo"}}]}',
            "mlflow.trace.session": '"s"',
        },
        "mlflow",
        "llm",
        {
            "gen_ai.response.model": "gpt-4o",
            "gen_ai.usage.input_tokens": 4,
            IN: [_text("user", "hi")],
            OUT: [{**_text("assistant", "yo"), "finish_reason": "stop"}],
            "session.id": "s",
        },
    ),
    "a guardrail of the conventions' draft": (
        {
            "gen_ai.operation.name": "run_guardrail",
            "gen_ai.guardrail.component.name": "pii",
            "gen_ai.guardrail.verdict.type": "deny",
            "gen_ai.guardrail.target.type": "input",
            "gen_ai.guardrail.target.subtype": "tool_call",
            "gen_ai.guardrail.security.risk.score": 0.9,
        },
        "gen_ai",
        "guardrail",
        {
            "sightline.guardrail.name": "pii",
            "sightline.guardrail.outcome": "block",
            "sightline.guardrail.stage": "tool",
            "sightline.guardrail.score": 0.9,
            "gen_ai.guardrail.verdict.type": "deny",
        },
    ),
    "a guardrail whose verdict was not followed": (
        {
            "gen_ai.operation.name": "run_guardrail",
            "gen_ai.guardrail.verdict.type": "deny",
            "gen_ai.guardrail.action.type": "allow",
            "gen_ai.guardrail.target.subtype": "llm",
            "gen_ai.guardrail.target.type": "output",
        },
        "gen_ai",
        "guardrail",
        {"sightline.guardrail.outcome": "warn", "sightline.guardrail.stage": "output"},
    ),
    "LiteLLM's guardrail": (
        {
            "openinference.span.kind": "GUARDRAIL",
            "guardrail_name": "pii",
            "guardrail_mode": "post_call",
            "guardrail_status": "guardrail_intervened",
        },
        "openinference",
        "guardrail",
        {
            "sightline.guardrail.name": "pii",
            "sightline.guardrail.outcome": "warn",
            "sightline.guardrail.stage": "output",
        },
    ),
    "LiteLLM's embedding": (
        {"gen_ai.operation.name": "aembedding", "gen_ai.request.model": "voyage-3", "litellm.call_id": "c"},
        "litellm",
        "embedding",
        {"gen_ai.request.model": "voyage-3"},
    ),
    "Google's Model Armor": (
        {
            "gen_ai.operation.name": "apply_guardrail",
            "gen_ai.guardian.name": "Model Armor",
            "gen_ai.security.decision.type": "deny",
            "gen_ai.security.target.type": "llm_input",
        },
        "gen_ai",
        "guardrail",
        {
            "sightline.guardrail.name": "Model Armor",
            "sightline.guardrail.outcome": "block",
            "sightline.guardrail.stage": "input",
        },
    ),
    "OpenLIT guard": (
        {"guard.name": "pii", "guard.verdict": "deny", "guard.phase": "preflight", "guard.score": 0.9},
        "openlit",
        "guardrail",
        {
            "sightline.guardrail.outcome": "block",
            "sightline.guardrail.stage": "input",
            "sightline.guardrail.name": "pii",
            "guard.verdict": "deny",
        },
    ),
    "Opik": (
        {
            "opik.span.type": "llm",
            "opik.model": "gpt-4o",
            "opik.usage": '{"prompt_tokens": 5, "completion_tokens": 1}',
            "opik.tags": '["x"]',
            "opik.input": '{"messages": [{"role": "user", "content": "hi"}]}',
            "opik.thread_id": "t",
        },
        "opik",
        "llm",
        {
            "gen_ai.usage.input_tokens": 5,
            "sightline.tags": ["x"],
            IN: [_text("user", "hi")],
            "session.id": "t",
        },
    ),
    "Genkit's call of a model": (
        {
            "genkit:metadata:subtype": "model",
            "genkit:name": "googleai/gemini-2.5-flash",
            "genkit:input": json.dumps(
                {
                    "messages": [
                        {"role": "user", "content": [{"text": "weather?"}]},
                        {
                            "role": "model",
                            "content": [
                                {"reasoning": "look"},
                                {"toolRequest": {"name": "weather", "ref": "c1", "input": {"city": "Bern"}}},
                            ],
                        },
                        {"role": "tool", "content": [{"toolResponse": {"ref": "c1", "output": {"t": 21}}}]},
                        {
                            "role": "user",
                            "content": [{"media": {"url": "https://x/a", "contentType": "image/png"}}],
                        },
                    ],
                    "config": {"temperature": 0.5, "maxOutputTokens": 9},
                    "tools": [{"name": "weather", "inputSchema": {"type": "object"}}],
                }
            ),
            "genkit:output": json.dumps(
                {
                    "message": {"role": "model", "content": [{"data": {"t": 21}}]},
                    "finishReason": "stop",
                    "usage": {
                        "inputTokens": 9,
                        "outputTokens": 2,
                        "thoughtsTokens": 3,
                        "cachedContentTokens": 4,
                    },
                }
            ),
            "genkit:metadata:agent:sessionId": "s",
        },
        "genkit",
        "llm",
        {
            "gen_ai.provider.name": "gcp.gemini",
            "gen_ai.request.model": "gemini-2.5-flash",
            "gen_ai.request.temperature": 0.5,
            "gen_ai.request.max_tokens": 9,
            "gen_ai.usage.input_tokens": 9,
            "gen_ai.usage.cache_read.input_tokens": 4,
            "gen_ai.usage.output_tokens": 5,
            "gen_ai.usage.reasoning.output_tokens": 3,
            "gen_ai.response.finish_reasons": ["stop"],
            "gen_ai.tool.definitions": [
                {"type": "function", "name": "weather", "parameters": {"type": "object"}}
            ],
            "session.id": "s",
            IN: [
                _text("user", "weather?"),
                {
                    "role": "assistant",
                    "parts": [
                        {"type": "reasoning", "content": "look"},
                        {"type": "tool_call", "id": "c1", "name": "weather", "arguments": {"city": "Bern"}},
                    ],
                },
                {
                    "role": "tool",
                    "parts": [{"type": "tool_call_response", "id": "c1", "response": {"t": 21}}],
                },
                {
                    "role": "user",
                    "parts": [
                        {
                            "type": "uri",
                            "modality": "image",
                            "uri": "https://x/a",
                            "mime_type": "image/png",
                        }
                    ],
                },
            ],
            OUT: [_text("assistant", '{"t":21}')],
        },
    ),
    "Genkit's call with what the provider answered": (
        {
            "genkit:metadata:subtype": "model",
            "genkit:name": "anthropic/claude-x",
            "genkit:output": json.dumps(
                {
                    "candidates": [{"message": {"role": "model", "content": [{"text": "hi"}]}}],
                    "custom": {
                        "id": "msg_1",
                        "stop_reason": "end_turn",
                        "usage": {"input_tokens": 5, "output_tokens": 2, "cache_read_input_tokens": 4},
                    },
                    "usage": {"inputTokens": 5, "outputTokens": 2},
                }
            ),
        },
        "genkit",
        "llm",
        {
            "gen_ai.response.id": "msg_1",
            "gen_ai.response.finish_reasons": ["end_turn"],
            "gen_ai.usage.input_tokens": 9,
            "gen_ai.usage.cache_read.input_tokens": 4,
            OUT: [_text("assistant", "hi")],
        },
    ),
    "Genkit's flow": (
        {"genkit:metadata:subtype": "flow", "genkit:name": "answer", "genkit:input": '"weather?"'},
        "genkit",
        "workflow",
        {"sightline.input": "weather?", "genkit:name": "answer", "gen_ai.request.model": None},
    ),
    "Genkit's retriever": (
        {
            "genkit:metadata:subtype": "retriever",
            "genkit:output": '{"documents": [{"content": [{"text": "a"}], "metadata": {"page": 3}}]}',
        },
        "genkit",
        "retrieval",
        {"gen_ai.retrieval.documents": [{"content": "a", "metadata": {"page": 3}}]},
    ),
    "Mastra's agent": (
        {
            "gen_ai.operation.name": "invoke_agent",
            "mastra.span.type": "agent_run",
            "mastra.agent_run.input": "weather?",
            "mastra.agent_run.output": '{"text": "sunny"}',
            "mastra.metadata.sessionId": "s",
            "mastra.metadata.userId": "u",
            "mastra.metadata.runId": "r",
            "mastra.tags": '["a"]',
        },
        "mastra",
        "agent",
        {
            "sightline.input": "weather?",
            OUT: [_text("assistant", "sunny")],
            "session.id": "s",
            "user.id": "u",
            "sightline.tags": ["a"],
            "mastra.metadata.runId": "r",
        },
    ),
    "Mastra's call, whose cache keeps some for an hour": (
        {
            "gen_ai.operation.name": "chat",
            "mastra.span.type": "model_inference",
            "gen_ai.usage.input_tokens": 50,
            "gen_ai.usage.cache_creation.input_tokens": 40,
            "gen_ai.usage.cache_creation.1h_input_tokens": 30,
        },
        "mastra",
        "llm",
        {
            "gen_ai.usage.input_tokens": 50,
            "gen_ai.usage.cache_write.input_tokens": 40,
            "sightline.usage.cache_write_1h.input_tokens": 30,
        },
    ),
    "Sentry's call": (
        {
            "gen_ai.operation.name": "chat",
            "gen_ai.request.messages": '[{"role": "user", "content": "weather?"}]',
            "gen_ai.request.available_tools": '[{"type": "function", "function": {"name": "weather"}}]',
            "gen_ai.response.streaming": True,
            "gen_ai.response.text": '["I look.", ""]',
            "gen_ai.response.tool_calls": '[{"type": "tool_use", "id": "c1", "name": "w", "input": {}}]',
            "sentry.op": "gen_ai.chat",
        },
        "sentry",
        "llm",
        {
            "gen_ai.request.stream": True,
            "gen_ai.tool.definitions": [{"type": "function", "name": "weather"}],
            "sentry.op": "gen_ai.chat",
            IN: [_text("user", "weather?")],
            OUT: [
                {
                    "role": "assistant",
                    "parts": [
                        {"type": "text", "content": "I look."},
                        {"type": "tool_call", "id": "c1", "name": "w", "arguments": {}},
                    ],
                }
            ],
        },
    ),
    "Sentry's stream of the Responses API, whose calls are all items": (
        {
            "gen_ai.operation.name": "chat",
            "gen_ai.response.text": "sunny",
            "gen_ai.response.tool_calls": json.dumps(
                [
                    {"type": "reasoning", "summary": [{"type": "summary_text", "text": "look"}]},
                    {"type": "message", "content": [{"type": "output_text", "text": "sunny"}]},
                ]
            ),
        },
        "sentry",
        "llm",
        {
            OUT: [
                {
                    "role": "assistant",
                    "parts": [
                        {"type": "reasoning", "content": "look"},
                        {"type": "text", "content": "sunny"},
                    ],
                }
            ]
        },
    ),
    "Sentry's tool": (
        {
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.input": '{"city": "Bern"}',
            "gen_ai.tool.output": "sunny",
        },
        "sentry",
        "tool",
        {"sightline.input": {"city": "Bern"}, "sightline.output": "sunny"},
    ),
    "Claude Code's request, whose cached tokens stand beside the input": (
        {
            "span.type": "llm_request",
            "llm_request.context": "interaction",
            "terminal.type": "vscode",
            "gen_ai.system": "anthropic",
            "gen_ai.request.model": "claude-x",
            "input_tokens": 50,
            "output_tokens": 45,
            "cache_read_tokens": 30,
            "cache_creation_tokens": 40,
            "speed": "fast",
            "ttft_ms": 204,
            "status_code": 200,
        },
        "claude_code",
        "llm",
        {
            "gen_ai.usage.input_tokens": 120,
            "gen_ai.usage.output_tokens": 45,
            "gen_ai.usage.cache_read.input_tokens": 30,
            "gen_ai.usage.cache_write.input_tokens": 40,
            "openai.response.service_tier": "fast",
            "gen_ai.response.time_to_first_chunk": 0.204,
            "gen_ai.request.stream": True,
            "http.response.status_code": 200,
            "llm_request.context": "interaction",
        },
    ),
    "Claude Code's tool": (
        {
            "span.type": "tool",
            "terminal.type": "vscode",
            "tool_name": "Bash",
            "full_command": "ls",
            "duration_ms": 3,
        },
        "claude_code",
        "tool",
        {"gen_ai.tool.name": "Bash", "sightline.input": "ls", "duration_ms": 3},
    ),
    "Claude Code's turn": (
        {"span.type": "interaction", "interaction.sequence": 1, "user_prompt": "say hi"},
        "claude_code",
        "agent",
        {"sightline.input": "say hi"},
    ),
    "Claude Code's turn that says nothing": (
        {"span.type": "interaction", "interaction.sequence": 1, "user_prompt": "<REDACTED>"},
        "claude_code",
        "agent",
        {"sightline.input": None, "user_prompt": "<REDACTED>"},
    ),
    "a span type of somebody else": (
        {"span.type": "tool", "tool_name": "x", "input_tokens": 5},
        "",
        "internal",
        {"span.type": "tool", "tool_name": "x", "input_tokens": 5},
    ),
    "Gemini CLI's span of a call, which its events count, with messages as Gemini's API has them": (
        {
            "gen_ai.operation.name": "llm_call",
            IN: json.dumps(
                [
                    {"role": "user", "parts": [{"text": "hi"}]},
                    {"role": "model", "parts": [{"functionCall": {"id": "c1", "name": "w", "args": {}}}]},
                ]
            ),
            OUT: json.dumps([{"role": "model", "parts": [{"text": "look", "thought": True}]}]),
        },
        "gen_ai",
        "internal",
        {
            IN: [
                _text("user", "hi"),
                {
                    "role": "assistant",
                    "parts": [{"type": "tool_call", "id": "c1", "name": "w", "arguments": {}}],
                },
            ],
            OUT: [{"role": "assistant", "parts": [{"type": "reasoning", "content": "look"}]}],
        },
    ),
    "Spring AI's tool": (
        {
            "gen_ai.operation.name": "framework",
            "spring.ai.kind": "tool_call",
            "spring.ai.tool.definition.name": "weather",
            "spring.ai.tool.call.arguments": "{}",
            "spring.ai.tool.call.result": "21",
        },
        "spring_ai",
        "tool",
        {
            "gen_ai.tool.name": "weather",
            "gen_ai.tool.call.arguments": {},
            "gen_ai.tool.call.result": "21",
        },
    ),
    "Spring AI's search": (
        {
            "spring.ai.kind": "vector_store",
            "db.operation.name": "query",
            "db.vector.query.content": "weather?",
        },
        "spring_ai",
        "retrieval",
        {"gen_ai.retrieval.query.text": "weather?", "db.operation.name": "query"},
    ),
    "Spring AI's store that is written to": (
        {"spring.ai.kind": "vector_store", "db.operation.name": "add"},
        "spring_ai",
        "internal",
        {"db.operation.name": "add"},
    ),
    "Higress, whose spans of calls have a kind and no operation": (
        {
            "gen_ai.span.kind": "LLM",
            "gen_ai.model_name": "qwen-max",
            "gen_ai.session.id": "s",
            "input.value": '[{"role": "user", "content": "hi"}]',
            "output.value": "hello",
            "gen_ai.usage.input_tokens": 9,
        },
        "arms",
        "llm",
        {
            "gen_ai.request.model": "qwen-max",
            "session.id": "s",
            "gen_ai.usage.input_tokens": 9,
            IN: [_text("user", "hi")],
            OUT: [_text("assistant", "hello")],
        },
    ),
    "LoongSuite's chain": (
        {"gen_ai.span.kind": "CHAIN", "input.value": "q", "output.value": "a"},
        "arms",
        "workflow",
        {"sightline.input": "q", "sightline.output": "a"},
    ),
    "Laminar's observed function": (
        {
            "lmnr.span.type": "DEFAULT",
            "lmnr.span.input": '{"q": "weather?"}',
            "lmnr.span.output": '"sunny"',
            "lmnr.association.properties.session_id": "s",
            "lmnr.association.properties.user_id": "u",
            "lmnr.association.properties.tags": '["t"]',
        },
        "laminar",
        "internal",
        {
            "sightline.input": {"q": "weather?"},
            "sightline.output": "sunny",
            "session.id": "s",
            "user.id": "u",
            "sightline.tags": ["t"],
        },
    ),
    "Laminar's call by hand": (
        {"lmnr.span.type": "LLM", "lmnr.span.input": '[{"role": "user", "content": "hi"}]'},
        "laminar",
        "llm",
        {IN: [_text("user", "hi")]},
    ),
    "Laminar's embedding, which OpenLLMetry made": (
        {"lmnr.span.type": "LLM", "llm.request.type": "embedding", "gen_ai.request.model": "m"},
        "traceloop",
        "embedding",
        {"gen_ai.request.model": "m"},
    ),
    "Laminar's tool": (
        {"lmnr.span.type": "TOOL", "lmnr.span.output": '{"t": 21}'},
        "laminar",
        "tool",
        {"sightline.output": {"t": 21}},
    ),
    "an answer whose messages alone say why it ended": (
        {
            "gen_ai.operation.name": "chat",
            OUT: json.dumps([{**_text("assistant", "hel"), "finish_reason": "length"}]),
        },
        "gen_ai",
        "llm",
        {"gen_ai.response.finish_reasons": ["length"]},
    ),
    "Haystack's generator": (
        {
            "haystack.component.name": "llm",
            "haystack.component.type": "OpenAIChatGenerator",
            "haystack.component.input": json.dumps(
                {
                    "messages": [
                        {"role": "user", "meta": {}, "name": None, "content": [{"text": "weather?"}]},
                        {
                            "role": "tool",
                            "content": [{"tool_call_result": {"result": "21", "origin": {"id": "c1"}}}],
                        },
                    ]
                }
            ),
            "haystack.component.output": json.dumps(
                {
                    "replies": [
                        {
                            "role": "assistant",
                            "meta": {
                                "model": "gpt-x",
                                "finish_reason": "stop",
                                "usage": {
                                    "prompt_tokens": 9,
                                    "completion_tokens": 2,
                                    "prompt_tokens_details": {"cached_tokens": 4},
                                },
                            },
                            "content": [
                                {"tool_call": {"tool_name": "w", "arguments": {}, "id": "c2"}},
                                {"text": "hi"},
                            ],
                        }
                    ]
                }
            ),
        },
        "haystack",
        "llm",
        {
            "gen_ai.provider.name": "openai",
            "gen_ai.response.model": "gpt-x",
            "gen_ai.response.finish_reasons": ["stop"],
            "gen_ai.usage.input_tokens": 9,
            "gen_ai.usage.cache_read.input_tokens": 4,
            "gen_ai.usage.output_tokens": 2,
            "haystack.component.name": "llm",
            IN: [
                _text("user", "weather?"),
                {"role": "tool", "parts": [{"type": "tool_call_response", "id": "c1", "response": "21"}]},
            ],
            OUT: [
                {
                    "role": "assistant",
                    "parts": [
                        {"type": "tool_call", "id": "c2", "name": "w", "arguments": {}},
                        {"type": "text", "content": "hi"},
                    ],
                }
            ],
        },
    ),
    "Haystack's retriever": (
        {
            "haystack.component.type": "InMemoryBM25Retriever",
            "haystack.component.input": '{"query": "Bern"}',
            "haystack.component.output": '{"documents": [{"id": "d", "content": "sunny", "score": 0.5}]}',
        },
        "haystack",
        "retrieval",
        {"gen_ai.retrieval.documents": [{"id": "d", "content": "sunny", "score": 0.5}]},
    ),
    "Haystack's pipeline": (
        {"haystack.pipeline.input_data": '{"q": 1}', "haystack.pipeline.output_data": "{}"},
        "haystack",
        "workflow",
        {"sightline.input": {"q": 1}},
    ),
    "a model's turn of Haystack's agent": (
        {
            "haystack.agent.step.llm.input": '{"messages": [{"role": "user", "content": [{"text": "hi"}]}]}',
            "haystack.agent.step.llm.output": '{"replies": [{"content": [{"text": "hello"}], "meta": {}}]}',
        },
        "haystack",
        "llm",
        {IN: [_text("user", "hi")], OUT: [_text("assistant", "hello")]},
    ),
    "a tool of Haystack's agent": (
        {"haystack.tool.name": "w", "haystack.agent.step.tool.input": '{"city": "Bern"}'},
        "haystack",
        "tool",
        {"gen_ai.tool.name": "w", "sightline.input": {"city": "Bern"}},
    ),
    "Haystack's agent": (
        {"haystack.agent.max_steps": 9, "haystack.agent.input": "{}"},
        "haystack",
        "agent",
        {"sightline.input": {}},
    ),
    "cached tokens beside the total are included": (
        {
            "gen_ai.operation.name": "chat",
            "gen_ai.usage.input_tokens": 10,
            "gen_ai.usage.cache_read_input_tokens": 100,
        },
        "otel_legacy",
        "llm",
        {"gen_ai.usage.input_tokens": 110},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_dialect_becomes_the_vocabulary(name: str) -> None:
    raw, dialect, kind, expected = CASES[name]
    found = normalise(copy.deepcopy(raw))
    assert (found.dialect, found.kind) == (dialect, kind)
    for attribute, value in expected.items():
        actual = found.attributes.get(attribute)
        if isinstance(actual, str) and not isinstance(value, str) and value is not None:
            actual = json.loads(actual)
        assert actual == value, attribute


@pytest.mark.parametrize("name", CASES)
def test_normalising_an_example_twice_equals_once(name: str) -> None:
    once = normalise(copy.deepcopy(CASES[name][0]))
    twice = normalise(copy.deepcopy(once.attributes))
    assert twice.attributes == once.attributes
    assert twice.kind == once.kind


@pytest.mark.parametrize("kind", [["llm"], {"kind": "llm"}, 7])
def test_a_kind_that_is_no_text_is_none(kind: Any) -> None:
    found = normalise({"sightline.span.kind": kind, "llm.provider": "openai", "input.value": "hi"})
    assert (found.kind, found.attributes["sightline.input"]) == ("internal", "hi")


@pytest.mark.parametrize("name", CASES)
def test_no_dialect_ends_at_a_kind_that_is_no_text(name: str) -> None:
    kinds: tuple[Any, ...] = (["llm"], {"kind": "llm"}, 7)
    for kind in kinds:
        found = normalise({**copy.deepcopy(CASES[name][0]), "sightline.span.kind": kind})
        assert found.attributes["sightline.span.kind"] in (kind, found.kind)


def test_a_name_with_another_value_than_the_canonical_one_is_kept() -> None:
    found = normalise({"gen_ai.usage.input_tokens": 5, "gen_ai.usage.prompt_tokens": 6, "mine": "x"})
    assert found.attributes == {"gen_ai.usage.input_tokens": 5, "gen_ai.usage.prompt_tokens": 6, "mine": "x"}


_NAMES = sorted(
    {name for dialect in DIALECTS for name in dialect.renames}
    | {target for dialect in DIALECTS for target in dialect.renames.values()}
    | {dialect.kind_attribute for dialect in DIALECTS if dialect.kind_attribute}
    | {name for raw, *_ in CASES.values() for name in raw}
    | {prefix + "0.role" for dialect in DIALECTS for prefix in dialect.prefixes}
    | {prefix + "0.content" for dialect in DIALECTS for prefix in dialect.prefixes}
    | {"input.value", "output.value", "sightline.span.kind", "gen_ai.usage.total_tokens", IN, OUT}
    | {"gen_ai.tool.definitions", "gen_ai.usage.raw", "gen_ai.usage.input_token_details", "metadata"}
    | {
        "ai.response.reasoning",
        "langfuse.observation.input",
        "mlflow.spanOutputs",
        "langsmith.usage_metadata",
    }
)
_WORDS = [word for dialect in DIALECTS for word in dialect.kinds] + [
    "chat", "llm", "tool", "google",
    '["stop"]', '{"a": 1}', '"quoted"', "[]", "{}", "[[", '[{"role": "user"}]',
    '[{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,A"}}]}]',
    '[{"role": "tool", "content": "x", "tool_call_id": "1"}]',
    '{"messages": [{"role": "ai", "content": null}]}',
    '[{"type": "function_call", "name": "f", "arguments": "{}", "call_id": "c"}]', "\ud800",
    '{"args": [[{"role": "user", "content": "x"}]], "kwargs": {"model": "m"}}', '{"output": null}',
    '[{"role": "user", "content": "x"}, {"role": "tool", "content": {"function": {"name": "f"}}}]',
    '[{"function": {"name": "f"}}, {"toolSpec": {"name": "g", "inputSchema": {"json": {"json": {}}}}}]',
    '{"generations": [[{"message": {"kwargs": {"usage_metadata": {"input_tokens": 1}}}}]]}',
    '{"custom": {"usage": {"input_tokens": 9}}, "message": {"content": [{"toolRequest": {"name": "f"}}]}}',
    "{'cache_read': 1}", '[{"role": "unknown", "parts": []}]',
]  # fmt: skip
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 300) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "role",
                    "content",
                    "parts",
                    "type",
                    "text",
                    "name",
                    "id",
                    "tool_calls",
                    "function",
                    "message",
                ]
            ),
            inner | st.sampled_from(["text", "tool", "user", "image", "file", "reasoning", "tool_call"]),
            max_size=4,
        )
    ),
    max_leaves=12,
)
_VALUES = (
    st.sampled_from(_WORDS) | st.integers(0, 1000) | st.booleans() | st.floats(0, 1) | _JSON.map(json.dumps)
)


@settings(max_examples=400)
@given(st.dictionaries(st.sampled_from(_NAMES), _VALUES, max_size=10))
def test_normalising_twice_equals_once(attributes: Any) -> None:
    once = normalise(attributes)
    twice = normalise(copy.deepcopy(once.attributes))
    assert twice.attributes == once.attributes
    assert twice.kind == once.kind


@settings(max_examples=300)
@given(_JSON)
def test_converting_messages_twice_equals_once(value: Any) -> None:
    once = to_messages(value, role="user")
    if once:
        assert to_messages(copy.deepcopy(once), role="user") == once


def test_a_hostile_index_costs_nothing() -> None:
    found = normalise(
        {
            "openinference.span.kind": "LLM",
            "llm.input_messages.999999999.message.role": "user",
            "llm.input_messages.999999999.message.content": "hi",
        }
    )
    assert json.loads(str(found.attributes[IN])) == [_text("user", "hi")]
