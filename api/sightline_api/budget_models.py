"""Shapes of budgets: calendar budgets of alert rules, and how they are being used up."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from sightline_api.models import CostStateName, Model, Sampled


class BurnDownModel(Model):
    """One group of a budget. `cumulative_usd` is parallel to the budget's `buckets`."""

    key: list[str]
    spent_usd: str | None = Field(description="null when no call of the period has a price")
    state: CostStateName
    unpriced_calls: int
    cumulative_usd: list[str]
    expected_usd: str | None = Field(description="at the end of the period; null without a forecast")
    low_usd: str | None
    high_usd: str | None


class BudgetModel(Model):
    """A calendar budget of a rule over cost, in the period of now."""

    rule: str
    name: str
    query: str
    enabled: bool
    amount_usd: str = Field(description="for each group")
    period: Literal["day", "week", "month"]
    zone: str
    steps: list[float]
    dimensions: list[str]
    start: datetime
    end: datetime
    buckets: list[datetime] = Field(description="days of the period that have begun, or hours of a day")
    groups: list[BurnDownModel] = Field(description="those that spent most")
    group_count: int
    sampled: Sampled
    reason: str = Field(description="why there are no groups: the rule asks what a cost report cannot")


class Budgets(Model):
    """All calendar budgets over cost, by key of the rule."""

    now: datetime
    budgets: list[BudgetModel]
