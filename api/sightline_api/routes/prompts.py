"""Named prompts and how each of their versions does."""

from fastapi import APIRouter

from sightline_api.activity_models import PromptList
from sightline_api.activity_view import prompts_of
from sightline_api.dependencies import Caller, QueryParam, Range, Services

router = APIRouter(tags=["prompts"])


@router.get("/prompts")
def list_prompts(services: Services, caller: Caller, time_range: Range, node: QueryParam) -> PromptList:
    """Return prompts whose model calls fit the query, with figures for each version; last used first."""
    return PromptList(prompts=prompts_of(services.prompts.find(caller.project, time_range, node)))
