"""One module a topic; a new topic is one line here."""

from sightline_api.routes import alerts, apps, costs, failures, info, traces

ROUTERS = (
    info.router,
    traces.router,
    apps.router,
    costs.router,
    alerts.router,
    failures.router,
)
