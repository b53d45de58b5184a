"""One module a topic; a new topic is one line here."""

from sightline_api.routes import alerts, apps, costs, diff, failures, info, scores, tail, traces

ROUTERS = (
    info.router,
    tail.router,  # before traces: its paths would be trace ids there
    traces.router,
    diff.router,
    apps.router,
    costs.router,
    alerts.router,
    failures.router,
    scores.router,
)
