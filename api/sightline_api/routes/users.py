"""Users of the apps. A user's id is any text, so it is a parameter, not a part of the path."""

from typing import Annotated

from fastapi import APIRouter, Query

from sightline_api.activity_models import SortParam, UserList, UserProfile, order_of
from sightline_api.activity_view import user_summary
from sightline_api.dependencies import Caller, QueryParam, Range, Services
from sightline_api.search_view import groups_of
from sightline_core.limits import MAX_ID
from sightline_core.query_fields import FieldName
from sightline_core.query_tree import Pattern, TextMatch

router = APIRouter(tags=["users"])

_GROUPS = 20


@router.get("/users")
def list_users(
    services: Services,
    caller: Caller,
    time_range: Range,
    node: QueryParam,
    sort: SortParam = "-last",
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    cursor: Annotated[str | None, Query(max_length=6000)] = None,
) -> UserList:
    """Return users with a trace that fits the query, those with the most of `sort` first.

    Their figures are about all of their traces in the time range.
    """
    page = services.activity.find(
        "user", caller.project, time_range, node, sort=order_of(sort), limit=limit, cursor=cursor
    )
    return UserList(users=[user_summary(row) for row in page.rows], next_cursor=page.next_cursor)


@router.get("/users/profile")
def read_user_profile(
    services: Services,
    caller: Caller,
    time_range: Range,
    user: Annotated[str, Query(min_length=1, max_length=MAX_ID)],
) -> UserProfile:
    """Return a user with figures of the time range, by app and by model too.

    The user's sessions are `/sessions?q=user:"…"`, the traces `/traces?q=user:"…"`.
    """
    summary = services.activity.read("user", caller.project, time_range, user)
    node = TextMatch(FieldName("user"), (Pattern(user),))

    by_app, by_model = (
        groups_of(
            by, services.search.groups(caller.project, time_range, node, by=by, limit=_GROUPS + 1), _GROUPS
        )
        for by in ("app", "model")
    )
    return UserProfile(
        user=user_summary(summary),
        by_app=by_app.groups,
        by_model=by_model.groups,
        more_apps=by_app.more,
        more_models=by_model.more,
    )
