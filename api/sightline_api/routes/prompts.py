"""Named prompts and how each of their versions does."""

from typing import Annotated

from fastapi import APIRouter, Query

from sightline_api.activity_models import PromptList
from sightline_api.activity_view import prompts_of
from sightline_api.dependencies import Caller, QueryParam, Range, Services

router = APIRouter(tags=["prompts"])


@router.get("/prompts")
def list_prompts(
    services: Services,
    caller: Caller,
    time_range: Range,
    node: QueryParam,
    limit: Annotated[int, Query(ge=1, le=2_000, description="versions of all prompts")] = 2_000,
) -> PromptList:
    """Return prompts whose model calls fit the query, with figures for each version; last used first."""
    found = services.prompts.find(caller.project, time_range, node, limit=limit + 1)
    return PromptList(prompts=prompts_of(found[:limit]), more=len(found) > limit)
