"""Prompts that a provider's prompt cache could serve: a long beginning that all calls share, sent often.

The shared beginning is measured on samples of the stored texts, in the order that providers read them (tools,
instructions, messages), and turned into tokens by the share of the text that it is. A call finds the cache
warm when another one came before it in the same window of five minutes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sightline_core.ids import ProjectId
from sightline_core.money import COST_STEP
from sightline_core.nanoseconds import to_ns
from sightline_core.price_rates import TokenCounts
from sightline_core.pricing import ModelCall, Pricer
from sightline_core.time_range import TimeRange
from sightline_semconv.kinds import CostState
from sightline_storage.spend.spend_potential_reader import CacheablePrompt, PromptText, SpendPotentialReader
from sightline_storage.spend.spend_queries import Filters

LEAST_TOKENS = 1024
"""The shortest beginning that OpenAI caches, and Anthropic for most models (November 2026)."""
LOOKED_AT = 30
_MIN_SAMPLES = 2


@dataclass(frozen=True, slots=True)
class CachingChance:
    """A prompt that qualifies. `usd` is what its calls could have spared, `None` without a price.

    `warm_calls` could have read `prefix_tokens` each; `cached_tokens` of all were read from a cache already.
    """

    prompt: CacheablePrompt
    prefix_tokens: int
    warm_calls: int
    cached_tokens: int
    possible_tokens: int
    usd: Decimal | None


def read_caching_chances(
    reader: SpendPotentialReader,
    pricer: Pricer,
    project: ProjectId,
    time_range: TimeRange,
    filters: Filters,
) -> list[CachingChance]:
    """Return the prompts that qualify, those that would spare most tokens first.

    Only prompts whose content is stored can be looked at.
    """
    prompts = reader.read_cacheable_prompts(
        project, time_range, filters, least_tokens=LEAST_TOKENS, limit=LOOKED_AT
    )
    texts = reader.read_prompt_texts(
        project, time_range, [sample for prompt in prompts for sample in prompt.samples]
    )
    found = [_chance(prompt, texts, pricer, project, time_range.end) for prompt in prompts]
    chances = [chance for chance in found if chance is not None]
    return sorted(chances, key=lambda chance: (-chance.possible_tokens, chance.prompt.fingerprint))


def shared_prefix_tokens(texts: Sequence[PromptText]) -> int:
    """Return how many tokens of input all of the texts begin with; 0 when there are fewer than two texts."""
    known = [text for text in texts if text.length]
    if len(known) < _MIN_SAMPLES:
        return 0
    shared = _shared_length([text.text for text in known])
    return min(round(shared / text.length * text.input_tokens) for text in known)


def _shared_length(texts: Sequence[str]) -> int:
    # What the first and the last in order share, all between them share.
    first, last = min(texts), max(texts)
    differ = (place for place, (one, other) in enumerate(zip(first, last, strict=False)) if one != other)
    return next(differ, min(len(first), len(last)))


def _chance(
    prompt: CacheablePrompt,
    texts: Mapping[tuple[str, str], PromptText],
    pricer: Pricer,
    project: ProjectId,
    when: datetime,
) -> CachingChance | None:
    prefix = shared_prefix_tokens([texts[sample] for sample in prompt.samples if sample in texts])
    warm = prompt.calls - prompt.cold_calls
    possible = warm * prefix - prompt.cached_tokens
    if prefix < LEAST_TOKENS or possible <= 0:
        return None

    def price(cached: int) -> Decimal | None:
        call = ModelCall(
            project,
            prompt.caller.provider,
            prompt.caller.model,
            "",
            to_ns(when - timedelta(microseconds=1)),
            "",
            TokenCounts(input=prefix, cached_input=cached),
        )
        found = pricer.price(call)
        return None if found.state is CostState.UNPRICED else found.usd

    full, cached = price(0), price(prefix)
    usd = None
    if full is not None and cached is not None:
        usd = ((full - cached) * possible / prefix).quantize(COST_STEP)
    return CachingChance(prompt, prefix, warm, prompt.cached_tokens, possible, usd)
