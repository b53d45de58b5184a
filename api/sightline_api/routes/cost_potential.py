"""What could have been saved, and what other prices would have meant."""

from typing import Annotated

from fastapi import APIRouter, Query

from sightline_analysis.costs.near_duplicates import LOOKED_AT, find_near_duplicates
from sightline_analysis.costs.prompt_caching import read_caching_chances
from sightline_analysis.costs.what_if import simulate_batch, simulate_models
from sightline_api.cost_filters import Filters
from sightline_api.dependencies import Caller, Range, Services
from sightline_api.potential_models import PossibleSavings, PriceSimulation
from sightline_api.potential_view import caching_model, near_duplicates_model, repeats_model, simulation_model
from sightline_core.errors import CallerError

router = APIRouter(tags=["costs"])

_SHOWN = 20
_ANY_SIZE = 10**12
Tokens = Annotated[int, Query(ge=1, le=_ANY_SIZE)]


@router.get("/costs/savings/possible")
def read_possible_savings(
    services: Services,
    caller: Caller,
    time_range: Range,
    filters: Filters,
    threshold: Annotated[
        float, Query(ge=0.5, le=1, description="likeness from which requests are alike")
    ] = 0.9,
) -> PossibleSavings:
    """Return requests that were repeated or almost so, prompts that could be cached, and the batch price."""
    reader, project = services.potential, caller.project
    distinct = reader.read_distinct_requests(project, time_range, filters, LOOKED_AT)
    profiles = reader.read_token_profiles(
        project, time_range, filters, most_input=_ANY_SIZE, most_output=_ANY_SIZE, only_unattended=True
    )
    return PossibleSavings(
        repeated=repeats_model(reader.read_repeats(project, time_range, filters, _SHOWN)),
        similar=near_duplicates_model(
            find_near_duplicates(distinct, threshold),
            threshold=threshold,
            looked_at=len(distinct),
            shown=_SHOWN,
        ),
        cacheable=caching_model(read_caching_chances(reader, services.pricer, project, time_range, filters)),
        batch=simulation_model(
            ["batch"],
            simulate_batch(services.pricer, project, profiles),
            most_input=_ANY_SIZE,
            most_output=_ANY_SIZE,
        ),
    )


@router.get("/costs/what-if")
def read_what_if(
    services: Services,
    caller: Caller,
    time_range: Range,
    filters: Filters,
    candidate: Annotated[
        list[str],
        Query(min_length=1, max_length=5, description="provider/model, for example openai/gpt-4o-mini"),
    ],
    max_input_tokens: Tokens = _ANY_SIZE,
    max_output_tokens: Tokens = _ANY_SIZE,
) -> PriceSimulation:
    """Return what successful calls up to this size would have cost with other models' prices.

    A price simulation: nothing is said about the quality of answers.
    """
    profiles = services.potential.read_token_profiles(
        caller.project,
        time_range,
        filters,
        most_input=max_input_tokens,
        most_output=max_output_tokens,
    )
    rows = simulate_models(
        services.pricer, caller.project, profiles, [_candidate(text) for text in candidate]
    )
    return simulation_model(candidate, rows, most_input=max_input_tokens, most_output=max_output_tokens)


def _candidate(text: str) -> tuple[str, str]:
    provider, slash, model = text.partition("/")
    if not slash or not provider or not model or len(text) > 300:
        raise CallerError(
            f"candidate={text[:60]!r}: write it as provider/model, for example openai/gpt-4o-mini"
        )
    return provider, model
