"""Reading what could have been saved."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from sightline_core.ids import ProjectId
from sightline_core.price_rates import TokenCounts
from sightline_core.time_range import TimeRange
from sightline_storage.engines.engine import Engine
from sightline_storage.engines.statements import run
from sightline_storage.spend.spend_potential import (
    build_cacheable_prompts,
    build_distinct_requests,
    build_prompt_texts,
    build_repeats,
    build_token_profile,
)
from sightline_storage.spend.spend_queries import Filters, SpendQuestion
from sightline_storage.spend.spend_reader import SpendReader


@dataclass(frozen=True, slots=True)
class Caller:
    """Who called which model."""

    app: str
    provider: str
    model: str


@dataclass(frozen=True, slots=True)
class RepeatedRequest:
    """One request that was sent `calls` times; `repeated_usd` is what all but the first cost."""

    fingerprint: str
    caller: Caller
    calls: int
    repeated_usd: Decimal
    unpriced_calls: int
    asked: str
    trace_id: str


@dataclass(frozen=True, slots=True)
class Repeats:
    """The costliest repeated requests; the sums are over all of them."""

    requests: int
    repeats: int
    usd: Decimal
    costliest: list[RepeatedRequest]


@dataclass(frozen=True, slots=True)
class DistinctRequest:
    """One request, however often it was sent. `usd` is the cost of one call, `None` without a price."""

    caller: Caller
    prompt_fingerprint: str
    fingerprint: str
    asked: str
    usd: Decimal | None
    trace_id: str


@dataclass(frozen=True, slots=True)
class CacheablePrompt:
    """A prompt with long inputs. `samples` are (trace, span) of some of its calls."""

    caller: Caller
    fingerprint: str
    name: str
    calls: int
    cold_calls: int
    input_tokens: int
    cached_tokens: int
    samples: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class PromptText:
    """The beginning of what was sent in one call, the length of all of it, and its tokens."""

    text: str
    length: int
    input_tokens: int


@dataclass(frozen=True, slots=True)
class TokenProfile:
    """Calls of one model and tier of about the same size; `tokens` and `usd` are sums over them.

    `sampled`: sampled calls are among them, and the sums are estimates.
    """

    provider: str
    model: str
    service_tier: str
    calls: int
    usd: Decimal
    unpriced_calls: int
    last_start: datetime
    tokens: TokenCounts
    sampled: bool


class SpendPotentialReader:
    """Thread-safe, as the engine is. Reads spans; dimensions and filters are those of `SpendReader`."""

    def __init__(self, engine: Engine, spend: SpendReader) -> None:
        self._engine = engine
        self._spend = spend

    def read_repeats(
        self, project: ProjectId, time_range: TimeRange, filters: Filters, limit: int
    ) -> Repeats:
        """Return requests that were sent more than once to the same model by the same app."""
        rows = run(self._engine, build_repeats(self._question(project, time_range, filters), limit))
        if not rows:
            return Repeats(0, 0, Decimal(0), [])
        found = [
            RepeatedRequest(
                fingerprint,
                Caller(app, provider, model),
                int(calls),
                Decimal(usd),
                int(unpriced),
                asked,
                trace,
            )
            for _, _, _, fingerprint, app, provider, model, calls, usd, unpriced, asked, trace in rows
        ]
        return Repeats(int(rows[0][0]), int(rows[0][1]), Decimal(rows[0][2]), found)

    def read_distinct_requests(
        self, project: ProjectId, time_range: TimeRange, filters: Filters, limit: int
    ) -> list[DistinctRequest]:
        """Return the newest distinct requests to language models."""
        rows = run(self._engine, build_distinct_requests(self._question(project, time_range, filters), limit))
        return [
            DistinctRequest(
                Caller(app, provider, model),
                prompt,
                request,
                asked,
                Decimal(usd) if has_price else None,
                trace,
            )
            for app, provider, model, prompt, request, asked, usd, has_price, trace in rows
        ]

    def read_cacheable_prompts(
        self, project: ProjectId, time_range: TimeRange, filters: Filters, *, least_tokens: int, limit: int
    ) -> list[CacheablePrompt]:
        """Return prompts that were sent again and again with inputs of at least so many tokens."""
        question = self._question(project, time_range, filters)
        return [
            CacheablePrompt(
                Caller(app, provider, model),
                fingerprint,
                name,
                int(calls),
                int(cold),
                int(tokens),
                int(cached),
                [(str(trace), str(span)) for trace, span in samples],
            )
            for app, provider, model, fingerprint, name, calls, cold, tokens, cached, samples in run(
                self._engine, build_cacheable_prompts(question, least_tokens, limit)
            )
        ]

    def read_prompt_texts(
        self, project: ProjectId, time_range: TimeRange, calls: Sequence[tuple[str, str]]
    ) -> dict[tuple[str, str], PromptText]:
        """Return what was sent in these calls, by (trace, span)."""
        if not calls:
            return {}
        traces, spans = sorted({trace for trace, _ in calls}), sorted({span for _, span in calls})
        rows = run(self._engine, build_prompt_texts(self._question(project, time_range, {}), traces, spans))
        return {
            (str(trace), str(span)): PromptText(str(text), int(length), int(tokens))
            for trace, span, text, length, tokens in rows
        }

    def read_token_profiles(
        self,
        project: ProjectId,
        time_range: TimeRange,
        filters: Filters,
        *,
        most_input: int,
        most_output: int,
        only_unattended: bool = False,
    ) -> list[TokenProfile]:
        """Return the tokens of successful calls up to this size, by model, tier and size."""
        question = self._question(project, time_range, filters)
        return [
            TokenProfile(
                provider=str(provider),
                model=str(model),
                service_tier=str(tier),
                calls=int(calls),
                usd=Decimal(usd),
                unpriced_calls=int(unpriced),
                last_start=datetime.fromtimestamp(int(last_s), UTC),
                tokens=TokenCounts(*map(int, tokens)),
                sampled=bool(sampled),
            )
            for provider, model, tier, _, calls, usd, unpriced, last_s, sampled, *tokens in run(
                self._engine,
                build_token_profile(
                    question, most_input=most_input, most_output=most_output, only_unattended=only_unattended
                ),
            )
        ]

    def _question(self, project: ProjectId, time_range: TimeRange, filters: Filters) -> SpendQuestion:
        return self._spend.question(project, time_range, (), filters)
