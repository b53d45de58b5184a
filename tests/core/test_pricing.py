"""Prices: exact, dated, by tier, never $0 for what has no price."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import genai_prices
import pytest
from genai_prices.data_snapshot import get_snapshot
from hypothesis import given
from hypothesis import strategies as st

from sightline_core.money import parse_usd, quantise_usd
from sightline_core.price_catalogue import UnusableCatalogue, read_catalogue
from sightline_core.price_names import is_named
from sightline_core.price_overrides import LongContext, PriceOverride
from sightline_core.price_rates import TokenCounts
from sightline_core.pricing import CataloguePricer, ModelCall, Price
from sightline_semconv.kinds import CostState

WHEN = datetime(2026, 11, 20, 12, tzinfo=UTC)
PRICER = CataloguePricer()


def _price(
    model: str,
    tokens: TokenCounts,
    *,
    provider: str = "openai",
    tier: str = "",
    when: datetime = WHEN,
    pricer: CataloguePricer = PRICER,
    estimated: bool = False,
) -> Price:
    start_ns = int(when.timestamp()) * 1_000_000_000
    return pricer.price(ModelCall("default", provider, model, "", start_ns, tier, tokens, estimated))


MODELS = [
    ("openai", "gpt-4o"),
    ("openai", "gpt-5"),
    ("openai", "text-embedding-3-small"),
    ("anthropic", "claude-sonnet-4-5"),
    ("google", "gemini-2.5-pro"),
    ("deepseek", "deepseek-chat"),
    ("perplexity", "sonar"),
    ("azure", "gpt-5.4"),
]


@given(
    st.sampled_from(MODELS),
    st.sampled_from(["", "batch", "priority", "flex"]),
    st.integers(1, 400_000),
    st.integers(0, 100_000),
    st.integers(0, 100),
    st.integers(0, 100),
    st.integers(0, 60 * 24 * 400),
)
def test_our_sum_equals_the_catalogue_s_own(
    model: tuple[str, str],
    tier: str,
    inputs: int,
    outputs: int,
    read_share: int,
    write_share: int,
    ago_min: int,
) -> None:
    read = inputs * read_share // 200
    written = inputs * write_share // 200
    when = datetime.fromtimestamp(WHEN.timestamp() - ago_min * 60, UTC)
    context = {"processing": "batch"} if tier == "batch" else {"service_tier": tier} if tier else None
    theirs = genai_prices.calc_price(
        genai_prices.Usage(
            input_tokens=inputs, output_tokens=outputs, cache_read_tokens=read, cache_write_tokens=written
        ),
        model[1],
        provider_id=model[0],
        genai_request_timestamp=when,
        price_context=context,
    )
    ours = _price(
        model[1], TokenCounts(inputs, read, written, outputs), provider=model[0], tier=tier, when=when
    )
    assert abs(ours.usd - theirs.total_price) < Decimal("1e-11")
    assert ours.usd == ours.input_usd + ours.cached_usd + ours.output_usd


def test_what_a_cache_keeps_for_an_hour_has_its_own_price() -> None:
    tokens = TokenCounts(2400, 2000, 300, 50, cache_write_1h=200)
    theirs = genai_prices.calc_price(
        genai_prices.Usage(
            input_tokens=2400,
            output_tokens=50,
            cache_read_tokens=2000,
            cache_write_tokens=300,
            cache_write_1h_tokens=200,
        ),
        "claude-sonnet-4-5",
        provider_id="anthropic",
        genai_request_timestamp=WHEN,
    )
    ours = _price("claude-sonnet-4-5", tokens, provider="anthropic")
    assert (ours.usd, ours.state) == (theirs.total_price, CostState.PRICED) == (Decimal("0.003225"), "priced")
    own = PriceOverride("p", "claude*", Decimal(3), Decimal(15), cache_write_usd_per_mtok=Decimal(6))
    pricer = CataloguePricer(overrides=[own])
    assert _price("claude", tokens, pricer=pricer) == _price(
        "claude", tokens._replace(cache_write_1h=0), pricer=pricer
    )


@pytest.mark.parametrize(
    ("model", "provider", "tokens", "reason"),
    [
        ("no-such-model", "openai", TokenCounts(10, output=1), "no price is known for 'no-such-model'"),
        ("gpt-4o", "a-private-host", TokenCounts(10), "no price is known for 'gpt-4o' at 'a-private-host'"),
        ("", "openai", TokenCounts(10), "no model name"),
        ("gpt-4o", "openai", TokenCounts(), "no token counts"),
        ("gpt-4o", "openai", TokenCounts(cached_input=9, reasoning=3), "no token counts"),
        ("gpt-4o", "openai", TokenCounts(2**48), "implausible"),
        ("whisper-large-v3", "groq", TokenCounts(10), "not billed by tokens"),
    ],
)
def test_what_has_no_price_is_unpriced_with_a_reason(
    model: str, provider: str, tokens: TokenCounts, reason: str
) -> None:
    price = _price(model, tokens, provider=provider)
    assert (price.state, price.price_id) == (CostState.UNPRICED, "")
    assert reason in price.reason


def test_a_model_that_a_router_answers_by_somebody_has_the_price_of_that() -> None:
    price = _price("meta-llama/Llama-3.3-70B-Instruct:groq", TokenCounts(1_000_000), provider="huggingface")
    assert (price.state, price.usd) == (CostState.PRICED, Decimal("0.59"))
    assert "huggingface_groq" in price.price_id
    unknown = _price("meta-llama/Llama-3.3-70B-Instruct", TokenCounts(10), provider="huggingface")
    assert unknown.state is CostState.UNPRICED


def test_a_model_on_an_unknown_host_has_the_price_of_its_maker_as_an_estimate() -> None:
    price = _price("gpt-4o", TokenCounts(10, output=1), provider="openai-compatible")
    assert (price.state, price.usd) == (CostState.ESTIMATED, _price("gpt-4o", TokenCounts(10, output=1)).usd)
    assert "no known provider" in price.reason


@pytest.mark.parametrize(
    ("model", "provider", "entry"),
    [
        ("gpt-4o-2024-08-06", "openai", "openai/gpt-4o"),
        ("gpt-4o", "azure.ai.openai", "azure/gpt-4o"),
        ("openai/gpt-4o", "openai", "openai/gpt-4o"),
        ("gemini-2.5-pro", "gcp.vertex_ai", "google/gemini-2.5-pro"),
        ("us.amazon.nova-pro-v1:0", "aws.bedrock", "aws/amazon.nova-pro-v1:0"),
        ("nova-pro-v1:0", "aws.bedrock", "aws/amazon.nova-pro-v1:0"),
        ("llama3-8b-instruct-v1:0", "aws.bedrock", "aws/meta.llama3-8b-instruct-v1:0"),
        ("publishers/google/models/gemini-2.5-pro", "gcp.vertex_ai", "google/gemini-2.5-pro"),
    ],
)
def test_the_price_entry_is_named(model: str, provider: str, entry: str) -> None:
    price = _price(model, TokenCounts(10, output=1), provider=provider)
    assert (price.state, price.reason) == (CostState.PRICED, "")
    assert price.price_id.endswith(entry)


def test_guesses_are_estimates() -> None:
    routed = _price("anthropic/claude-3-7-sonnet-latest", TokenCounts(10), provider="litellm")
    embedded = _price("text-embedding-3-small", TokenCounts(10), provider="")
    at_bedrock = _price("us.amazon.nova-pro-v1:0", TokenCounts(10), provider="strands-agents")
    of_a_framework = _price("gpt-4o", TokenCounts(10), provider="strands-agents")
    of_no_known_host = _price("gpt-4o", TokenCounts(10), provider="unknown")
    old_tier = _price("gpt-4o", TokenCounts(10), tier="priority", when=datetime(2025, 1, 1, tzinfo=UTC))
    tier_of_the_maker = _price("gpt-5", TokenCounts(10), provider="azure.ai.openai", tier="batch")
    assert tier_of_the_maker.usd == _price("gpt-5", TokenCounts(10), provider="azure.ai.openai").usd
    counted_by_us = _price("gpt-4o", TokenCounts(10), estimated=True)
    too_many_cached = _price("gpt-4o", TokenCounts(10, cached_input=11))
    cached_sound = _price("gpt-realtime", TokenCounts(1000, cached_input=300, audio_input=600))
    plain_sound = _price("gpt-realtime", TokenCounts(1000, audio_input=600))
    assert plain_sound.state is CostState.PRICED
    for price, reason in (
        (cached_sound, "cached tokens are sound"),
        (routed, "taken from the model's name"),
        (embedded, "taken from the model's name"),
        (of_a_framework, "taken from the model's name"),
        (of_no_known_host, "taken from the model's name"),
        (at_bedrock, "taken from the model's name"),
        (old_tier, "service tier 'priority'"),
        (tier_of_the_maker, "service tier 'batch'"),
        (counted_by_us, "counted by us"),
        (too_many_cached, "more than their total"),
    ):
        assert price.state is CostState.ESTIMATED
        assert reason in price.reason


@pytest.mark.parametrize(
    ("provider", "model", "usd", "state"),
    [
        ("openai", "gpt-4o", "0.0325", CostState.PRICED),  # 0.0025 of tokens, 0.02 of the web, 0.01 of files
        ("deepseek", "deepseek-chat", None, CostState.ESTIMATED),
    ],
)
def test_searches_of_the_provider_are_billed_beside_the_tokens(
    provider: str, model: str, usd: str | None, state: CostState
) -> None:
    tokens = TokenCounts(1000)
    found = _price(model, tokens._replace(web_searches=2, file_searches=4), provider=provider)
    plain = _price(model, tokens, provider=provider)
    assert (found.usd, found.state) == (plain.usd if usd is None else Decimal(usd), state)
    assert ("searches" in found.reason) is (state is CostState.ESTIMATED)


@pytest.mark.parametrize(
    ("provider", "model", "state"),
    [
        ("anthropic", "claude-sonnet-4-5-20250929", CostState.PRICED),
        ("anthropic", "claude-opus-4-6[1m]", CostState.PRICED),
        ("anthropic", "claude-sonnet-4-55", CostState.ESTIMATED),
        ("anthropic", "claude-sonnet-4-5-fast", CostState.ESTIMATED),
        ("gcp.gemini", "gemini-2.5-pro-preview-06-05", CostState.PRICED),
        ("gcp.gemini", "gemini-1.5-flash-8b", CostState.ESTIMATED),
        ("gcp.vertex_ai", "claude-3-5-sonnet-v2@20241022", CostState.PRICED),
        ("deepseek", "deepseek-r1-0528", CostState.PRICED),
        ("deepseek", "deepseek-r1-distill-llama-70b", CostState.ESTIMATED),
        ("azure", "o4-mini-deep-research", CostState.ESTIMATED),
        ("aws.bedrock", "amazon.nova-pro-v1:0:300k", CostState.PRICED),
        ("aws.bedrock", "eu.anthropic.claude-opus-4-6-v1", CostState.PRICED),
        ("openai", "ft:gpt-4o-mini-2024-07-18:acme::a1", CostState.PRICED),
        ("openai", "gpt-5.2-20251211", CostState.PRICED),
    ],
)
def test_a_model_that_only_looks_like_one_of_the_catalogue_has_its_price_as_an_estimate(
    provider: str, model: str, state: CostState
) -> None:
    price = _price(model, TokenCounts(1000), provider=provider)
    assert (price.state, "only a part" in price.reason) == (state, state is CostState.ESTIMATED)


def test_each_entry_of_the_catalogue_is_named_by_its_own_id() -> None:
    for owner in get_snapshot().providers:
        for model in owner.models:
            if owner.id in ("anthropic", "aws", "google", "mistral") and model.is_match(model.id):
                assert is_named(model.match, model.id), model.id


def test_what_is_free_costs_nothing_and_a_fee_that_depends_on_the_search_is_an_estimate() -> None:
    free = _price("qwen/qwen3-coder:free", TokenCounts(1000), provider="openrouter")
    assert (free.state, free.usd) == (CostState.PRICED, Decimal(0))
    assert "how often" in _price("gpt-4o-search-preview", TokenCounts(1000)).reason
    assert "the highest was used" in _price("sonar", TokenCounts(1000), provider="perplexity").reason


@pytest.mark.parametrize(
    ("provider", "model", "host", "geography", "usd", "state"),
    [
        ("anthropic", "claude-opus-5", "api.anthropic.com", "us", "0.0155", CostState.PRICED),
        ("anthropic", "claude-opus-5", "api.anthropic.com", "global", "0.015", CostState.PRICED),
        ("x_ai", "grok-4.6", "us.api.x.ai", "", None, CostState.ESTIMATED),  # its search has no price
        ("openai", "gpt-4o", "eu.api.openai.com", "", "0.0125", CostState.ESTIMATED),
        ("openai", "gpt-4o", "api.openai.com", "", "0.0125", CostState.PRICED),
        ("gcp.vertex_ai", "claude-sonnet-4-5", "us-east5-aiplatform.googleapis.com", "", None, "estimated"),
        ("gcp.gemini", "gemini-3.5-flash", "", "", None, CostState.ESTIMATED),  # some searches are free
    ],
)
def test_tokens_cost_more_where_a_provider_bills_regions_higher_and_fees_do_not(
    provider: str, model: str, host: str, geography: str, usd: str | None, state: CostState
) -> None:
    call = ModelCall("p", provider, model, "", int(WHEN.timestamp()) * 10**9, "", TokenCounts(1000))
    call = call._replace(tokens=TokenCounts(1000, web_searches=1), host=host, geography=geography)
    price = PRICER.price(call)
    assert price.state == state
    assert usd is None or price.usd == Decimal(usd)
    assert price.price_id.endswith("/us") is (geography == "us")
    own = CataloguePricer(overrides=[PriceOverride("p", "*", Decimal(3), Decimal(15))])
    assert own.price(call).input_usd == Decimal("0.003")


@pytest.mark.parametrize(
    ("requests", "usd", "state"),
    # 300,000 tokens at half of 2.5 dollars for a million, or of 5 in one call of more than 272,000.
    [(1, "0.75", CostState.PRICED), (0, "0.75", CostState.PRICED), (50, "0.375", CostState.ESTIMATED)],
)
def test_tokens_of_many_requests_are_no_long_context(requests: int, usd: str, state: CostState) -> None:
    call = ModelCall(
        "p", "openai", "gpt-5.4", "", int(WHEN.timestamp()) * 10**9, "batch", TokenCounts(300_000)
    )
    price = PRICER.price(call._replace(requests=requests))
    assert (price.usd, price.state) == (Decimal(usd), state)
    short = PRICER.price(call._replace(requests=50, tokens=TokenCounts(200_000)))
    assert (short.usd, short.state) == (Decimal("0.25"), CostState.PRICED)


def test_a_region_s_factor_is_of_every_token() -> None:
    call = ModelCall("p", "x_ai", "grok-4.6", "", int(WHEN.timestamp()) * 10**9, "", TokenCounts(9, 3, 0, 7))
    here, there = PRICER.price(call), PRICER.price(call._replace(host="us.api.x.ai"))
    assert (there.state, there.usd) == (CostState.PRICED, quantise_usd(here.usd * Decimal("1.1")))
    assert there.cached_usd == quantise_usd(here.cached_usd * Decimal("1.1"))


@pytest.mark.parametrize(
    ("provider", "model", "usd"), [("anthropic", "claude-opus-5", "0.01"), ("openai", "gpt-4o", "0.00425")]
)
def test_the_fast_mode_has_its_own_price(provider: str, model: str, usd: str) -> None:
    """The catalogue has it as a speed of Anthropic's, and as a service tier of OpenAI's."""
    price = _price(model, TokenCounts(1000), provider=provider, tier="fast")
    assert (price.state, price.usd) == (CostState.PRICED, Decimal(usd))


@pytest.mark.parametrize(
    ("parts", "usd"),
    [
        # 300 cached texts at 0.4, 600 sounds at 32 and 100 texts at 4 dollars for a million.
        ({"cached_text": 300}, "0.01972"),
        ({"cached_audio": 300}, "0.01132"),
        ({"cached_text": 100, "cached_audio": 200}, "0.01412"),
    ],
)
def test_cached_sound_costs_what_it_costs_once_it_is_told_from_text(parts: dict[str, int], usd: str) -> None:
    counts = TokenCounts(1000, cached_input=300, audio_input=600, **parts)
    price = _price("gpt-realtime", counts)
    assert (price.state, price.usd) == (CostState.PRICED, Decimal(usd))


def test_cached_sound_has_the_catalogues_own_price() -> None:
    counts = TokenCounts(1000, cached_input=1000, audio_input=1000, cached_audio=1000)
    sound = _price("gemini-2.5-flash", counts, provider="gcp.gemini")
    text = TokenCounts(1000, cached_input=1000, cached_text=1000)
    assert sound.usd == Decimal("0.0001")
    assert _price("gemini-2.5-flash", text, provider="gcp.gemini").usd == Decimal("0.00003")


def test_sound_without_a_price_of_its_own_is_an_estimate_unless_all_costs_the_same() -> None:
    sound = TokenCounts(1000, audio_input=800)
    assert "sound" in _price("gpt-4o-audio-preview", sound).reason
    assert _price("gpt-4o-audio-preview", TokenCounts(1000)).state is CostState.PRICED
    assert _price("gemini-2.5-pro", sound, provider="gcp.gemini").state is CostState.PRICED
    own = CataloguePricer(overrides=[PriceOverride("p", "gpt-4o*", Decimal(3), Decimal(15))])
    assert _price("gpt-4o-audio-preview", sound, pricer=own).state is CostState.PRICED


def test_an_answer_that_may_be_an_image_is_an_estimate_unless_its_tokens_are_told() -> None:
    drawn = TokenCounts(100, output=1290)
    assert "a model that makes them" in _price("gemini-2.5-flash-image", drawn, provider="gcp.gemini").reason
    told = _price("gemini-2.5-flash-image", drawn._replace(image_output=1290), provider="gcp.gemini")
    assert (told.state, told.usd) == (CostState.PRICED, Decimal("0.03873"))
    assert "video" in _price("gemini-omni-1.1-flash", drawn, provider="gcp.gemini").reason


def test_more_cached_sound_than_was_cached_is_an_estimate() -> None:
    price = _price("gpt-realtime", TokenCounts(1000, cached_input=300, audio_input=600, cached_audio=400))
    assert (price.state, price.reason) == (
        CostState.ESTIMATED,
        "token classes add up to more than their total",
    )


def test_overrides_win_by_project_model_and_date() -> None:
    override = PriceOverride(
        name="contract-2026",
        model="gpt-4o*",
        input_usd_per_mtok=Decimal(1),
        output_usd_per_mtok=Decimal(2),
        project="default",
        start=datetime(2026, 6, 1, tzinfo=UTC),
        end=datetime(2026, 12, 1, tzinfo=UTC),
    )
    pricer = CataloguePricer(overrides=[override])
    inside = _price("GPT-4o-mini", TokenCounts(1_000_000, output=1_000_000), pricer=pricer)
    assert (inside.usd, inside.price_id) == (Decimal(3), "override/contract-2026")
    batch = _price("gpt-4o", TokenCounts(10), pricer=pricer, tier="batch")
    assert (batch.state, batch.price_id) == (CostState.ESTIMATED, "override/contract-2026")
    assert batch.reason == "the own price is not of service tier 'batch'"
    after = _price("gpt-4o", TokenCounts(10), pricer=pricer, when=datetime(2026, 12, 1, tzinfo=UTC))
    assert after.price_id.endswith("openai/gpt-4o")


def test_an_own_price_of_the_model_asked_for_wins_over_the_catalogue_s_of_the_one_that_answered() -> None:
    deployment = PriceOverride("reserved", "my-deployment", Decimal(0), Decimal(0))
    answered = PriceOverride("contract", "gpt-4o-2024*", Decimal(1), Decimal(1))
    start_ns = int(WHEN.timestamp()) * 1_000_000_000
    call = ModelCall(
        "default", "azure.ai.openai", "gpt-4o-2024-08-06", "my-deployment", start_ns, "", TokenCounts(10)
    )
    assert CataloguePricer().price(call).price_id.endswith("azure/gpt-4o")
    assert CataloguePricer(overrides=[deployment]).price(call).price_id == "override/reserved"
    assert CataloguePricer(overrides=[answered, deployment]).price(call).price_id == "override/contract"


def test_own_prices_know_every_class_of_tokens_and_tiers_of_their_own() -> None:
    own = PriceOverride(
        "p", "m*", Decimal(10), Decimal(100),
        cached_input_usd_per_mtok=Decimal(1),
        cache_write_usd_per_mtok=Decimal(12),
        cache_write_1h_usd_per_mtok=Decimal(20),
        reasoning_usd_per_mtok=Decimal(50),
        audio_input_usd_per_mtok=Decimal(30),
        audio_output_usd_per_mtok=Decimal(200),
        image_input_usd_per_mtok=Decimal(5),
        image_output_usd_per_mtok=Decimal(400),
    )  # fmt: skip
    batch = PriceOverride("batch", "m*", Decimal(4), Decimal(40), service_tier="batch")
    pricer = CataloguePricer(overrides=[own, batch])
    million = 1_000_000
    tokens = TokenCounts(
        6 * million, million, 2 * million, 4 * million, million, million, million, million, million, million
    )
    full = _price("m-1", tokens, provider="", pricer=pricer)
    # Cached, for an hour, written, of sound, of an image, plain.
    assert full.input_usd + full.cached_usd == 1 + 20 + 12 + 30 + 5 + 10
    assert (full.output_usd, full.state) == (Decimal(50 + 200 + 400 + 100), CostState.ESTIMATED)
    nothing_cached = _price("m-1", tokens._replace(cached_input=0), provider="", pricer=pricer)
    assert (nothing_cached.input_usd, nothing_cached.state) == (full.input_usd + 10, CostState.PRICED)
    for tier, cost, entry, state in (
        ("Batch", 4, "override/batch", CostState.PRICED),
        ("priority", 10, "override/p", CostState.ESTIMATED),
        ("default", 10, "override/p", CostState.PRICED),
    ):
        price = _price("m-1", TokenCounts(million), provider="", pricer=pricer, tier=tier)
        assert (price.usd, price.price_id, price.state) == (Decimal(cost), entry, state)


@pytest.mark.parametrize(
    ("pattern", "model", "covers"),
    [
        ("Claude-Opus-*[1m]", "claude-opus-4-6[1m]", True),
        ("claude-opus-4-6[1m]", "claude-opus-4-61", False),
        ("gpt-4?", "gpt-4o", False),
        ("gpt-4*", "gpt-4?", True),
    ],
)
def test_nothing_but_a_star_has_a_meaning_in_the_model_of_an_own_price(
    pattern: str, model: str, covers: bool
) -> None:
    assert PriceOverride("p", pattern, Decimal(1), Decimal(2)).covers("p", "", model, WHEN) is covers


@pytest.mark.parametrize(
    ("own", "provider", "covers"),
    [
        ("Azure", "azure.ai.openai", True),
        ("xai", "x_ai", True),
        ("azure", "openai", False),
        ("openai", "", False),
    ],
)
def test_the_provider_of_an_own_price_may_have_any_of_its_names(
    own: str, provider: str, covers: bool
) -> None:
    price = PriceOverride("p", "*", Decimal(1), Decimal(2), provider=own)
    assert price.covers("p", provider, "m", WHEN) is covers


def test_a_long_call_has_the_own_prices_of_long_calls_for_all_of_its_tokens() -> None:
    long = {"input": Decimal(20), "cached_input": Decimal(2), "output": Decimal(200)}
    own = PriceOverride(
        "p", "m*", Decimal(10), Decimal(100),
        cache_write_usd_per_mtok=Decimal(12),
        long_context=LongContext(200_000, long),
    )  # fmt: skip
    pricer = CataloguePricer(overrides=[own])

    def cost(tokens: TokenCounts) -> tuple[Decimal, Decimal, Decimal]:
        price = _price("m-1", tokens, provider="", pricer=pricer)
        assert (price.state, price.price_id) == (CostState.PRICED, "override/p")
        return price.input_usd, price.cached_usd, price.output_usd

    # Without a usual price a class costs what its total does, without a long one what it usually does.
    at_the_threshold = TokenCounts(200_000, cached_input=100_000, cache_write=50_000, output=1_000)
    assert cost(at_the_threshold) == (Decimal("1.1"), Decimal(1), Decimal("0.1"))
    assert cost(at_the_threshold._replace(input=200_001)) == (
        Decimal("1.60002"),
        Decimal("0.2"),
        Decimal("0.2"),
    )


@given(st.decimals(0, 999_999, places=12))
def test_money_survives_its_text(amount: Decimal) -> None:
    assert parse_usd(str(amount)) == quantise_usd(amount)


@pytest.mark.parametrize("value", ["-1", "nan", "1e9", "abc", True, None, float("inf")])
def test_what_is_no_storable_amount_is_none(value: object) -> None:
    assert parse_usd(value) is None


def test_a_published_catalogue_with_all_its_shapes_is_read_and_prices_by_date_and_size() -> None:
    """Ranges of dates, tiers, variants, usage extractors and clauses, as genai-prices publishes them."""
    published = [
        {"id": provider.id, "name": provider.name, "api_pattern": "x", "models": []}
        for provider in get_snapshot().providers
        if provider.id != "anthropic"
    ]
    usage = [{"path": ["server_tool_use", "searches"], "dest": "web_searches", "required": False}]
    tiers = {"base": 3, "tiers": [{"start": 200_000, "price": 6}]}
    model = {
        "id": "sonnet",
        "match": {"or": [{"starts_with": "claude-sonnet-9"}, {"equals": "sonnet-9"}]},
        "context_window": 1_000_000,
        "prices": [
            {"prices": {"input_mtok": tiers, "output_mtok": 15, "web_searches_kcount": 10}},
            {"constraint": {"start_date": "2026-03-13"}, "prices": {"input_mtok": 2, "output_mtok": 10}},
        ],
    }
    anthropic = {
        "id": "anthropic",
        "name": "Anthropic",
        "pricing_urls": ["https://example.com"],
        "api_pattern": "https://api\\.anthropic\\.com",
        "model_match": {"contains": "claude"},
        "extractors": [{"api_flavor": "default", "root": "usage", "model_path": "model", "mappings": usage}],
        "models": [model],
    }
    pricer = CataloguePricer(read_catalogue(json.dumps([anthropic, *published]), WHEN))

    def cost(tokens: int, when: datetime) -> Decimal:
        counts = TokenCounts(tokens, 0, 0, 0)
        return _price("claude-sonnet-9-1", counts, provider="anthropic", when=when, pricer=pricer).usd

    before = datetime(2026, 1, 1, tzinfo=UTC)
    assert (cost(100_000, before), cost(300_000, before)) == (Decimal("0.3"), Decimal("1.8"))
    assert cost(300_000, WHEN) == Decimal("0.6")


_EARLIER, _LATER = {"start_date": "2020-01-01"}, {"start_date": "2100-01-01"}


@pytest.mark.parametrize(
    "prices",
    [
        *(
            {"prices": {"input_mtok": 1, name: -1}}
            for name in ("output_mtok", "input_audio_mtok", "cache_write_1h_mtok", "requests_kcount")
        ),
        {"prices": [{"prices": {"input_mtok": -1}}, {"constraint": _EARLIER, "prices": {"input_mtok": 1}}]},
        {"prices": [{"prices": {"input_mtok": 1}}, {"constraint": _LATER, "prices": {"input_mtok": -1}}]},
        {
            "prices": {"input_mtok": 1},
            "price_variants": [{"when": {"processing": "batch"}, "prices": {"cache_read_mtok": -1}}],
        },
    ],
)
def test_a_catalogue_with_any_price_below_zero_is_refused(prices: dict[str, Any]) -> None:
    models = [{"id": "m", "match": {"equals": "m"}, **prices}]
    published = [
        {"id": provider.id, "name": provider.name, "api_pattern": "x", "models": models}
        for provider in get_snapshot().providers
    ]
    with pytest.raises(UnusableCatalogue, match="below zero"):
        read_catalogue(json.dumps(published), WHEN)
