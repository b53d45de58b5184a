"""Savings that are possible as response models."""

from collections.abc import Sequence
from decimal import Decimal

from sightline_analysis.costs.near_duplicates import LOOKED_AT, SimilarRequests
from sightline_analysis.costs.prompt_caching import LEAST_TOKENS, CachingChance
from sightline_analysis.costs.what_if import ModelSimulation, Simulation
from sightline_api.amounts import usd_or_none, usd_text
from sightline_api.potential_models import (
    CachingChanceModel,
    CachingChances,
    ModelSimulationModel,
    NearDuplicates,
    PriceSimulation,
    RepeatedRequestModel,
    RepeatedRequests,
    SimilarRequestsModel,
    SimulationModel,
)
from sightline_core.known_sums import sum_of_known
from sightline_storage.spend.spend_potential_reader import Caller, Repeats


def repeats_model(repeats: Repeats) -> RepeatedRequests:
    """Return repeated requests as a response model."""
    return RepeatedRequests(
        requests=repeats.requests,
        repeated_calls=repeats.repeats,
        usd=usd_text(repeats.usd),
        costliest=[
            RepeatedRequestModel(
                **_caller(request.caller),
                request_fingerprint=request.fingerprint,
                calls=request.calls,
                unpriced_calls=request.unpriced_calls,
                usd=usd_text(request.repeated_usd) if request.calls > request.unpriced_calls else None,
                asked=request.asked,
                trace_id=request.trace_id,
            )
            for request in repeats.costliest
        ],
    )


def near_duplicates_model(
    groups: Sequence[SimilarRequests], *, threshold: float, looked_at: int, shown: int
) -> NearDuplicates:
    """Return near duplicates as a response model; the amount is of all groups, `shown` are listed."""
    return NearDuplicates(
        threshold=threshold,
        looked_at=looked_at,
        is_complete=looked_at < LOOKED_AT,
        usd=usd_text(sum((group.usd for group in groups if group.usd is not None), Decimal(0))),
        groups=[
            SimilarRequestsModel(
                **_caller(group.caller),
                prompt_fingerprint=group.prompt_fingerprint,
                requests=group.requests,
                usd=usd_or_none(group.usd),
                asked=group.asked,
                like=group.like,
                trace_id=group.trace_id,
            )
            for group in groups[:shown]
        ],
    )


def caching_model(chances: Sequence[CachingChance]) -> CachingChances:
    """Return prompts that could be cached as a response model."""
    return CachingChances(
        least_tokens=LEAST_TOKENS,
        usd=usd_or_none(sum_of_known(chance.usd for chance in chances)),
        prompts=[
            CachingChanceModel(
                **_caller(chance.prompt.caller),
                prompt_fingerprint=chance.prompt.fingerprint,
                prompt_name=chance.prompt.name,
                calls=chance.prompt.calls,
                warm_calls=chance.warm_calls,
                prefix_tokens=chance.prefix_tokens,
                cached_tokens=chance.cached_tokens,
                possible_tokens=chance.possible_tokens,
                usd=usd_or_none(chance.usd),
            )
            for chance in chances
        ],
    )


def simulation_model(
    candidates: Sequence[str],
    rows: Sequence[ModelSimulation],
    *,
    most_input: int,
    most_output: int,
) -> PriceSimulation:
    """Return a price simulation as a response model."""
    return PriceSimulation(
        candidates=list(candidates),
        max_input_tokens=most_input,
        max_output_tokens=most_output,
        models=[
            ModelSimulationModel(
                provider=row.provider,
                model=row.model,
                calls=row.calls,
                unpriced_calls=row.unpriced_calls,
                usd=usd_text(row.usd) if row.calls > row.unpriced_calls else None,
                input_tokens=row.input_tokens,
                output_tokens=row.output_tokens,
                simulations=[_simulation(row, simulation) for simulation in row.simulations],
            )
            for row in rows
        ],
        change_usd=[
            usd_or_none(sum_of_known(_change(row, row.simulations[place]) for row in rows))
            for place in range(len(candidates))
        ],
        sampled=any(row.sampled for row in rows),
    )


def _simulation(row: ModelSimulation, simulation: Simulation) -> SimulationModel:
    return SimulationModel(
        usd=usd_or_none(simulation.usd),
        change_usd=usd_or_none(_change(row, simulation)),
        reason=simulation.reason,
    )


def _change(row: ModelSimulation, simulation: Simulation) -> Decimal | None:
    # With calls that have no price the actual amount is a lower bound, and a difference would mean nothing.
    if simulation.usd is None or row.unpriced_calls:
        return None
    return simulation.usd - row.usd


def _caller(caller: Caller) -> dict[str, str]:
    return {"app": caller.app, "provider": caller.provider, "model": caller.model}
