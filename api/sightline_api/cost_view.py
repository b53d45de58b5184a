"""Cost reports as response models."""

from decimal import Decimal

from sightline_analysis.costs.movers import Change
from sightline_analysis.costs.report import CostReport, ReportGroup
from sightline_analysis.costs.savings import ModelSavings, Waste
from sightline_analysis.costs.spend import Spend
from sightline_api.amounts import cost_state, usd_text
from sightline_api.cost_models import (
    CostChange,
    CostGroup,
    CostReportModel,
    ModelSavingsModel,
    SpendModel,
    WasteModel,
)
from sightline_api.models import CostStateName


def report_model(report: CostReport) -> CostReportModel:
    """Return the report as a response model."""
    return CostReportModel(
        dimensions=list(report.dimensions),
        start=report.time_range.start,
        end=report.time_range.end,
        previous_start=report.previous_range.start,
        previous_end=report.previous_range.end,
        unit=report.unit,
        zone=report.zone,
        buckets=list(report.buckets),
        groups=[_group(group) for group in report.groups],
        total=_group(report.total),
        group_count=report.group_count,
    )


def change_model(key: tuple[str, ...], change: Change) -> CostChange:
    """Return the change of a group as a response model."""
    return CostChange(
        key=list(key),
        before_usd=usd_text(change.before_usd),
        after_usd=usd_text(change.after_usd),
        change_usd=usd_text(change.change_usd),
        main_cause=change.main_cause.value if change.main_cause is not None else None,
        causes={cause.value: usd_text(usd) for cause, usd in change.causes.items()},
    )


def savings_model(row: ModelSavings) -> ModelSavingsModel:
    """Return the savings of a model as a response model."""
    return ModelSavingsModel(
        provider=row.provider,
        model=row.model,
        service_tier=row.service_tier,
        cached_tokens=row.cached_tokens,
        prompt_cache_usd=_text(row.prompt_cache_usd),
        cache_hits=row.cache_hits,
        hits_without_price=row.hits_without_price,
        hit_tokens=row.hit_tokens,
        hit_usd=_text(row.hit_usd),
        failed=_waste(row.failed),
        abandoned=_waste(row.abandoned),
    )


def _waste(waste: Waste) -> WasteModel:
    return WasteModel(calls=waste.calls, unpriced_calls=waste.unpriced_calls, usd=_text(waste.usd))


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else usd_text(amount)


def _group(group: ReportGroup) -> CostGroup:
    return CostGroup(
        key=list(group.key),
        is_rest=group.is_rest,
        spend=_spend(group.spend),
        previous=_spend(group.previous),
        change_usd=None
        if _is_unknown(group.spend) or _is_unknown(group.previous)
        else usd_text(group.change_usd),
        series_usd=[None if _is_unknown(spend) else usd_text(spend.cost_usd) for spend in group.series],
        series_unpriced_calls=[spend.unpriced_calls for spend in group.series],
    )


def _is_unknown(spend: Spend) -> bool:
    return _state(spend) == "unpriced"


def _state(spend: Spend) -> CostStateName:
    return cost_state(spend.priced_calls, spend.estimated_calls, spend.unpriced_calls)


def _spend(spend: Spend) -> SpendModel:
    state = _state(spend)

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
        output_tokens=spend.output_tokens,
        reasoning_tokens=spend.reasoning_tokens,
        cache_lookups=spend.cache_lookups,
        cache_hits=spend.cache_hits,
        cache_saved_usd=usd_text(spend.cache_saved_usd),
        failed_usd=known(spend.failed_usd),
    )
