"""Tokens by the rule of the vocabulary, whatever rule the emitter follows."""

from __future__ import annotations

import pytest

from sightline_semconv.dialects import Attributes, normalise


@pytest.mark.parametrize(
    ("scope", "put", "read", "expected"),
    [
        ("opentelemetry.instrumentation.bedrock", 500, 200, 800),
        ("opentelemetry.instrumentation.bedrock", 50, 200, 350),
        ("opentelemetry.instrumentation.anthropic", 800, 200, 800),
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
    ("provider", "more", "expected"),
    [
        ("gcp.gen_ai", {}, (200, 140)),
        ("Google", {}, (200, 140)),
        ("openai", {}, (60, None)),
        ("gcp.gen_ai", {"gen_ai.usage.reasoning.output_tokens": 9}, (60, 9)),
        ("gcp.gen_ai", {"gen_ai.usage.total_tokens": 1060}, (60, None)),
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
    found = normalise(sent | more).attributes
    names = ("gen_ai.usage.output_tokens", "gen_ai.usage.reasoning.output_tokens")
    assert tuple(found.get(name) for name in names) == expected
