"""Settings in, a running server's ASGI app out.

With `background_jobs` and `alerting.wiring`, which it calls, the only place that builds real objects.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from enum import Flag, auto
from functools import partial
from importlib.metadata import version
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import BaseRoute, Mount
from starlette.types import ASGIApp

from sightline_analysis.costs.team_plan import team_rules
from sightline_analysis.failures import mark_failure
from sightline_api import ApiServices, ServerFacts, create_api
from sightline_collector import Collector, CollectorConfig, EventStores, Sampling
from sightline_core.auth import Authenticate
from sightline_core.errors import ConfigurationError
from sightline_core.pricing import Pricer
from sightline_core.settings import Settings
from sightline_server.alerting.wiring import Alerting, build_alerting
from sightline_server.authentication import build_authenticate
from sightline_server.background_jobs import background_jobs
from sightline_server.commands.delete import delete_in
from sightline_server.commands.doctor import examine_in
from sightline_server.control import controlled
from sightline_server.gate import Gate
from sightline_server.health import health_routes
from sightline_server.jobs import JobRunner
from sightline_server.metrics import metrics_route
from sightline_server.open_files import max_grpc_connections
from sightline_server.path_prefix import PathPrefix
from sightline_server.price_book import PriceBook
from sightline_server.project_book import ProjectBook
from sightline_server.refreshing import Refresher
from sightline_server.replay import build_replayer
from sightline_server.request_ids import RequestIds
from sightline_server.self_telemetry import watched_blocks
from sightline_server.stores import Stores, export_to, opened_stores
from sightline_server.turns import ends_turns
from sightline_server.waiting_spans import WaitingSpans
from sightline_storage import Store
from sightline_storage.activity.activity_reader import ActivityReader
from sightline_storage.activity.app_reader import AppReader
from sightline_storage.activity.prompt_reader import PromptReader
from sightline_storage.console.sql_console import SqlConsole
from sightline_storage.failures.failure_contrast_reader import FailureContrastReader
from sightline_storage.failures.failure_reader import FailureReader
from sightline_storage.failures.failure_store import FailureStore
from sightline_storage.lifecycle.deletion_requests import DeletionRequests
from sightline_storage.metadata.collector_backlogs import CollectorBacklogs
from sightline_storage.metadata.job_failures import JobFailures
from sightline_storage.metadata.leases import Leases, new_holder
from sightline_storage.metadata.project_store import ProjectStore
from sightline_storage.metadata.saved_view_store import SavedViewStore
from sightline_storage.scores.score_reader import ScoreReader
from sightline_storage.scores.score_writer import ScoreWriter
from sightline_storage.search.span_search import SpanSearch
from sightline_storage.search.tail_reader import TailReader
from sightline_storage.search.trace_search import TraceSearch
from sightline_storage.spend.invoice_store import InvoiceStore
from sightline_storage.spend.price_store import PriceStore
from sightline_storage.spend.price_uses import PriceUseReader
from sightline_storage.spend.spend_potential_reader import SpendPotentialReader
from sightline_storage.spend.spend_reader import SpendReader
from sightline_storage.spend.team_store import TeamStore
from sightline_storage.stoppable import stoppable
from sightline_storage.traces.span_downloads import SpanDownloads
from sightline_storage.traces.trace_inspector import TraceInspector
from sightline_ui import create_page

_COMPRESSION = 3
"""Level of gzip: 7 ms of CPU for a megabyte of JSON; 9 takes ten times as long for a fifth less."""


class Role(Flag):
    """What a process does. One process does everything unless the operator splits it."""

    COLLECTOR = auto()
    API = auto()
    WORKER = auto()
    ALL = COLLECTOR | API | WORKER


@contextmanager
def composed(
    settings: Settings, url: str, role: Role = Role.ALL, *, stopping: threading.Event
) -> Iterator[ASGIApp]:
    """Open the stores and start the parts of the role; on leaving, drain and close in the opposite order.

    `url` is where this server is reached; `stopping` is set when it shall end its streams and jobs. Raises
    `ConfigurationError` or `BackendError` when a part cannot be opened; those before it are closed again.
    """
    _check_split(settings, role)
    with ExitStack() as parts:
        collects = Role.COLLECTOR in role
        stores = parts.enter_context(opened_stores(settings, hold_data_dir=collects, server_may_be_away=True))
        store = stores.spans
        projects = ProjectBook(ProjectStore(stores.metadata), settings.ingest_limits())
        prices = PriceBook(PriceStore(stores.metadata))
        is_shared = stores.metadata.name != "sqlite"
        backlogs = CollectorBacklogs(stores.metadata) if is_shared else None
        waiting = WaitingSpans(backlogs, settings.data_dir)
        refresher = Refresher([projects.refresh, prices.refresh, waiting.tell])
        refresher.start(may_be_away=is_shared)
        parts.callback(refresher.stop)
        authenticate = build_authenticate(settings, projects.find_key)
        routes: list[BaseRoute] = []
        # Who is a collector only takes spans while the stores are away.
        checks = [refresher.check_known] if role is Role.COLLECTOR else [store.ping, refresher.check]
        collector = None
        if Role.COLLECTOR in role:
            collector = _start_collector(
                parts, settings, store, projects, prices, authenticate, refresher.check_known
            )
            waiting.watch(collector)
            checks.append(collector.check)
            routes += collector.routes()
        go_on, page = ends_turns(stopping), settings.public_url or url
        alerting = build_alerting(
            store,
            stores.metadata,
            page=page,
            settings=settings,
            go_on=go_on,
            waiting_since=waiting.since,
        )
        jobs = None
        if Role.WORKER in role:
            of_jobs = Stores(stoppable(store, go_on), stores.metadata)
            all_jobs = [*background_jobs(of_jobs, settings, projects, go_on), *alerting.jobs()]
            holder = new_holder()
            jobs = JobRunner(
                all_jobs,
                Leases(stores.metadata, holder),
                JobFailures(stores.metadata, holder),
                stopping,
            )
            jobs.start()
            parts.callback(jobs.stop)
        if Role.API in role:
            api = create_api(_api_services(settings, url, stores, alerting, authenticate, prices, stopping))
            routes += [Mount("/api", api), *create_page(api)]
        if not settings.clickhouse_url:
            commands = {
                "export": partial(export_to, stores),
                "delete": partial(delete_in, stores),
                "doctor": partial(examine_in, stores, checks),
            }
            parts.enter_context(controlled(settings.data_dir, commands))
        metrics = metrics_route(
            _name_of(role), collector.snapshot if collector else None, jobs.counts if jobs else None
        )
        routes = [*health_routes(checks), metrics, *routes]
        answers = GZipMiddleware(Starlette(routes=routes), compresslevel=_COMPRESSION)
        gate = Gate(answers, settings=settings, authenticate=authenticate)
        yield RequestIds(PathPrefix(gate, urlsplit(settings.public_url).path.rstrip("/")))


def _start_collector(
    parts: ExitStack,
    settings: Settings,
    store: Store,
    projects: ProjectBook,
    prices: Pricer,
    authenticate: Authenticate,
    check_known: Callable[[], None],
) -> Collector:
    collector = Collector(
        store.writer,
        _collector_config(settings, projects),
        prices,
        authenticate,
        events=EventStores.of(store),
        mark_failure=mark_failure,
        check_ready=check_known,
        observe_block=parts.enter_context(watched_blocks(settings)),
    )
    collector.start()
    parts.callback(collector.stop)
    if settings.grpc_port:
        collector.listen_grpc(settings.host, settings.grpc_port, max_connections=max_grpc_connections())
    return collector


def _collector_config(settings: Settings, projects: ProjectBook) -> CollectorConfig:
    sampling = Sampling(
        rate=settings.sample_rate,
        quiet_s=settings.sample_quiet_s,
        slow_s=settings.sample_slow_s,
        costly_usd=settings.sample_costly_usd,
    )
    return CollectorConfig(
        settings.data_dir,
        limits=settings.ingest_limits(),
        own_limits=projects.own_limits,
        max_request_spans=settings.max_request_spans,
        sampling=sampling if settings.sample_rate < 1 else None,
    )


def _check_split(settings: Settings, role: Role) -> None:
    """Processes that work together need stores that they can share."""
    if role is Role.ALL:
        return
    for name in ("clickhouse_url", "database_url"):
        if getattr(settings, name) is None:
            raise ConfigurationError(
                f"set SIGHTLINE_{name.upper()}: separate processes need a store that all of them can reach"
            )


def _api_services(
    settings: Settings,
    url: str,
    stores: Stores,
    alerting: Alerting,
    authenticate: Authenticate,
    prices: Pricer,
    stopping: threading.Event,
) -> ApiServices:
    facts = ServerFacts(
        version=version("sightline"),
        otlp_endpoint=settings.public_url or url,
        key_required=bool(settings.secrets()),
        limits=settings.ingest_limits(),
        retention_days=settings.retention_days,
    )
    teams = TeamStore(stores.metadata)
    spend = SpendReader(stores.spans.engine, lambda project: team_rules(teams, project))
    return ApiServices(
        traces=stores.spans.traces,
        search=TraceSearch(stores.spans.engine),
        span_search=SpanSearch(stores.spans.engine),
        inspector=TraceInspector(stores.spans.engine, stores.spans.traces),
        tail=TailReader(stores.spans.engine),
        downloads=SpanDownloads(stores.spans.engine),
        sql=SqlConsole(stores.spans.engine),
        replay=build_replayer(settings, stores.spans.writer, prices),
        spend=spend,
        potential=SpendPotentialReader(stores.spans.engine, spend),
        teams=teams,
        invoices=InvoiceStore(stores.metadata),
        pricer=prices,
        prices=PriceStore(stores.metadata),
        price_uses=PriceUseReader(stores.spans.engine),
        alert_rules=alerting.rules,
        incidents=alerting.incidents,
        alert_desk=alerting.desk,
        rule_measures=alerting.measures,
        failures=FailureStore(stores.metadata),
        failure_reader=FailureReader(stores.spans.engine),
        failure_contrasts=FailureContrastReader(stores.spans.engine),
        scores=ScoreReader(stores.spans.engine),
        score_writer=ScoreWriter(stores.spans.engine),
        deletions=DeletionRequests(stores.metadata, stores.spans.engine),
        projects=ProjectStore(stores.metadata),
        saved_views=SavedViewStore(stores.metadata),
        activity=ActivityReader(stores.spans.engine),
        prompts=PromptReader(stores.spans.engine),
        app_reader=AppReader(stores.spans.engine),
        authenticate=authenticate,
        server=facts,
        now=lambda: datetime.now(UTC),
        stopping=stopping,
        allowed_hosts=("*",),  # the gate has looked at the host already
    )


def _name_of(role: Role) -> str:
    return "all" if role is Role.ALL else str(role.name).lower()
