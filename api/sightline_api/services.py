"""What the API is given; built once by the server."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from sightline_analysis.alerts.measuring import RuleMeasures
from sightline_api.alert_desk import AlertDesk
from sightline_api.replay_desk import ReplayDesk
from sightline_core.auth import Authenticate
from sightline_core.limits import IngestLimits
from sightline_core.pricing import Pricer
from sightline_storage.activity.activity_reader import ActivityReader
from sightline_storage.activity.app_reader import AppReader
from sightline_storage.activity.prompt_reader import PromptReader
from sightline_storage.alerts.alert_rule_store import AlertRuleStore
from sightline_storage.alerts.incident_store import IncidentStore
from sightline_storage.console.sql_console import SqlConsole
from sightline_storage.contract import TraceReader
from sightline_storage.failures.failure_contrast_reader import FailureContrastReader
from sightline_storage.failures.failure_reader import FailureReader
from sightline_storage.failures.failure_store import FailureStore
from sightline_storage.lifecycle.deletion_requests import DeletionRequests
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
from sightline_storage.traces.span_downloads import SpanDownloads
from sightline_storage.traces.trace_inspector import TraceInspector


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """What the server tells of itself. `otlp_endpoint` is what `sightline.instrument(endpoint=…)` wants.

    Limits and days that spans are kept (0: for ever) are those of projects without their own.
    """

    version: str
    otlp_endpoint: str
    key_required: bool
    limits: IngestLimits
    retention_days: int


@dataclass(frozen=True, slots=True)
class ApiServices:
    """Readers, the check of who is calling, and the clock.

    `allowed_hosts` are the values of the `Host` header, without port, that are answered; a page of another
    site that resolves its own name to this server (DNS rebinding) is refused. ("*",) answers to every name.
    `stopping` is set when the server shuts down: what would stream for ever ends then.
    """

    traces: TraceReader
    search: TraceSearch
    span_search: SpanSearch
    inspector: TraceInspector
    tail: TailReader
    downloads: SpanDownloads
    sql: SqlConsole
    replay: ReplayDesk
    spend: SpendReader
    potential: SpendPotentialReader
    teams: TeamStore
    invoices: InvoiceStore
    pricer: Pricer
    prices: PriceStore
    price_uses: PriceUseReader
    alert_rules: AlertRuleStore
    incidents: IncidentStore
    alert_desk: AlertDesk
    rule_measures: RuleMeasures
    failures: FailureStore
    failure_reader: FailureReader
    failure_contrasts: FailureContrastReader
    scores: ScoreReader
    score_writer: ScoreWriter
    deletions: DeletionRequests
    projects: ProjectStore
    saved_views: SavedViewStore
    activity: ActivityReader
    prompts: PromptReader
    app_reader: AppReader
    authenticate: Authenticate
    server: ServerFacts
    now: Callable[[], datetime]
    stopping: threading.Event = field(default_factory=threading.Event)
    allowed_hosts: tuple[str, ...] = ("localhost", "127.0.0.1", "[::1]")
