"""What could have been saved is found on every engine."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from tests.contract.conftest import EMBEDDED_AND_CLUSTER

from sightline_core.ids import ProjectId
from sightline_core.price_rates import TokenCounts
from sightline_core.time_range import TimeRange
from sightline_semconv.sightline import USAGE_CACHE_WRITE_1H, USAGE_FILE_SEARCHES, USAGE_WEB_SEARCHES
from sightline_storage import SpanRecord, Store
from sightline_storage.spend.spend_potential_reader import Caller, PromptText, SpendPotentialReader
from sightline_storage.spend.spend_reader import SpendReader
from sightline_storage.spend.team_rules import TeamRule

pytestmark = EMBEDDED_AND_CLUSTER

MakeSpan = Callable[..., SpanRecord]
START = datetime(2026, 9, 21, tzinfo=UTC)
DAY = TimeRange(START, START + timedelta(days=1))
SHOP = Caller("shop", "openai", "gpt-4o")


def write_calls(store: Store, project: ProjectId, span: MakeSpan) -> SpendPotentialReader:
    """Two identical requests and one more of the same prompt, in traces of their own."""
    calls = [
        span(
            provider="openai",
            prompt_fingerprint="prompt",
            prompt_name="answer",
            request_fingerprint=fingerprint,
            input_preview=f"asked {fingerprint}",
            tool_definitions="tools ",
            system_instructions="rules ",
            input=fingerprint,
            input_tokens=2_000,
            cached_input_tokens=100,
            cost_usd=Decimal(number),
        )
        for number, fingerprint in enumerate(("same", "same", "other"), start=1)
    ]
    store.writer.write(calls, token=project)
    while store.refresh_rollups(START + timedelta(days=2)):
        pass
    rules = [TeamRule("shop", "support")]
    return SpendPotentialReader(store.engine, SpendReader(store.engine, lambda _: rules))


def test_repeated_and_distinct_requests(store: Store, project: ProjectId, span: MakeSpan) -> None:
    reader = write_calls(store, project, span)
    repeats = reader.read_repeats(project, DAY, {"team": ["support"]}, 10)
    assert (repeats.requests, repeats.repeats, repeats.usd) == (1, 1, Decimal(2))
    (repeated,) = repeats.costliest
    assert (repeated.caller, repeated.calls, repeated.asked) == (SHOP, 2, "asked same")
    distinct = reader.read_distinct_requests(project, DAY, {}, 10)
    assert [(request.fingerprint, request.usd) for request in distinct] == [
        ("other", Decimal(3)),
        ("same", Decimal(2)),
    ]
    assert reader.read_repeats(project, DAY, {"team": ["nobody"]}, 10).costliest == []


def test_prompts_with_long_inputs_and_what_was_sent(store: Store, project: ProjectId, span: MakeSpan) -> None:
    reader = write_calls(store, project, span)
    (prompt,) = reader.read_cacheable_prompts(project, DAY, {}, least_tokens=1_024, limit=5)
    assert (prompt.caller, prompt.name, prompt.calls, prompt.cold_calls) == (SHOP, "answer", 3, 1)
    assert (prompt.input_tokens, prompt.cached_tokens, len(prompt.samples)) == (6_000, 300, 3)
    texts = reader.read_prompt_texts(project, DAY, prompt.samples)
    assert PromptText("tools rules other", 17, 2_000) in texts.values()
    assert len(texts) == 3
    assert reader.read_cacheable_prompts(project, DAY, {}, least_tokens=2_001, limit=5) == []


def test_tokens_by_model_and_size(store: Store, project: ProjectId, span: MakeSpan) -> None:
    reader = write_calls(store, project, span)
    (profile,) = reader.read_token_profiles(project, DAY, {}, most_input=2_000, most_output=3)
    assert (profile.model, profile.calls, profile.usd) == ("gpt-4o", 3, Decimal(6))
    assert profile.tokens == TokenCounts(6_000, 300, output=9)
    assert reader.read_token_profiles(project, DAY, {}, most_input=1_999, most_output=3) == []


def test_tokens_of_sampled_calls_count_for_those_that_they_stand_for(
    store: Store, project: ProjectId, span: MakeSpan
) -> None:
    calls = [
        span(sample_weight=10.0, cost_usd=Decimal("0.5")),
        span(cost_usd=Decimal(1)),
        span(sample_weight=10.0, cost_state="unpriced", cost_usd=Decimal(0)),
    ]
    store.writer.write(calls, token=project)
    reader = SpendPotentialReader(store.engine, SpendReader(store.engine))
    (profile,) = reader.read_token_profiles(project, DAY, {}, most_input=2_000, most_output=3)
    assert (profile.calls, profile.usd, profile.unpriced_calls, profile.sampled) == (21, Decimal(6), 10, True)
    assert profile.tokens == TokenCounts(210, output=63)


def test_tokens_that_a_cache_keeps_for_an_hour_are_told_apart(
    store: Store, project: ProjectId, span: MakeSpan
) -> None:
    for_an_hour = {USAGE_CACHE_WRITE_1H: 400.0}
    calls = [
        span(input_tokens=1_000, cache_write_tokens=500, attributes_num=for_an_hour),
        span(input_tokens=1_000, cache_write_tokens=300, attributes_num=for_an_hour),
        span(input_tokens=1_000, cache_write_tokens=200),
    ]
    store.writer.write(calls, token=project)
    reader = SpendPotentialReader(store.engine, SpendReader(store.engine))
    (profile,) = reader.read_token_profiles(project, DAY, {}, most_input=2_000, most_output=3)
    assert profile.tokens == TokenCounts(3_000, cache_write=1_000, cache_write_1h=700, output=9)


def test_cached_sound_is_told_from_cached_text(store: Store, project: ProjectId, span: MakeSpan) -> None:
    cached = {
        "gen_ai.usage.audio.cache_read.input_tokens": 70.0,
        "gen_ai.usage.text.cache_read.input_tokens": 30.0,
    }
    calls = [span(input_tokens=1_000, cached_input_tokens=100, attributes_num=cached) for _ in range(2)]
    store.writer.write(calls, token=project)
    reader = SpendPotentialReader(store.engine, SpendReader(store.engine))
    (profile,) = reader.read_token_profiles(project, DAY, {}, most_input=2_000, most_output=3)
    assert profile.tokens == TokenCounts(2_000, cached_input=200, cached_text=60, cached_audio=140, output=6)


def test_searches_of_the_provider_are_counted_beside_the_tokens(
    store: Store, project: ProjectId, span: MakeSpan
) -> None:
    calls = [
        span(input_tokens=1_000, attributes_num={USAGE_WEB_SEARCHES: web, USAGE_FILE_SEARCHES: 1.0})
        for web in (2.0, -3.0, 1e299)
    ]
    store.writer.write(calls, token=project)
    reader = SpendPotentialReader(store.engine, SpendReader(store.engine))
    (profile,) = reader.read_token_profiles(project, DAY, {}, most_input=2_000, most_output=3)
    assert profile.tokens.file_searches == 3
    assert 2 <= profile.tokens.web_searches <= 1_000_002
