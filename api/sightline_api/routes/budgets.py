"""Budgets of alert rules, and how they are being used up."""

from fastapi import APIRouter

from sightline_analysis.alerts.budget import CalendarBudget
from sightline_analysis.alerts.measures import Measure
from sightline_analysis.alerts.rule import Rule
from sightline_analysis.alerts.rule_document import parse_stored
from sightline_analysis.alerts.scope import parse_rule_query, rollup_scope
from sightline_analysis.costs.budgets import BudgetUse, BurnDown, read_budget_use
from sightline_analysis.costs.calendar_buckets import enclosing_bucket, load_zone
from sightline_api.amounts import usd_text
from sightline_api.budget_models import BudgetModel, Budgets, BurnDownModel
from sightline_api.cost_view import known_usd, state_of
from sightline_api.dependencies import Caller, Services
from sightline_core.auth import Principal
from sightline_storage.spend.spend_reader import DIMENSIONS

router = APIRouter(tags=["costs"])

_DIMENSION_OF_GROUP = {"prompt": "prompt_name"}


@router.get("/costs/budgets")
def read_budgets(services: Services, caller: Caller) -> Budgets:
    """Return every calendar budget over cost with the cumulative spend of its period and the forecast."""
    rules, _ = parse_stored(services.alert_rules.rules(caller.project))
    return Budgets(
        now=services.now(),
        budgets=[
            _budget(services, caller, rule, rule.condition)
            for rule in rules
            if isinstance(rule.condition, CalendarBudget) and rule.measure is Measure.COST
        ],
    )


def _budget(services: Services, caller: Principal, rule: Rule, condition: CalendarBudget) -> BudgetModel:
    now, local = services.now(), load_zone(condition.zone)
    scope = rollup_scope(parse_rule_query(rule.query))
    dimensions = [_DIMENSION_OF_GROUP.get(name, name) for name in rule.group_by]
    use, reason = BudgetUse(enclosing_bucket(now, condition.period, local), (), (), 0), ""
    if scope is None:
        reason = "the query of this rule asks more than what costs can be restricted by"
    elif not set(dimensions) <= set(DIMENSIONS):
        reason = "costs cannot be grouped as this rule does"
    else:
        use = read_budget_use(
            services.spend,
            caller.project,
            period=condition.period,
            zone=condition.zone,
            dimensions=dimensions,
            filters=dict(scope),
            now=now,
        )
    return BudgetModel.model_validate(
        {
            "rule": rule.key,
            "name": rule.name,
            "query": rule.query,
            "enabled": rule.enabled,
            "amount_usd": format(condition.amount, ".12f").rstrip("0").rstrip("."),
            "period": condition.period,
            "zone": condition.zone,
            "steps": list(condition.steps),
            "dimensions": dimensions,
            "start": use.period.start,
            "end": use.period.end,
            "buckets": list(use.buckets),
            "groups": [_burn_down(group) for group in use.groups],
            "group_count": use.group_count,
            "sampled": use.sampled,
            "reason": reason,
        }
    )


def _burn_down(group: BurnDown) -> BurnDownModel:
    forecast = group.forecast if group.forecast and group.forecast.basis != "no_history" else None
    return BurnDownModel(
        key=list(group.key),
        spent_usd=known_usd(group.spent, group.spent.cost_usd),
        state=state_of(group.spent),
        unpriced_calls=group.spent.unpriced_calls,
        cumulative_usd=[usd_text(usd) for usd in group.cumulative_usd],
        expected_usd=known_usd(group.spent, forecast.expected_usd if forecast else None),
        low_usd=known_usd(group.spent, forecast.low_usd if forecast else None),
        high_usd=known_usd(group.spent, forecast.high_usd if forecast else None),
    )
