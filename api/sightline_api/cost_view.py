"""Cost reports as response models."""

from decimal import Decimal

from sightline_analysis.costs.movers import Change
from sightline_analysis.costs.outcomes import UnitCosts, UnitReport
from sightline_analysis.costs.report import ReportGroup
from sightline_analysis.costs.reporting import UNMEASURED, MeasuredReport, MonthForecast, Movers
from sightline_analysis.costs.savings import ModelSavings, Waste
from sightline_analysis.costs.spend import Spend
from sightline_api.amounts import cost_state, usd_or_none, usd_text
from sightline_api.cost_models import (
    CostChange,
    CostForecast,
    CostGroup,
    CostMovers,
    CostReportModel,
    LatencyModel,
    ModelSavingsModel,
    SpendModel,
    UnitCost,
    UnitCostGroup,
    WasteModel,
)
from sightline_api.cost_models import UnitCosts as UnitCostsModel
from sightline_api.models import CostStateName
from sightline_storage.spend.spend_reader import CallLatency


def report_model(measured: MeasuredReport) -> CostReportModel:
    """Return the report as a response model."""
    report = measured.report
    return CostReportModel(
        dimensions=list(report.dimensions),
        start=report.time_range.start,
        end=report.time_range.end,
        previous_start=report.previous_range.start,
        previous_end=report.previous_range.end,
        unit=report.unit,
        zone=report.zone,
        buckets=list(report.buckets),
        groups=[
            _group(group, measured.latency.get(None if group.is_rest else group.key, UNMEASURED))
            for group in report.groups
        ],
        total=_group(report.total, measured.total_latency),
        group_count=report.group_count,
        overlaps=report.overlaps,
        sampled=measured.sampled,
    )


def movers_model(dimensions: list[str], movers: Movers) -> CostMovers:
    """Return the movers as a response model."""
    rows = [_change(mover.key, mover.change) for mover in movers.groups]
    if movers.rest is not None:
        rows.append(_change((), movers.rest, is_rest=True))
    return CostMovers(
        dimensions=dimensions, movers=rows, total=_change((), movers.total), sampled=movers.sampled
    )


def _change(key: tuple[str, ...], change: Change, *, is_rest: bool = False) -> CostChange:
    before, after = state_of(change.before), state_of(change.after)
    known = "unpriced" not in (before, after) or change.change_usd != 0
    return CostChange(
        key=list(key),
        is_rest=is_rest,
        before_usd=known_usd(change.before, change.before_usd),
        before_state=before,
        after_usd=known_usd(change.after, change.after_usd),
        after_state=after,
        change_usd=usd_text(change.change_usd) if known else None,
        main_cause=change.main_cause.value if change.main_cause is not None else None,
        causes={cause.value: usd_text(usd) for cause, usd in change.causes.items()},
    )


def forecast_model(month: MonthForecast) -> CostForecast:
    """Return the forecast as a response model."""
    forecast = month.forecast
    return CostForecast(
        month_start=month.month.start,
        month_end=month.month.end,
        spent_usd=known_usd(month.spent, forecast.spent_usd),
        state=state_of(month.spent),
        unpriced_calls=month.spent.unpriced_calls,
        expected_usd=known_usd(month.spent, forecast.expected_usd),
        low_usd=known_usd(month.spent, forecast.low_usd),
        high_usd=known_usd(month.spent, forecast.high_usd),
        basis=forecast.basis,
        sampled=month.sampled,
    )


def unit_costs_model(dimensions: list[str], report: UnitReport) -> UnitCostsModel:
    """Return unit costs as a response model."""
    return UnitCostsModel(
        dimensions=dimensions,
        groups=[_unit_costs(group) for group in report.groups],
        total=_unit_costs(report.total),
        sampled=report.sampled,
    )


def _unit_costs(group: UnitCosts) -> UnitCostGroup:
    def unit(count: int) -> UnitCost:
        usd = group.per(count)
        return UnitCost(count=count, usd=usd_or_none(usd))

    state = state_of(group.spend)
    return UnitCostGroup(
        key=list(group.key),
        is_rest=group.is_rest,
        usd=usd_text(group.spend.cost_usd) if state in ("priced", "estimated", "partial") else None,
        state=state,
        trace=unit(group.outcomes.traces),
        session=unit(group.outcomes.sessions),
        user=unit(group.outcomes.users),
        success=unit(group.outcomes.successes),
    )


def savings_model(row: ModelSavings) -> ModelSavingsModel:
    """Return the savings of a model as a response model."""
    return ModelSavingsModel(
        provider=row.provider,
        model=row.model,
        service_tier=row.service_tier,
        cached_tokens=row.cached_tokens,
        prompt_cache_usd=usd_or_none(row.prompt_cache_usd),
        cache_hits=row.cache_hits,
        hits_without_price=row.hits_without_price,
        hit_tokens=row.hit_tokens,
        hit_usd=usd_or_none(row.hit_usd),
        failed=_waste(row.failed),
        retried_calls=row.retried_calls,
        retries=row.retries,
        abandoned=_waste(row.abandoned),
    )


def _waste(waste: Waste) -> WasteModel:
    return WasteModel(calls=waste.calls, unpriced_calls=waste.unpriced_calls, usd=usd_or_none(waste.usd))


def _group(group: ReportGroup, latency: CallLatency) -> CostGroup:
    return CostGroup(
        key=list(group.key),
        is_rest=group.is_rest,
        spend=_spend(group.spend),
        previous=_spend(group.previous),
        change_usd=None
        if _is_unknown(group.spend) or _is_unknown(group.previous)
        else usd_text(group.change_usd),
        series_usd=[known_usd(spend, spend.cost_usd) for spend in group.series],
        series_unpriced_calls=[spend.unpriced_calls for spend in group.series],
        latency=LatencyModel(
            p50_ns=latency.p50_ns, p95_ns=latency.p95_ns, first_token_p95_ns=latency.first_token_p95_ns
        ),
    )


def _is_unknown(spend: Spend) -> bool:
    return state_of(spend) == "unpriced"


def state_of(spend: Spend) -> CostStateName:
    """Return how far the cost is known."""
    return cost_state(spend.priced_calls, spend.estimated_calls, spend.unpriced_calls)


def known_usd(spend: Spend, amount: Decimal | None) -> str | None:
    """Return an amount that rests on these calls; None where there are some and none has a price."""
    return None if _is_unknown(spend) else usd_or_none(amount)


def _spend(spend: Spend) -> SpendModel:
    state = state_of(spend)

    def known(amount: Decimal) -> str | None:
        return usd_text(amount) if state in ("priced", "estimated", "partial") else None

    return SpendModel(
        usd=known(spend.cost_usd),
        state=state,
        priced_usd=usd_text(spend.priced_usd),
        estimated_usd=usd_text(spend.estimated_usd),
        calls=spend.calls,
        unpriced_calls=spend.unpriced_calls,
        estimated_calls=spend.estimated_calls,
        errors=spend.errors,
        input_tokens=spend.input_tokens,
        cached_input_tokens=spend.cached_input_tokens,
        cache_write_tokens=spend.cache_write_tokens,
        output_tokens=spend.output_tokens,
        reasoning_tokens=spend.reasoning_tokens,
        cache_lookups=spend.cache_lookups,
        cache_hits=spend.cache_hits,
        cache_saved_usd=None
        if spend.cache_hits and not spend.cache_saved_usd
        else usd_text(spend.cache_saved_usd),
        failed_usd=known(spend.failed_usd),
    )
