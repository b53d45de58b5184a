"""The only place that builds real objects: settings in, a running server's ASGI app out."""

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from importlib.metadata import version

from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp

from sightline_api import ApiServices, ServerFacts, create_api
from sightline_collector import Collector, CollectorConfig
from sightline_core.auth import Authenticate
from sightline_core.pricing import CataloguePricer
from sightline_core.settings import Settings
from sightline_server.alerting.wiring import Alerting, build_alerting
from sightline_server.authentication import build_authenticate
from sightline_server.gate import Gate
from sightline_server.health import health_routes
from sightline_server.jobs import Job, JobRunner
from sightline_storage import Store, StoreConfig, open_store
from sightline_storage.leases import Leases
from sightline_storage.metadata_database import open_metadata, sqlite_url
from sightline_ui import create_page

ROLLUP_PERIOD = timedelta(seconds=5)


@contextmanager
def all_in_one(settings: Settings, url: str) -> Iterator[ASGIApp]:
    """Open the store and start every part; on leaving, drain and close them in the opposite order.

    `url` is where this server is reached. Raises `ConfigurationError` or `BackendError` when a part cannot be
    opened; then those before it are closed again.
    """
    with ExitStack() as parts:
        store = open_store(StoreConfig(data_dir=settings.data_dir))
        parts.callback(store.close)
        metadata = open_metadata(sqlite_url(settings.data_dir))
        parts.callback(metadata.dispose)
        authenticate = build_authenticate(settings)
        collector = Collector(
            store.writer, CollectorConfig(settings.data_dir), CataloguePricer(), authenticate
        )
        collector.start()
        parts.callback(collector.stop)
        alerting = build_alerting(store, metadata, page=settings.public_url or url, settings=settings)
        jobs = JobRunner([*_jobs(store), *alerting.jobs()], Leases(metadata, _holder()))
        jobs.start()
        parts.callback(jobs.stop)
        services = _api_services(settings, url, store, alerting, authenticate)
        api = create_api(services)
        routes = [
            *health_routes(store.ping),
            *collector.routes(),
            Mount("/api", api),
            *create_page(api),
        ]
        yield Gate(Starlette(routes=routes), settings=settings, authenticate=authenticate)


def _api_services(
    settings: Settings, url: str, store: Store, alerting: Alerting, authenticate: Authenticate
) -> ApiServices:
    facts = ServerFacts(
        version=version("sightline"),
        otlp_endpoint=settings.public_url or url,
        key_required=bool(settings.secrets()),
    )
    return ApiServices(
        traces=store.traces,
        spend=alerting.spend,
        alerts=alerting.store,
        alert_desk=alerting.desk,
        authenticate=authenticate,
        server=facts,
        now=lambda: datetime.now(UTC),
        allowed_hosts=("*",),  # the gate has looked at the host already
    )


def _jobs(store: Store) -> list[Job]:
    def refresh() -> bool:
        return store.refresh_rollups(datetime.now(UTC)) > 0

    return [Job("rollups", ROLLUP_PERIOD, refresh)]


def _holder() -> str:
    """Return a name for this process that no other process of any machine has at the same time."""
    return f"{socket.gethostname()}/{os.getpid()}"
