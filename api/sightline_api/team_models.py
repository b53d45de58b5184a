"""Shapes of who pays: the plan of teams, and monthly statements. Money is a decimal string in USD."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from sightline_api.models import Model, Sampled

SplitName = Literal["even", "by_spend", "by_calls", "fixed"]


class TeamModel(Model):
    """A team and the cost centre that it is booked on."""

    name: str = Field(max_length=200)
    cost_centre: str = Field(default="", max_length=200)


class TeamRuleModel(Model):
    """Calls that fit all three patterns (`*` any text, `?` one character) are paid by the team."""

    app: str = Field(default="*", max_length=200)
    environment: str = Field(default="*", max_length=200)
    tag: str = Field(default="*", max_length=200, description="fits when one tag of the call does")
    team: str = Field(max_length=200)


class SharedCostModel(Model):
    """Calls whose cost is split between teams with costs of their own, or by fixed shares."""

    app: str = Field(default="*", max_length=200)
    environment: str = Field(default="*", max_length=200)
    split: SplitName
    shares: dict[str, str] = Field(default_factory=dict, description="team → its share, for `fixed`")


class TeamPlanWrite(Model):
    """A plan to save. `version` is that of the plan it replaces."""

    teams: list[TeamModel] = Field(max_length=200)
    rules: list[TeamRuleModel] = Field(max_length=200)
    shared: list[SharedCostModel] = Field(max_length=200)
    version: int = Field(ge=0)


class TeamPlanModel(TeamPlanWrite):
    """Who pays: shared costs come first, then rules in order. Version 0 is no plan yet."""

    updated_at: datetime | None
    updated_by: str


class StatementLineModel(Model):
    """One app on a statement; with a `split` it is the team's part of a shared cost."""

    app: str
    environment: str
    usd: str
    estimated_usd: str
    calls: int
    unpriced_calls: int
    split: SplitName | None


class StatementModel(Model):
    """What one team owes. `team` is empty for calls that no rule gives to a team."""

    team: str
    cost_centre: str
    usd: str
    estimated_usd: str
    calls: int
    unpriced_calls: int = Field(description="calls without a known price; they are in no amount")
    lines: list[StatementLineModel]


class Statements(Model):
    """All statements of a calendar month; they add up to `usd` in whole cents."""

    month: str
    zone: str
    start: datetime
    end: datetime
    is_over: bool = Field(description="false while the month goes on")
    statements: list[StatementModel]
    usd: str
    sampled: Sampled
