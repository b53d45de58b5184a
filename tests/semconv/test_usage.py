"""Tokens by the rule of the vocabulary, whatever rule the emitter follows."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sightline_semconv.dialects import Attributes, normalise


@pytest.mark.parametrize(
    ("scope", "put", "read", "expected"),
    [
        ("opentelemetry.instrumentation.bedrock", 500, 200, 800),
        ("opentelemetry.instrumentation.bedrock", 50, 200, 350),
        ("openlit.instrumentation.bedrock", 500, 200, 800),
        ("opentelemetry.instrumentation.genai.bedrock", 500, 200, 800),
        ("opentelemetry.instrumentation.anthropic", 800, 200, 800),
        ("openinference.instrumentation.bedrock", 500, 200, 800),
        ("", 50, 200, 350),
    ],
)
def test_input_includes_cached_tokens_whoever_counted_them(
    scope: str, put: int, read: int, expected: int
) -> None:
    sent: Attributes = {
        "gen_ai.usage.input_tokens": put,
        "gen_ai.usage.cache_read.input_tokens": read,
        "gen_ai.usage.cache_creation.input_tokens": 100,
    }
    assert normalise(sent, scope).attributes["gen_ai.usage.input_tokens"] == expected


@pytest.mark.parametrize(
    ("everything", "expected"), [(815, 800), (515, 500), (700, 500)], ids=["beside", "inside", "neither"]
)
def test_the_sum_of_all_tokens_shows_whether_the_input_includes_the_cached(
    everything: int, expected: int
) -> None:
    sent: Attributes = {
        "openinference.span.kind": "LLM",
        "llm.token_count.prompt": 500,
        "llm.token_count.completion": 15,
        "llm.token_count.total": everything,
        "llm.token_count.prompt_details.cache_read": 300,
    }
    found = normalise(sent).attributes
    assert found["gen_ai.usage.input_tokens"] == expected
    assert normalise(dict(found)).attributes == found


@pytest.mark.parametrize(
    ("provider", "more", "expected"),
    [
        ("gcp.gen_ai", {}, (200, 140)),
        ("Google", {}, (200, 140)),
        ("openai", {}, (60, None)),
        ("gcp.gen_ai", {"gen_ai.usage.reasoning.output_tokens": 9}, (60, 9)),
        ("gcp.gen_ai", {"gen_ai.usage.total_tokens": 1060}, (60, None)),
        ("xai", {"gen_ai.usage.reasoning_tokens": 140}, (200, 140)),
        ("", {"gen_ai.usage.reasoning_tokens": 70, "gen_ai.usage.total_tokens": 1060}, (130, 70)),
        ("", {"gen_ai.usage.reasoning_tokens": 40, "gen_ai.usage.total_tokens": 1060}, (60, 40)),
    ],
)
def test_output_includes_thoughts_that_only_the_total_counts(
    provider: str, more: Attributes, expected: tuple[int, int | None]
) -> None:
    sent: Attributes = {
        "gen_ai.provider.name": provider,
        "gen_ai.usage.input_tokens": 1000,
        "gen_ai.usage.output_tokens": 60,
        "gen_ai.usage.total_tokens": 1200,
    }
    older = {"gen_ai.usage.total_tokens": "llm.usage.total_tokens"}
    for named in (sent | more, {older.get(name, name): value for name, value in (sent | more).items()}):
        found = normalise(named).attributes
        names = ("gen_ai.usage.output_tokens", "gen_ai.usage.reasoning.output_tokens")
        assert tuple(found.get(name) for name in names) == expected


@pytest.mark.parametrize(
    ("scope", "expected"),
    [("openlit.instrumentation.google_ai_studio", 100), ("openlit.instrumentation.openai", 60)],
)
def test_output_includes_thoughts_that_an_emitter_always_leaves_out(scope: str, expected: int) -> None:
    sent: Attributes = {"gen_ai.usage.output_tokens": 60, "gen_ai.usage.reasoning_tokens": 40}
    found = normalise(sent, scope).attributes
    assert found["gen_ai.usage.output_tokens"] == expected
    assert normalise(dict(found)).attributes == found


@pytest.mark.parametrize("total", ["llm.token_count.total", "ai.usage.totalTokens"])
@pytest.mark.parametrize(("everything", "expected"), [(1100, 100), (1060, 60), (1090, 60)])
def test_output_includes_thoughts_that_add_up_to_any_total(
    total: str, everything: int, expected: int
) -> None:
    sent: Attributes = {"gen_ai.usage.input_tokens": 1000, "gen_ai.usage.output_tokens": 60}
    found = normalise({**sent, "gen_ai.usage.reasoning_tokens": 40, total: everything}).attributes
    assert found["gen_ai.usage.output_tokens"] == expected
    assert normalise(dict(found)).attributes == found


def test_the_name_of_an_enumeration_is_no_part_of_a_finish_reason() -> None:
    found = normalise({"gen_ai.response.finish_reasons": ["FinishReason.SAFETY"]}).attributes
    assert found["gen_ai.response.finish_reasons"] == ["SAFETY"]


def test_the_time_to_the_first_token_is_read_by_its_name_as_a_metric() -> None:
    found = normalise({"gen_ai.client.operation.time_to_first_chunk": 0.25}).attributes
    assert found["gen_ai.response.time_to_first_chunk"] == 0.25


@pytest.mark.parametrize(("scope", "seconds"), [("strands.telemetry.tracer", 0.25), ("openlit", 250)])
def test_the_time_to_the_first_token_is_in_seconds_whoever_says_it(scope: str, seconds: float) -> None:
    found = normalise({"gen_ai.server.time_to_first_token": 250}, scope).attributes
    assert found["gen_ai.response.time_to_first_chunk"] == seconds


def test_what_was_written_to_a_cache_is_read_by_each_of_its_names() -> None:
    for name in ("cache_write_input_tokens", "cache_creation_input_tokens", "cache_creation.input_tokens"):
        found = normalise({f"gen_ai.usage.{name}": 3}).attributes
        assert found["gen_ai.usage.cache_write.input_tokens"] == 3


ANTHROPIC = {
    "input_tokens": 5000,
    "cache_read_input_tokens": 2000,
    "cache_creation_input_tokens": 300,
    "cache_creation": {"ephemeral_5m_input_tokens": 100, "ephemeral_1h_input_tokens": 200},
    "output_tokens": 50,
    "service_tier": "batch",
}
GOOGLE = {
    "promptTokenCount": 1000,
    "toolUsePromptTokenCount": 30,
    "cachedContentTokenCount": 400,
    "candidatesTokenCount": 60,
    "thoughtsTokenCount": 140,
    "promptTokensDetails": [
        {"modality": "TEXT", "tokenCount": 700},
        {"modality": "AUDIO", "tokenCount": 300},
    ],
}


@pytest.mark.parametrize(
    ("said", "put", "got", "expected"),
    [
        (
            {"anthropic": {"usage": ANTHROPIC}},
            5000,
            50,
            {
                "usage.input_tokens": 7300,
                "usage.cache_read.input_tokens": 2000,
                "usage.cache_write.input_tokens": 300,
            },
        ),
        (
            {"google": {"usageMetadata": GOOGLE, "serviceTier": None}},
            1000,
            60,
            {
                "usage.input_tokens": 1030,
                "usage.cache_read.input_tokens": 400,
                "usage.audio.input_tokens": 300,
                "usage.output_tokens": 200,
                "usage.reasoning.output_tokens": 140,
            },
        ),
    ],
)
def test_vercels_sdk_passes_on_what_the_api_of_the_provider_counted(
    said: dict[str, Any], put: int, got: int, expected: dict[str, int]
) -> None:
    sent: Attributes = {
        "ai.operationId": "ai.generateText.doGenerate",
        "ai.usage.inputTokens": put,
        "ai.usage.outputTokens": got,
        "gen_ai.usage.input_tokens": put,
        "gen_ai.usage.output_tokens": got,
        "ai.response.providerMetadata": json.dumps(said),
    }
    found = normalise(sent).attributes
    assert {name: found.get(f"gen_ai.{name}") for name in expected} == expected
    assert normalise(dict(found)).attributes == found


@pytest.mark.parametrize(
    "sent",
    [
        {"ai.operationId": "ai.generateText.doGenerate", "ai.response.providerMetadata": said}
        for said in ('{"openai":{"serviceTier":"flex"}}', '{"anthropic":{"usage":{"service_tier":"flex"}}}')
    ]
    + [
        {"gen_ai.operation.name": "chat", "anthropic.response.service_tier": "flex"},
        {"gen_ai.operation.name": "chat", "gen_ai.response.service_tier": "flex"},
        {"langsmith.span.kind": "llm", "gen_ai.usage.input_token_details": "{'flex': 3, 'audio': None}"},
        {
            "langfuse.observation.type": "generation",
            "langfuse.observation.usage_details": '{"input": 0, "input_flex": 3}',
        },
    ],
)
def test_the_service_tier_that_a_price_depends_on_is_read(sent: Attributes) -> None:
    assert normalise(dict(sent)).attributes["openai.response.service_tier"] == "flex"


@pytest.mark.parametrize(
    "sent",
    [
        {"anthropic.usage.cache_creation.ephemeral_1h_input_tokens": 200},
        {"logfire.msg": "chat", "gen_ai.usage.details.ephemeral_1h_input_tokens": 200},
        {
            "ai.operationId": "ai.generateText.doGenerate",
            "ai.response.providerMetadata": json.dumps({"anthropic": {"usage": ANTHROPIC}}),
        },
        {
            "langsmith.span.kind": "llm",
            "gen_ai.usage.input_token_details": "{'cache_creation': 0, 'ephemeral_1h_input_tokens': 200}",
        },
        {
            "litellm.call_id": "c-1",
            "metadata.usage_object": "{'prompt_tokens_details': {'cache_creation_token_details': "
            "{'ephemeral_5m_input_tokens': 100, 'ephemeral_1h_input_tokens': 200}}}",
        },
    ],
    ids=lambda sent: next(iter(sent)),
)
def test_what_a_cache_keeps_for_an_hour_is_told_from_the_rest(sent: Attributes) -> None:
    found = normalise(dict(sent)).attributes
    assert found["sightline.usage.cache_write_1h.input_tokens"] == 200


QUERIES = {"webSearchQueries": ["a", "", "b", "a"]}


@pytest.mark.parametrize(
    ("model", "sent", "searches"),
    [
        (
            "gemini-3.5-flash",
            {
                "ai.operationId": "ai.generateText.doGenerate",
                "ai.response.providerMetadata": json.dumps({"google": {"groundingMetadata": QUERIES}}),
            },
            2,
        ),
        (
            "gemini-2.5-flash",
            {
                "openinference.span.kind": "LLM",
                "output.value": json.dumps({"candidates": [{"groundingMetadata": QUERIES}]}),
            },
            1,
        ),
        (
            "gemini-3.5-flash",
            {
                "gcp.vertex.agent.llm_request": json.dumps({"contents": [{"parts": [{"text": "?"}]}]}),
                "gcp.vertex.agent.llm_response": '{"grounding_metadata": {"web_search_queries": ["a"]}}',
            },
            1,
        ),
        (
            "grok-4.6",
            {
                "gen_ai.operation.name": "chat",
                "gen_ai.usage.raw": '{"server_side_tool_usage_details": {"x_search_calls": 3}}',
                "logfire.msg": "chat",
            },
            3,
        ),
        ("gemini-3.5-flash", {"openinference.span.kind": "LLM", "output.value": '{"candidates": [7]}'}, None),
    ],
    ids=["Vercel", "OpenInference", "ADK", "Logfire", "none"],
)
def test_searches_that_a_provider_bills_one_by_one_are_counted(
    model: str, sent: Attributes, searches: int | None
) -> None:
    found = normalise({"gen_ai.request.model": model, **sent}).attributes
    assert found.get("sightline.usage.web_searches") == searches


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (
            {
                "mlflow.spanType": '"LLM"',
                "mlflow.chat.tokenUsage": '{"input_tokens": 1000, "output_tokens": 60, "total_tokens": 1200}',
                "mlflow.spanOutputs": json.dumps(
                    {"usage_metadata": {**GOOGLE, "toolUsePromptTokenCount": 0}}
                ),
            },
            (1000, 400, None, 200, 140),
        ),
        (
            {
                "opik.span.type": "llm",
                "opik.usage": json.dumps(
                    {
                        "prompt_tokens": 7300,
                        "completion_tokens": 50,
                        "original_usage.input_tokens": 5000,
                        "original_usage.cache_read_input_tokens": 2000,
                        "original_usage.cache_creation_input_tokens": 300,
                    }
                ),
            },
            (7300, 2000, 300, 50, None),
        ),
    ],
    ids=["MLflow of Gemini", "Opik of Anthropic"],
)
def test_what_the_provider_said_of_the_parts_of_a_total_is_read(
    sent: Attributes, expected: tuple[int | None, ...]
) -> None:
    found = normalise(sent).attributes
    parts = ("input_tokens", "cache_read.input_tokens", "cache_write.input_tokens", "output_tokens")
    names = [f"gen_ai.usage.{part}" for part in (*parts, "reasoning.output_tokens")]
    assert tuple(found.get(name) for name in names) == expected


def test_the_geography_that_a_price_depends_on_is_read() -> None:
    answer = json.dumps({"usage": {"input_tokens": 1, "inference_geo": "us"}})
    found = normalise({"openinference.span.kind": "LLM", "output.value": answer}).attributes
    assert found["sightline.usage.geography"] == "us"


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        (
            # LangChain's of OpenAI at a service tier, as Langfuse's handler hands it on.
            {
                "input": 0,
                "input_audio": 0,
                "input_flex": 600,
                "input_flex_cache_read": 400,
                "output": 0,
                "output_flex": 400,
                "output_flex_reasoning": 100,
                "total": 1500,
            },
            (1000, 500, 400, 0, 0, 100),
        ),
        (
            {
                "input": 100,
                "input_cache_read": 50,
                "input_cache_creation": 0,
                "input_ephemeral_5m_input_tokens": 800,
                "input_ephemeral_1h_input_tokens": 200,
                "output": 50,
            },
            (1150, 50, 50, 1000, 200, 0),
        ),
        (
            # Version 5, of an answer that did not stream.
            {
                "input": 60,
                "cache_read_input_tokens": 2000,
                "cache_creation_input_tokens": 300,
                "cache_creation_ephemeral_5m_input_tokens": 100,
                "cache_creation_ephemeral_1h_input_tokens": 200,
                "output": 30,
            },
            (2360, 30, 2000, 300, 200, 0),
        ),
        (
            {
                "input": 0,
                "input_modality_TEXT": 600,
                "cached_modality_TEXT": 300,
                "cached_content_token_count": 300,
                "output": 0,
                "output_modality_TEXT": 60,
                "thoughts_token_count": 140,
            },
            (900, 200, 300, 0, 0, 140),
        ),
        ({"promptTokens": 25, "completionTokens": 150}, (25, 150, 0, 0, 0, 0)),
        ({"input": 10, "output": 5, "total": 15, "mine": 7, "input_odd": -1}, (10, 5, 0, 0, 0, 0)),
        (
            {
                "prompt_tokens": 1000,
                "completion_tokens": 60,
                "total_tokens": 1100,
                "completion_tokens_details": {"reasoning_tokens": 40},
            },
            (1000, 100, 0, 0, 0, 40),
        ),
        (
            {"prompt_tokens": 100, "completion_tokens": 20, "citation_tokens": 50, "reasoning_tokens": 700},
            (150, 720, 0, 0, 0, 700),
        ),
        ({"prompt_tokens": 100, "completion_tokens": 20, "cached_tokens": 60}, (100, 20, 60, 0, 0, 0)),
        (
            {
                "billed_units": {"input_tokens": 90, "output_tokens": 20},
                "tokens": {"input_tokens": 100, "output_tokens": 20},
                "cached_tokens": 60,
            },
            (100, 20, 60, 0, 0, 0),
        ),
        (
            {
                "inputTokens": 10,
                "outputTokens": 5,
                "cacheReadInputTokens": 20,
                "cacheWriteInputTokens": 9,
                "cacheDetails": [{"ttl": "1h", "inputTokens": 6}, {"ttl": "5m", "inputTokens": 3}],
            },
            (39, 5, 20, 9, 6, 0),
        ),
        (
            {"input_tokens": 10, "output_tokens": 50, "output_tokens_details": {"thinking_tokens": 30}},
            (10, 50, 0, 0, 0, 30),
        ),
    ],
    ids=[
        "service tier",
        "cache of an hour",
        "sum and parts of a cache",
        "modalities",
        "JavaScript",
        "plain",
        "xAI",
        "Perplexity",
        "Moonshot",
        "Cohere",
        "Bedrock",
        "Anthropic",
    ],
)
def test_every_class_of_langfuse_counts_in_its_total(
    usage: dict[str, Any], expected: tuple[int, ...]
) -> None:
    sent: Attributes = {
        "langfuse.observation.type": "generation",
        "langfuse.observation.usage_details": json.dumps(usage),
    }
    found = normalise(sent).attributes
    names = (
        "gen_ai.usage.input_tokens",
        "gen_ai.usage.output_tokens",
        "gen_ai.usage.cache_read.input_tokens",
        "gen_ai.usage.cache_write.input_tokens",
        "sightline.usage.cache_write_1h.input_tokens",
        "gen_ai.usage.reasoning.output_tokens",
    )
    assert tuple(found.get(name, 0) for name in names) == expected


def test_langfuse_says_in_its_metadata_who_answered_langchain_and_why_a_stream_ended() -> None:
    found = normalise(
        {
            "langfuse.observation.type": "generation",
            "langfuse.observation.model.name": "gpt-4o-2024-08-06",
            "langfuse.observation.metadata.ls_provider": '"openai"',
            "langfuse.observation.metadata.ls_model_name": '"gpt-4o"',
            "langfuse.observation.metadata.finish_reason": '"stop"',
        }
    ).attributes
    assert found["gen_ai.provider.name"] == "openai"
    assert found["gen_ai.request.model"] == "gpt-4o"
    assert found["gen_ai.response.finish_reasons"] == ["stop"]


def test_parts_of_a_total_are_read_by_the_names_that_langchain_gives_them_at_a_service_tier() -> None:
    found = normalise(
        {
            "langsmith.span.kind": "llm",
            "gen_ai.usage.input_token_details": "{'priority_cache_read': 400, 'priority': 600}",
            "gen_ai.usage.output_token_details": "{'priority_reasoning': 100, 'priority': 400}",
        }
    ).attributes
    assert found["gen_ai.usage.cache_read.input_tokens"] == 400
    assert found["gen_ai.usage.reasoning.output_tokens"] == 100


@pytest.mark.parametrize(
    "answered",
    [
        {"input_tokens": 1000, "cache_read_input_tokens": 500, "output_tokens": 10},
        {"inputTokens": 1000, "cacheReadInputTokens": 500, "outputTokens": 10},
    ],
    ids=["Anthropic", "Bedrock"],
)
def test_what_an_answer_says_of_its_tokens_wins_over_the_sums_of_mlflow(answered: dict[str, int]) -> None:
    sent: Attributes = {
        "mlflow.spanType": '"CHAT_MODEL"',
        "mlflow.chat.tokenUsage": '{"input_tokens": 1000, "output_tokens": 10, "total_tokens": 1010}',
        "mlflow.spanOutputs": json.dumps({"role": "assistant", "content": "hi", "usage": answered}),
    }
    found = normalise(sent).attributes
    assert found["gen_ai.usage.input_tokens"] == 1500
    assert found["gen_ai.usage.cache_read.input_tokens"] == 500


@pytest.mark.parametrize(
    "sent",
    [
        {
            "openinference.span.kind": "LLM",
            "output.value": json.dumps(
                {
                    "usage": {
                        "input_tokens": 1000,
                        "input_token_details": {
                            "cached_tokens": 400,
                            "audio_tokens": 500,
                            "cached_tokens_details": {"text_tokens": 100, "audio_tokens": 300},
                        },
                    }
                }
            ),
        },
        {
            "ai.operationId": "ai.generateText.doGenerate",
            "ai.response.providerMetadata": json.dumps(
                {
                    "google": {
                        "usageMetadata": {
                            "promptTokenCount": 1000,
                            "cachedContentTokenCount": 400,
                            "promptTokensDetails": [{"modality": "AUDIO", "tokenCount": 500}],
                            "cacheTokensDetails": [
                                {"modality": "TEXT", "tokenCount": 100},
                                {"modality": "AUDIO", "tokenCount": 300},
                            ],
                        }
                    }
                }
            ),
        },
        {
            "langfuse.observation.type": "generation",
            "langfuse.observation.usage_details": json.dumps(
                {
                    "input": 0,
                    "input_modality_TEXT": 400,
                    "input_modality_AUDIO": 200,
                    "cached_modality_TEXT": 100,
                    "cached_modality_AUDIO": 300,
                }
            ),
        },
    ],
    ids=["OpenAI", "Gemini", "Langfuse"],
)
def test_cached_sound_is_told_from_cached_text(sent: Attributes) -> None:
    found = normalise(sent).attributes
    names = ("input_tokens", "cache_read.input_tokens", "audio.input_tokens")
    parts = ("text.cache_read.input_tokens", "audio.cache_read.input_tokens")
    counts = [found.get(f"gen_ai.usage.{name}") for name in (*names, *parts)]
    assert counts == [1000, 400, 500, 100, 300]


@pytest.mark.parametrize(
    ("said", "provider"),
    [
        ("vertex.anthropic.messages", "gcp.vertex_ai"),
        ("googleVertex.anthropic.messages", "gcp.vertex_ai"),
        ("bedrock.anthropic.messages", "aws.bedrock"),
        ("togetherai.chat", "together"),
        ("together_ai", "together"),
        ("fireworks_ai", "fireworks"),
        ("moonshot", "moonshotai"),
        ("somebody.chat", "somebody"),
    ],
)
def test_a_provider_has_one_name_whoever_tells_of_it(said: str, provider: str) -> None:
    found = normalise({"gen_ai.operation.name": "chat", "gen_ai.system": said}).attributes
    assert found["gen_ai.provider.name"] == provider


@pytest.mark.parametrize(
    ("traffic", "tier"),
    [("ON_DEMAND", None), ("ON_DEMAND_FLEX", "flex"), ("PROVISIONED_THROUGHPUT", "provisioned")],
)
def test_the_traffic_of_vertex_ai_is_a_service_tier(traffic: str, tier: str | None) -> None:
    body = {"usage_metadata": {**GOOGLE, "traffic_type": traffic}}
    sent: Attributes = {"openinference.span.kind": "LLM", "output.value": json.dumps(body)}
    assert normalise(sent).attributes.get("openai.response.service_tier") == tier
