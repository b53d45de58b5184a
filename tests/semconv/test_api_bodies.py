"""What emitters leave inside whole request and response bodies reaches the vocabulary."""

import copy
import json
from typing import Any

import pytest

from sightline_semconv.dialects import Attributes, normalise

REQUEST = {
    "model": "gpt-4o",
    "temperature": 0.5,
    "tools": [{"type": "function", "name": "weather"}],
    "messages": [{"role": "user", "content": "hi"}],
}
RESPONSE = {
    "id": "chatcmpl-1",
    "model": "gpt-4o-2024-08-06",
    "system_fingerprint": "fp_1",
    "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "hello"}}],
    "usage": {
        "prompt_tokens": 9,
        "completion_tokens": 2,
        "prompt_tokens_details": {"cached_tokens": 4},
        "completion_tokens_details": {"reasoning_tokens": 1},
    },
}
SAID: dict[str, Any] = {
    "gen_ai.request.model": "gpt-4o",
    "gen_ai.request.temperature": 0.5,
    "gen_ai.tool.definitions": '[{"type":"function","name":"weather"}]',
    "gen_ai.response.model": "gpt-4o-2024-08-06",
    "gen_ai.response.id": "chatcmpl-1",
    "gen_ai.response.finish_reasons": ["stop"],
    "openai.response.system_fingerprint": "fp_1",
    "gen_ai.usage.input_tokens": 9,
    "gen_ai.usage.cache_read.input_tokens": 4,
    "gen_ai.usage.output_tokens": 2,
    "gen_ai.usage.reasoning.output_tokens": 1,
}
HI = '[{"role":"user","parts":[{"type":"text","content":"hi"}]}]'
HUMAN = {"lc": 1, "id": ["langchain", "schema", "messages", "HumanMessage"], "kwargs": {"content": "hi"}}
AI = {"lc": 1, "id": ["langchain", "schema", "messages", "AIMessage"], "kwargs": {"content": "hello"}}
STREAMED = {
    "lc": 1,
    "id": ["langchain", "schema", "messages", "AIMessageChunk"],
    "kwargs": {
        "content": "hello",
        "id": "lc_run--1",
        "response_metadata": {"id": "msg_1", "model_name": "claude-x", "stop_reason": "end_turn"},
        "usage_metadata": {
            "input_tokens": 30,
            "output_tokens": 2,
            "input_token_details": {"cache_read": 4, "cache_creation": 0, "ephemeral_5m_input_tokens": 5},
        },
    },
}
FOUND = [{"page_content": "a text", "metadata": {"page": 1}, "type": "Document"}]
DOCUMENTS = '[{"metadata":{"page":1},"content":"a text"}]'

CASES: dict[str, tuple[Attributes, dict[str, Any]]] = {
    "MLflow call": (
        {
            "mlflow.spanType": '"CHAT_MODEL"',
            "mlflow.spanInputs": json.dumps(REQUEST),
            "mlflow.spanOutputs": json.dumps(RESPONSE),
        },
        SAID,
    ),
    "LangSmith's wrapper of OpenAI": (
        {
            "langsmith.span.kind": "llm",
            "gen_ai.prompt": json.dumps(REQUEST),
            "gen_ai.completion": json.dumps(RESPONSE),
        },
        SAID,
    ),
    "OpenInference call whose output is the whole response": (
        {
            "openinference.span.kind": "LLM",
            "llm.output_messages.0.message.role": "assistant",
            "llm.output_messages.0.message.content": "hello",
            "output.value": json.dumps(RESPONSE),
        },
        {"gen_ai.response.id": "chatcmpl-1", "openai.response.system_fingerprint": "fp_1"},
    ),
    "LangChain through LangSmith": (
        {
            "langsmith.span.kind": "llm",
            "gen_ai.prompt": json.dumps({"messages": [[HUMAN]]}),
            "gen_ai.completion": json.dumps(
                {"generations": [[{"message": AI}]], "llm_output": {"model_name": "gpt-4o-2024-08-06"}}
            ),
            "gen_ai.usage.input_token_details": '{"cache_read": 4}',
            "gen_ai.usage.output_token_details": '{"reasoning": 1}',
        },
        {
            "gen_ai.response.model": "gpt-4o-2024-08-06",
            "gen_ai.usage.cache_read.input_tokens": 4,
            "gen_ai.usage.reasoning.output_tokens": 1,
            "gen_ai.output.messages": '[{"role":"assistant","parts":[{"type":"text","content":"hello"}]}]',
        },
    ),
    "Anthropic's API, which counts what its cache had beside the input": (
        {
            "langsmith.span.kind": "llm",
            "gen_ai.completion": json.dumps(
                {
                    "role": "assistant",
                    "content": "hello",
                    "usage": {
                        "input_tokens": 50,
                        "cache_read_input_tokens": 20,
                        "cache_creation_input_tokens": 10,
                        "output_tokens": 2,
                    },
                }
            ),
        },
        {
            "gen_ai.usage.input_tokens": 80,
            "gen_ai.usage.cache_read.input_tokens": 20,
            "gen_ai.usage.cache_write.input_tokens": 10,
        },
    ),
    "LangChain's stream, whose facts stand in the message alone": (
        {
            "langsmith.span.kind": "llm",
            "langsmith.request.streaming": True,
            "gen_ai.completion": json.dumps(
                {"generations": [[{"generation_info": None, "message": STREAMED}]], "llm_output": None}
            ),
        },
        {
            "gen_ai.request.stream": True,
            "gen_ai.response.id": "msg_1",
            "gen_ai.response.model": "claude-x",
            "gen_ai.response.finish_reasons": ["end_turn"],
            "gen_ai.usage.input_tokens": 30,
            "gen_ai.usage.output_tokens": 2,
            "gen_ai.usage.cache_read.input_tokens": 4,
            "gen_ai.usage.cache_write.input_tokens": 5,
        },
    ),
    "LangChain's two choices": (
        {
            "langsmith.span.kind": "llm",
            "gen_ai.completion": json.dumps(
                {
                    "generations": [
                        [
                            {"generation_info": {"finish_reason": "stop"}, "message": AI},
                            {"generation_info": {"finish_reason": "length"}, "message": AI},
                        ]
                    ],
                    "llm_output": {"token_usage": {"prompt_tokens": 9, "completion_tokens": 4}},
                }
            ),
        },
        {"gen_ai.response.finish_reasons": ["stop", "length"], "gen_ai.usage.output_tokens": 4},
    ),
    "searches that a response of OpenAI's was billed for": (
        {
            "langsmith.span.kind": "llm",
            "gen_ai.completion": json.dumps(
                {
                    "id": "resp_1",
                    "model": "gpt-4o",
                    "output": [
                        {"type": "web_search_call", "status": "completed", "action": {"type": "search"}},
                        {"type": "web_search_call", "status": "completed", "action": {"type": "open_page"}},
                        {"type": "web_search_call", "status": "failed", "action": {"type": "search"}},
                        {"type": "web_search_call", "status": "completed"},
                        {"type": "file_search_call", "status": "completed", "queries": ["a", "b"]},
                        {"type": ["odd"]},
                        "odd",
                    ],
                }
            ),
        },
        {"sightline.usage.web_searches": 2, "sightline.usage.file_searches": 1},
    ),
    "searches that an answer of Anthropic's was billed for": (
        {
            "langsmith.span.kind": "llm",
            "gen_ai.completion": json.dumps(
                {
                    "id": "msg_1",
                    "type": "message",
                    "model": "claude-x",
                    "usage": {"input_tokens": 9, "server_tool_use": {"web_search_requests": 3}},
                }
            ),
        },
        {"sightline.usage.web_searches": 3, "sightline.usage.file_searches": None},
    ),
    "Anthropic's fast mode, whose tier is the usual one": (
        {
            "langsmith.span.kind": "llm",
            "gen_ai.completion": json.dumps(
                {
                    "id": "msg_1",
                    "type": "message",
                    "model": "claude-x",
                    "usage": {"input_tokens": 9, "service_tier": "standard", "speed": "fast"},
                }
            ),
        },
        {"gen_ai.usage.input_tokens": 9, "openai.response.service_tier": "fast"},
    ),
    "Anthropic's usual speed, and how fast OpenAI was to speak": (
        {
            "langsmith.span.kind": "llm",
            "gen_ai.prompt": json.dumps({"model": "tts-x", "speed": 1.25, "input": "hi"}),
            "gen_ai.completion": json.dumps(
                {**RESPONSE, "usage": {"prompt_tokens": 9, "service_tier": "standard", "speed": "standard"}}
            ),
        },
        {"openai.request.service_tier": None, "openai.response.service_tier": "standard"},
    ),
    "sounds and images of an answer and of what was asked": (
        {
            "langsmith.span.kind": "llm",
            "gen_ai.completion": json.dumps(
                {
                    **RESPONSE,
                    "usage": {
                        "prompt_tokens": 90,
                        "completion_tokens": 50,
                        "prompt_tokens_details": {"audio_tokens": 30, "image_tokens": 20, "cached_tokens": 0},
                        "completion_tokens_details": {"audio_tokens": 40, "image_tokens": 5},
                    },
                }
            ),
        },
        {
            "gen_ai.usage.audio.input_tokens": 30,
            "gen_ai.usage.image.input_tokens": 20,
            "gen_ai.usage.audio.output_tokens": 40,
            "gen_ai.usage.image.output_tokens": 5,
        },
    ),
    "LangSmith's token details as Python prints them": (
        {
            "langsmith.span.kind": "llm",
            "gen_ai.usage.input_tokens": 900,
            "gen_ai.usage.input_token_details": "{'audio': None, 'cache_read': 7, "
            "'ephemeral_5m_input_tokens': 20, 'ephemeral_1h_input_tokens': 3}",
            "gen_ai.usage.output_token_details": "{'reasoning': 6}",
        },
        {
            "gen_ai.usage.cache_read.input_tokens": 7,
            "gen_ai.usage.cache_write.input_tokens": 23,
            "gen_ai.usage.reasoning.output_tokens": 6,
            "gen_ai.usage.input_token_details": None,
            "gen_ai.usage.output_token_details": None,
        },
    ),
    "Langfuse's decorator, whose input is how a function was called": (
        {
            "langfuse.observation.type": "generation",
            "langfuse.observation.input": json.dumps(
                {"args": [7, [{"role": "user", "content": "hi"}]], "kwargs": {"temperature": 0.5}}
            ),
        },
        {"gen_ai.input.messages": HI, "gen_ai.request.temperature": 0.5, "langfuse.observation.input": None},
    ),
    "Langfuse's decorator with a conversation by its name": (
        {
            "langfuse.observation.type": "generation",
            "langfuse.observation.input": json.dumps(
                {"args": [], "kwargs": {"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}]}}
            ),
        },
        {"gen_ai.input.messages": HI, "gen_ai.request.model": "gpt-4o"},
    ),
    "Langfuse's decorator without a conversation": (
        {
            "langfuse.observation.type": "generation",
            "langfuse.observation.input": '{"args": ["a"], "kwargs": {}}',
        },
        {
            "gen_ai.input.messages": '[{"role":"user","parts":'
            '[{"type":"text","content":"{\\"args\\": [\\"a\\"], \\"kwargs\\": {}}"}]}]'
        },
    ),
    "Langfuse's handler for LangChain, which appends tools to the messages": (
        {
            "langfuse.observation.type": "generation",
            "langfuse.observation.input": json.dumps(
                [
                    {"role": "user", "content": "hi"},
                    {"role": "tool", "content": {"type": "function", "function": {"name": "w"}}},
                    {"role": "tool", "content": {"name": "v", "input_schema": {"type": "object"}}},
                ]
            ),
        },
        {
            "gen_ai.input.messages": HI,
            "gen_ai.tool.definitions": '[{"type":"function","name":"w"},'
            '{"type":"function","name":"v","parameters":{"type":"object"}}]',
        },
    ),
    "Langfuse with OpenAI's own usage": (
        {
            "langfuse.observation.type": "generation",
            "langfuse.observation.usage_details": json.dumps(RESPONSE["usage"]),
        },
        {
            "gen_ai.usage.input_tokens": 9,
            "gen_ai.usage.cache_read.input_tokens": 4,
            "gen_ai.usage.reasoning.output_tokens": 1,
        },
    ),
    "Vercel 4, where the provider says what was cached": (
        {
            "ai.operationId": "ai.generateText.doGenerate",
            "ai.usage.promptTokens": 10,
            "ai.response.providerMetadata": '{"openai": {"cachedPromptTokens": 4, "reasoningTokens": 1}}',
        },
        {"gen_ai.usage.cache_read.input_tokens": 4, "gen_ai.usage.reasoning.output_tokens": 1},
    ),
    "Vercel 5, whose tools and results are typed": (
        {
            "ai.operationId": "ai.generateText.doGenerate",
            "ai.prompt.tools": ['{"type": "function", "name": "w", "inputSchema": {"type": "object"}}'],
            "ai.prompt.messages": json.dumps(
                [
                    {
                        "role": "tool",
                        "content": [
                            {
                                "type": "tool-result",
                                "toolCallId": "c",
                                "output": {"type": "json", "value": {"t": 1}},
                            }
                        ],
                    }
                ]
            ),
        },
        {
            "gen_ai.tool.definitions": '[{"type":"function","name":"w","parameters":{"type":"object"}}]',
            "gen_ai.input.messages": '[{"role":"tool","parts":'
            '[{"type":"tool_call_response","id":"c","response":{"t":1}}]}]',
        },
    ),
    "Vercel 6, where the model has thought before": (
        {
            "ai.operationId": "ai.generateText.doGenerate",
            "ai.response.text": "hello",
            "ai.response.reasoning": "greet back",
        },
        {
            "gen_ai.output.messages": '[{"role":"assistant","parts":'
            '[{"type":"reasoning","content":"greet back"},{"type":"text","content":"hello"}]}]',
            "ai.response.text": None,
            "ai.response.reasoning": None,
        },
    ),
    "LangSmith's stream in JavaScript, whose usage is an attribute of its own": (
        {
            "langsmith.span.kind": "llm",
            "gen_ai.completion": '{"role": "assistant", "content": "hello"}',
            "langsmith.usage_metadata": json.dumps(
                {
                    "input_tokens": 9,
                    "output_tokens": 2,
                    "input_token_details": {"cache_read": 4},
                    "output_token_details": {"reasoning": 1},
                }
            ),
        },
        {
            "gen_ai.usage.input_tokens": 9,
            "gen_ai.usage.cache_read.input_tokens": 4,
            "gen_ai.usage.output_tokens": 2,
            "gen_ai.usage.reasoning.output_tokens": 1,
        },
    ),
    "an answer of the Responses API": (
        {
            "openinference.span.kind": "LLM",
            "output.value": json.dumps(
                {"id": "resp_1", "status": "completed", "output": [{"type": "function_call", "name": "w"}]}
            ),
        },
        {"gen_ai.response.id": "resp_1", "gen_ai.response.finish_reasons": ["tool_calls"]},
    ),
    "an answer of the Responses API that was cut": (
        {
            "openinference.span.kind": "LLM",
            "output.value": json.dumps(
                {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}, "output": []}
            ),
        },
        {"gen_ai.response.finish_reasons": ["length"]},
    ),
    "LangChain.js under OpenInference, where only metadata names the host": (
        {"openinference.span.kind": "LLM", "metadata": '{"ls_provider": "azure", "user_id": 7}'},
        {"gen_ai.provider.name": "azure.ai.openai", "user.id": "7"},
    ),
    "Langfuse's stream in JavaScript that called a tool": (
        {
            "langfuse.observation.type": "generation",
            "langfuse.observation.output": '{"tool_calls": [{"function": {"name": "w", "arguments": "{}"}}]}',
        },
        {
            "gen_ai.output.messages": '[{"role":"assistant","parts":'
            '[{"type":"tool_call","name":"w","arguments":{}}]}]'
        },
    ),
    "Langfuse's handler for LangChain.js with tools beside the messages": (
        {
            "langfuse.observation.type": "generation",
            "langfuse.observation.input": json.dumps(
                {
                    "messages": [
                        {"role": "assistant", "tool_calls": [{"id": "c", "function": {"name": "w"}}]},
                        {"role": "w", "content": "21", "additional_kwargs": {}},
                    ],
                    "tools": [{"type": "function", "function": {"name": "w"}}],
                }
            ),
        },
        {
            "gen_ai.input.messages": '[{"role":"assistant","parts":'
            '[{"type":"tool_call","id":"c","name":"w","arguments":null}]},'
            '{"role":"tool","parts":[{"type":"tool_call_response","id":"c","response":"21"}]}]',
            "gen_ai.tool.definitions": '[{"type":"function","name":"w"}]',
        },
    ),
    "Langfuse's handler for LangChain.js, which gives tools their name for a role": (
        {
            "langfuse.observation.type": "generation",
            "langfuse.observation.input": json.dumps(
                [
                    {"role": "assistant", "tool_calls": [{"id": "c", "function": {"name": "w"}}]},
                    {"role": "w", "content": "21", "additional_kwargs": {}},
                    {"role": "tool", "content": {"type": "function", "function": {"name": "w"}}},
                ]
            ),
        },
        {
            "gen_ai.input.messages": '[{"role":"assistant","parts":'
            '[{"type":"tool_call","id":"c","name":"w","arguments":null}]},'
            '{"role":"tool","parts":[{"type":"tool_call_response","id":"c","response":"21"}]}]',
            "gen_ai.tool.definitions": '[{"type":"function","name":"w"}]',
        },
    ),
    "Vercel 7, which tells a stream by its first token": (
        {
            "gen_ai.operation.name": "chat",
            "gen_ai.client.operation.time_to_first_chunk": 0.25,
        },
        {"gen_ai.request.stream": True, "gen_ai.response.time_to_first_chunk": 0.25},
    ),
    "LangSmith retriever": (
        {"langsmith.span.kind": "retriever", "gen_ai.completion": json.dumps({"documents": FOUND})},
        {"gen_ai.retrieval.documents": DOCUMENTS},
    ),
    "LangSmith's traceable retriever": (
        {"langsmith.span.kind": "retriever", "gen_ai.completion": json.dumps({"output": FOUND})},
        {"gen_ai.retrieval.documents": DOCUMENTS},
    ),
    "OpenLLMetry's LangChain retriever": (
        {
            "gen_ai.operation.name": "vector_db_retrieve",
            "traceloop.span.kind": "task",
            "traceloop.entity.output": json.dumps({"documents": FOUND, "count": 1}),
        },
        {"sightline.span.kind": "retrieval", "gen_ai.retrieval.documents": DOCUMENTS},
    ),
    "MLflow retriever": (
        {"mlflow.spanType": '"RETRIEVER"', "mlflow.spanOutputs": json.dumps(FOUND)},
        {"gen_ai.retrieval.documents": DOCUMENTS},
    ),
    "MLflow embedding": (
        {
            "mlflow.spanType": '"EMBEDDING"',
            "mlflow.spanInputs": '{"model": "embed-1", "input": ["a", "b"]}',
            "mlflow.spanOutputs": '{"data": [], "model": "embed-1-x", "usage": {"prompt_tokens": 3}}',
        },
        {
            "gen_ai.request.model": "embed-1",
            "gen_ai.response.model": "embed-1-x",
            "gen_ai.usage.input_tokens": 3,
            "gen_ai.input.messages": None,
            "sightline.input": '{"model": "embed-1", "input": ["a", "b"]}',
        },
    ),
    "Logfire, which leaves reasoning to the provider's own usage": (
        {
            "gen_ai.operation.name": "chat",
            "logfire.msg": "Chat Completion",
            "gen_ai.usage.output_tokens": 2,
            "gen_ai.usage.raw": json.dumps(RESPONSE["usage"]),
        },
        {
            "gen_ai.usage.output_tokens": 2,
            "gen_ai.usage.cache_read.input_tokens": 4,
            "gen_ai.usage.reasoning.output_tokens": 1,
        },
    ),
    "pydantic-ai with Anthropic, up to 0.8": (
        {
            "gen_ai.operation.name": "chat",
            "gen_ai.usage.input_tokens": 1500,
            "gen_ai.usage.details.cache_read_input_tokens": 500,
            "gen_ai.usage.details.cache_creation_input_tokens": 300,
        },
        {
            "gen_ai.usage.input_tokens": 1500,
            "gen_ai.usage.cache_read.input_tokens": 500,
            "gen_ai.usage.cache_write.input_tokens": 300,
        },
    ),
    "pydantic-ai with Gemini": (
        {"gen_ai.operation.name": "chat", "gen_ai.usage.details.thoughts_tokens": 14},
        {"gen_ai.usage.reasoning.output_tokens": 14},
    ),
    "OpenLLMetry's stream": (
        {"gen_ai.operation.name": "chat", "gen_ai.is_streaming": True},
        {"gen_ai.request.stream": True, "gen_ai.is_streaming": None},
    ),
    "LiteLLM's calls of tools beside the parts of a message": (
        {
            "litellm.call_id": "c-1",
            "gen_ai.operation.name": "acompletion",
            "gen_ai.input.messages": json.dumps(
                [
                    {"role": "user", "parts": [{"type": "text", "content": "hi"}]},
                    {"role": "tool", "parts": [{"type": "text", "content": "cold"}], "tool_call_id": "t1"},
                ]
            ),
            "gen_ai.output.messages": json.dumps(
                [
                    {
                        "role": "assistant",
                        "parts": [],
                        "tool_calls": [{"id": "t2", "type": "function", "function": {"name": "clock"}}],
                        "finish_reason": "tool_calls",
                    }
                ]
            ),
        },
        {
            "gen_ai.input.messages": '[{"role":"user","parts":[{"type":"text","content":"hi"}]},'
            '{"role":"tool","parts":[{"type":"tool_call_response","id":"t1","response":"cold"}]}]',
            "gen_ai.output.messages": '[{"role":"assistant","parts":[{"type":"tool_call","id":"t2",'
            '"name":"clock","arguments":null}],"finish_reason":"tool_calls"}]',
        },
    ),
    "LiteLLM's calls of two tools": (
        {
            "litellm.call_id": "c-1",
            "llm.request.type": "chat",
            "gen_ai.prompt.0.user": "Weather?",
            "gen_ai.prompt.1.role": "user",
            "gen_ai.completion.0.role": "assistant",
            "gen_ai.completion.0.finish_reason": "tool_calls",
            "gen_ai.completion.0.function_call.name": "weather",
            "gen_ai.completion.0.function_call.arguments": '{"city": "Oslo"}',
            "gen_ai.completion.1.function_call.name": "clock",
        },
        {
            "gen_ai.input.messages": '[{"role":"user","parts":[{"type":"text","content":"Weather?"}]}]',
            "gen_ai.output.messages": '[{"role":"assistant","parts":[{"type":"tool_call","name":"weather",'
            '"arguments":{"city":"Oslo"}}],"finish_reason":"tool_calls"},{"role":"assistant","parts":'
            '[{"type":"tool_call","name":"clock","arguments":null}]}]',
        },
    ),
    "OpenInference's call of a function": (
        {
            "openinference.span.kind": "LLM",
            "llm.output_messages.0.message.role": "assistant",
            "llm.output_messages.0.message.function_call_name": "weather",
            "llm.output_messages.0.message.function_call_arguments_json": '{"city": "Oslo"}',
        },
        {
            "gen_ai.output.messages": '[{"role":"assistant","parts":[{"type":"tool_call","name":"weather",'
            '"arguments":{"city":"Oslo"}}]}]'
        },
    ),
    "OpenLLMetry's tool result and thoughts of Anthropic": (
        {
            "llm.request.type": "chat",
            "gen_ai.prompt.0.role": "user",
            "gen_ai.prompt.0.content": '[{"type": "tool_result", "tool_use_id": "t1", "content": "cold"}]',
            "gen_ai.prompt.1.role": "user",
            "gen_ai.prompt.1.content": "[1, 2]",
            "gen_ai.completion.0.role": "thinking",
            "gen_ai.completion.0.content": "So it is cold.",
            "gen_ai.completion.1.role": "assistant",
            "gen_ai.completion.1.content": "Cold.",
        },
        {
            "gen_ai.input.messages": '[{"role":"user","parts":[{"type":"tool_call_response","id":"t1",'
            '"response":"cold"}]},{"role":"user","parts":[{"type":"text","content":"[1, 2]"}]}]',
            "gen_ai.output.messages": '[{"role":"assistant","parts":[{"type":"reasoning","content":'
            '"So it is cold."},{"type":"text","content":"Cold."}]}]',
        },
    ),
    "Vercel's stream": (
        {"ai.operationId": "ai.streamText.doStream", "operation.name": "ai.streamText.doStream greet"},
        {"gen_ai.request.stream": True},
    ),
    "Vercel's call that is no stream": (
        {"ai.operationId": "ai.generateText.doGenerate", "operation.name": "ai.generateText.doGenerate"},
        {"gen_ai.request.stream": None},
    ),
    "OpenLLMetry's stream of LangChain": (
        {
            "gen_ai.operation.name": "chat",
            "traceloop.entity.path": "",
            "gen_ai.output.messages": '[{"role": "unknown", "parts": '
            '[{"type": "text", "content": "unknown"}]}]',
        },
        {"gen_ai.output.messages": '[{"role":"assistant","parts":[{"type":"text","content":"unknown"}]}]'},
    ),
    "Anthropic's own SDK": (
        {
            "gen_ai.operation.name": "chat",
            "anthropic.message.stop_reason": "tool_use",
            "anthropic.request.id": "req_1",
        },
        {"gen_ai.response.finish_reasons": ["tool_use"], "sightline.request.id": "req_1"},
    ),
    "Logfire's tags": (
        {"logfire.msg": "m", "logfire.tags": ["a", "b"]},
        {"sightline.tags": ["a", "b"], "logfire.tags": None},
    ),
    "Vercel's tags": (
        {"ai.operationId": "ai.toolCall", "ai.telemetry.metadata.tags": ["a"]},
        {"sightline.tags": ["a"], "ai.telemetry.metadata.tags": None},
    ),
    "OpenInference's LangChain, whose user is in its metadata": (
        {"openinference.span.kind": "CHAIN", "metadata": '{"user_id": "ann"}'},
        {"user.id": "ann", "metadata": '{"user_id": "ann"}'},
    ),
    "OpenLIT with content and timing in attributes": (
        {
            "gen_ai.operation.name": "chat",
            "gen_ai.sdk.version": "1.0",
            "gen_ai.content.prompt": "hi",
            "gen_ai.server.time_to_first_token": 0.25,
            "gen_ai.request.user": "ann",
        },
        {
            "gen_ai.input.messages": '[{"role":"user","parts":[{"type":"text","content":"hi"}]}]',
            "gen_ai.response.time_to_first_chunk": 0.25,
            "user.id": "ann",
        },
    ),
    "Opik's general names": (
        {"opik.span.type": "tool", "thread_id": "t-1", "input": "q", "output": "r"},
        {"session.id": "t-1", "sightline.input": "q", "sightline.output": "r"},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_stands_inside_a_body_is_found_and_found_once(name: str) -> None:
    raw, expected = CASES[name]
    found = normalise(copy.deepcopy(raw)).attributes
    assert {attribute: found.get(attribute) for attribute in expected} == expected
    assert normalise(copy.deepcopy(found)).attributes == found


EMPTY = {**AI, "kwargs": {"content": "", "response_metadata": {"status_code": 429}}}


@pytest.mark.parametrize("body", [{}, {"output": None}, {"generations": [[{"message": EMPTY}]]}])
def test_an_answer_in_which_nothing_is_said_is_no_answer(body: Any) -> None:
    found = normalise({"langsmith.span.kind": "llm", "gen_ai.completion": json.dumps(body)}).attributes
    assert found == {"sightline.span.kind": "llm"}


def test_the_id_of_a_message_is_not_that_of_the_answer() -> None:
    message = {"id": "msg_1", "type": "message", "role": "assistant", "content": "hi"}
    found = normalise(
        {"langfuse.observation.type": "generation", "langfuse.observation.output": json.dumps(message)}
    )
    assert "gen_ai.output.messages" in found.attributes
    assert "gen_ai.response.id" not in found.attributes


def test_an_empty_answer_that_says_why_it_ends_is_kept() -> None:
    body = {"choices": [{"finish_reason": "content_filter", "message": {"role": "assistant", "content": ""}}]}
    found = normalise({"langsmith.span.kind": "llm", "gen_ai.completion": json.dumps(body)}).attributes
    assert found["gen_ai.output.messages"] == (
        '[{"role":"assistant","parts":[],"finish_reason":"content_filter"}]'
    )


@pytest.mark.parametrize(
    "text", ["{'a': " * 500, "[" * 5_000, "{'cache_read': __import__('os')}", "{" + "9" * 9_000 + "}", "it's"]
)
def test_hostile_token_details_stay_as_they_are(text: str) -> None:
    name = "gen_ai.usage.input_token_details"
    found = normalise({"langsmith.span.kind": "llm", name: text}).attributes
    assert found == {"sightline.span.kind": "llm", name: text}


@pytest.mark.parametrize("generations", [None, 7, [], [[]], [7], [[7]], [[{"message": 7}]], [{"text": "x"}]])
def test_a_hostile_result_of_langchain_sets_nothing(generations: Any) -> None:
    body = json.dumps({"generations": generations, "llm_output": []})
    found = normalise({"langsmith.span.kind": "llm", "gen_ai.completion": body}).attributes
    assert set(found) <= {"sightline.span.kind", "gen_ai.output.messages"}


def test_a_hostile_body_sets_nothing_that_is_no_fact() -> None:
    body = {"model": ["x"], "id": {}, "usage": {"prompt_tokens": -1, "completion_tokens": True}, "choices": 7}
    found = normalise({"mlflow.spanType": '"LLM"', "mlflow.spanOutputs": json.dumps(body)}).attributes
    assert not [name for name in found if name.startswith(("gen_ai.response", "gen_ai.usage"))]
