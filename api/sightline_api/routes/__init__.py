"""One module a topic; a new topic is one line here."""

from sightline_api.routes import (
    alerts,
    apps,
    costs,
    diff,
    downloads,
    failures,
    info,
    prompts,
    reconciliation,
    saved_views,
    scores,
    search,
    sessions,
    sql,
    tail,
    teams,
    traces,
    users,
)

ROUTERS = (
    info.router,
    tail.router,  # before traces, as downloads: their paths would be trace ids there
    downloads.router,
    sql.router,
    search.router,
    traces.router,
    diff.router,
    apps.router,
    costs.router,
    teams.router,
    reconciliation.router,
    alerts.router,
    failures.router,
    scores.router,
    saved_views.router,
    sessions.router,
    users.router,
    prompts.router,
)
