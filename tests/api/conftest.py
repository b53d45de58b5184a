"""A real API on loopback over a real embedded store."""

import shutil
import socket
import threading
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from sqlalchemy import Engine
from tests.made_spans import MakeSpan, span_maker

from sightline_analysis.alerts.measuring import RuleMeasures
from sightline_analysis.costs.team_plan import team_rules
from sightline_analysis.failures.cluster_measures import ClusterMeasures
from sightline_api import ApiServices, ServerFacts, create_api
from sightline_core.auth import Principal
from sightline_core.errors import Unauthenticated
from sightline_core.ids import ProjectId
from sightline_core.limits import IngestLimits
from sightline_core.pricing import CataloguePricer
from sightline_core.settings import Settings
from sightline_server.alerting.desk import ChannelDesk
from sightline_server.alerting.sending import Sender
from sightline_server.alerting.target_guard import TargetGuard, parse_networks
from sightline_server.replay import build_replayer
from sightline_storage import Store, StoreConfig, open_store
from sightline_storage.activity.activity_reader import ActivityReader
from sightline_storage.activity.app_reader import AppReader
from sightline_storage.activity.prompt_reader import PromptReader
from sightline_storage.alerts.alert_rule_store import AlertRuleStore
from sightline_storage.alerts.incident_store import IncidentStore
from sightline_storage.console.sql_console import SqlConsole
from sightline_storage.failures.failure_contrast_reader import FailureContrastReader
from sightline_storage.failures.failure_reader import FailureReader
from sightline_storage.failures.failure_store import FailureStore
from sightline_storage.lifecycle.deletion_requests import DeletionRequests
from sightline_storage.metadata.metadata_database import open_metadata, sqlite_url
from sightline_storage.metadata.project_store import ProjectStore
from sightline_storage.metadata.saved_view_store import SavedViewStore
from sightline_storage.rollups.measure_reader import MeasureReader
from sightline_storage.scores.score_reader import ScoreReader
from sightline_storage.scores.score_writer import ScoreWriter
from sightline_storage.search.span_measures import SpanMeasures
from sightline_storage.search.span_search import SpanSearch
from sightline_storage.search.tail_reader import TailReader
from sightline_storage.search.trace_search import TraceSearch
from sightline_storage.spend.invoice_store import InvoiceStore
from sightline_storage.spend.price_store import PriceStore
from sightline_storage.spend.price_uses import PriceUseReader
from sightline_storage.spend.spend_potential_reader import SpendPotentialReader
from sightline_storage.spend.spend_reader import SpendReader
from sightline_storage.spend.team_store import TeamStore
from sightline_storage.traces.span_downloads import SpanDownloads
from sightline_storage.traces.trace_inspector import TraceInspector

NOW = datetime(2026, 9, 21, 16, 0, tzinfo=UTC)
"""Less than two hours after the tests' spans."""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, migrated_store: Path) -> Iterator[Store]:
    """One embedded store for each test module; tests are kept apart by their project."""
    data_dir = shutil.copytree(migrated_store, tmp_path_factory.mktemp("store") / "data", symlinks=True)
    opened = open_store(StoreConfig(data_dir=data_dir))
    yield opened
    opened.close()


REVOKED: set[str] = set()
"""Projects whose keys open nothing any more."""


def authenticate(headers: Mapping[str, str]) -> Principal:
    """Take the bearer token for a project, and ` read-only`, ` operator` or ` anybody` for who that is."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    project, _, restriction = token.partition(" ")
    if scheme != "Bearer" or not project or project in REVOKED:
        raise Unauthenticated("a key is needed")
    return Principal(
        ProjectId(project),
        "test",
        can_write=restriction != "read-only",
        runs_server=restriction in ("operator", "anybody"),
        is_anybody=restriction == "anybody",
    )


@pytest.fixture(scope="module")
def metadata(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """The metadata database behind the API."""
    engine = open_metadata(sqlite_url(tmp_path_factory.mktemp("metadata")))
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def failure_store(metadata: Engine) -> FailureStore:
    """The failure clusters behind the API."""
    return FailureStore(metadata)


@pytest.fixture(scope="module")
def api_url(store: Store, metadata: Engine) -> Iterator[str]:
    """The address of the API, served over HTTP."""
    guard = TargetGuard(parse_networks("127.0.0.1"))
    app = FastAPI(openapi_url=None)
    teams = TeamStore(metadata)
    spend = SpendReader(store.engine, lambda project: team_rules(teams, project))
    services = ApiServices(
        traces=store.traces,
        search=TraceSearch(store.engine),
        span_search=SpanSearch(store.engine),
        inspector=TraceInspector(store.engine, store.traces),
        tail=TailReader(store.engine),
        downloads=SpanDownloads(store.engine),
        sql=SqlConsole(store.engine, max_seconds=600),
        replay=build_replayer(Settings(), store.writer, CataloguePricer()),
        rule_measures=RuleMeasures(
            MeasureReader(store.engine),
            SpanMeasures(store.engine),
            ClusterMeasures(FailureStore(metadata), FailureReader(store.engine)),
        ),
        spend=spend,
        potential=SpendPotentialReader(store.engine, spend),
        teams=teams,
        invoices=InvoiceStore(metadata),
        pricer=CataloguePricer(),
        prices=PriceStore(metadata),
        price_uses=PriceUseReader(store.engine),
        alert_rules=AlertRuleStore(metadata),
        incidents=IncidentStore(metadata),
        alert_desk=ChannelDesk(guard, Sender(guard, now=lambda: NOW), page="http://127.0.0.1"),
        failures=FailureStore(metadata),
        failure_reader=FailureReader(store.engine),
        failure_contrasts=FailureContrastReader(store.engine),
        scores=ScoreReader(store.engine),
        score_writer=ScoreWriter(store.engine),
        deletions=DeletionRequests(metadata, store.engine),
        projects=ProjectStore(metadata),
        saved_views=SavedViewStore(metadata),
        activity=ActivityReader(store.engine),
        prompts=PromptReader(store.engine),
        app_reader=AppReader(store.engine),
        authenticate=authenticate,
        server=ServerFacts(
            version="1.2.3",
            otlp_endpoint="http://127.0.0.1:4318",
            key_required=True,
            limits=IngestLimits(),
            retention_days=0,
        ),
        now=lambda: NOW,
    )
    app.mount("/api", create_api(services))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        # The socket listens already: a request that comes before the loop runs waits in its backlog.
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/api/v1"
        server.should_exit = True
        thread.join()


@pytest.fixture
def project(request: pytest.FixtureRequest) -> ProjectId:
    """A project of the test's own."""
    return ProjectId(request.node.name.partition("[")[0])


@pytest.fixture
def api(api_url: str, project: ProjectId) -> Iterator[httpx.Client]:
    """A client that is allowed into the test's project."""
    with httpx.Client(base_url=api_url, headers={"authorization": f"Bearer {project}"}, timeout=60) as client:
        yield client


@pytest.fixture
def span(project: ProjectId) -> MakeSpan:
    """A maker of spans of the test's project."""
    return span_maker(project)
