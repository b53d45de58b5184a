"""Response shapes of cost reports. Money is a decimal string in USD, and null, never zero, when not known."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from sightline_api.models import CostStateName, Model, Sampled

UnitName = Literal["hour", "day", "week", "month"]


class SpendModel(Model):
    """Totals over counted calls. `usd` = `priced_usd` + `estimated_usd`; unpriced calls are in neither."""

    usd: str | None = Field(description="null when no call has a price, and when there was no call")
    state: CostStateName = Field(
        description="partial: some calls are priced and some are not, so that `usd` is a lower bound"
    )
    priced_usd: str
    estimated_usd: str
    calls: int = Field(description="without those that were refused before any token was counted")
    unpriced_calls: int
    estimated_calls: int
    errors: int = Field(description="of `calls`, those that ended in an error")
    input_tokens: int
    cached_input_tokens: int
    cache_write_tokens: int
    output_tokens: int
    reasoning_tokens: int
    cache_lookups: int
    cache_hits: int
    cache_saved_usd: str | None = Field(description="null when there were hits and none said what it spared")
    failed_usd: str | None = Field(
        description="cost of calls that ended in an error; part of `usd`, and null when no call has a price"
    )


class LatencyModel(Model):
    """Latency of model calls, within 1 %; null where nothing was measured."""

    p50_ns: int | None
    p95_ns: int | None
    first_token_p95_ns: int | None


class CostGroup(Model):
    """One group. `series_usd` is parallel to the report's `buckets`."""

    key: list[str] = Field(description="values of the dimensions, in their order; empty for a sum of groups")
    is_rest: bool = Field(description="the sum of all groups over the limit")
    spend: SpendModel
    previous: SpendModel
    change_usd: str | None = Field(
        description="null when all calls of this period or of the one before are unpriced"
    )
    series_usd: list[str | None] = Field(
        description="null where all calls are unpriced, 0 where there was no call"
    )
    series_unpriced_calls: list[int]
    latency: LatencyModel


class CostReportModel(Model):
    """Groups by cost. Groups add up to `total` and every series adds up to its group, to the last digit.

    Only by `tag` they do not (`overlaps`): a call with two tags is in two groups, and once in the total.
    """

    dimensions: list[str]
    start: datetime
    end: datetime
    previous_start: datetime
    previous_end: datetime
    unit: UnitName
    zone: str
    buckets: list[datetime]
    groups: list[CostGroup]
    total: CostGroup
    group_count: int
    overlaps: bool
    sampled: Sampled


class CostChange(Model):
    """Why a cost changed: the causes add up to `change_usd` exactly.

    An amount is null when no call of its period has a price. The change is that of calls with a price, and
    null when neither period has any.
    """

    key: list[str]
    is_rest: bool = Field(description="the sum of groups that are too small to be looked at one by one")
    before_usd: str | None
    before_state: CostStateName
    after_usd: str | None
    after_state: CostStateName
    change_usd: str | None
    main_cause: str | None
    causes: dict[str, str] = Field(
        description="volume, model_mix, tokens_per_call, cache_ratio, price and coverage, in USD"
    )


class CostMovers(Model):
    """Groups that changed most against the period before, and all groups together."""

    dimensions: list[str]
    movers: list[CostChange]
    total: CostChange
    sampled: Sampled


class CostForecast(Model):
    """Where the calendar month is going. Amounts are null when no call of the month has a price."""

    month_start: datetime
    month_end: datetime
    spent_usd: str | None
    state: CostStateName
    unpriced_calls: int
    expected_usd: str | None
    low_usd: str | None
    high_usd: str | None
    basis: Literal["weekday_profile", "daily_mean", "no_history"]
    sampled: Sampled


class UnitCost(Model):
    """How many there were, and what one of them cost: null when there was none or no call has a price."""

    count: int
    usd: str | None


class UnitCostGroup(Model):
    """What one trace, session, user and success of a group cost."""

    key: list[str]
    is_rest: bool
    usd: str | None
    state: CostStateName
    trace: UnitCost
    session: UnitCost
    user: UnitCost
    success: UnitCost = Field(description="traces whose root ended without an error and without a failure")


class UnitCosts(Model):
    """Groups by cost. A trace with calls of several groups counts in each of them, once in the total."""

    dimensions: list[str]
    groups: list[UnitCostGroup]
    total: UnitCostGroup
    sampled: Sampled


class WasteModel(Model):
    """Calls that came to nothing."""

    calls: int
    unpriced_calls: int
    usd: str | None = Field(description="cost of those with a price; null when there are none")


class ModelSavingsModel(Model):
    """What one model in one service tier spared and wasted. Unknown amounts are null, never zero."""

    provider: str
    model: str
    service_tier: str
    cached_tokens: int = Field(description="input tokens that the provider read from its prompt cache")
    prompt_cache_usd: str | None = Field(
        description="spared at the effective price of input that is not cached, less surcharges for writing; "
        "negative when writing did not pay off"
    )
    cache_hits: int = Field(description="answers from the app's own cache")
    hits_without_price: int
    hit_tokens: int
    hit_usd: str | None
    failed: WasteModel = Field(description="calls that ended in an error")
    retried_calls: int = Field(description="calls that succeeded or failed after retries inside one call")
    retries: int
    abandoned: WasteModel = Field(description="streams that were left or cancelled, without an error")


class CostSavings(Model):
    """Savings seen and spend wasted, by model."""

    models: list[ModelSavingsModel]
    sampled: Sampled
