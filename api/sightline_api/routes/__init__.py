"""One module a topic; a new topic is one line here."""

from sightline_api.routes import (
    alerts,
    apps,
    costs,
    diff,
    downloads,
    failures,
    info,
    saved_views,
    scores,
    search,
    tail,
    teams,
    traces,
)

ROUTERS = (
    info.router,
    tail.router,  # before traces, as downloads: their paths would be trace ids there
    downloads.router,
    search.router,
    traces.router,
    diff.router,
    apps.router,
    costs.router,
    teams.router,
    alerts.router,
    failures.router,
    scores.router,
    saved_views.router,
)
