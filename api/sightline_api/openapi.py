"""Writes `api/openapi.json` and the table in `docs/api.md`: `python -m sightline_api.openapi`.

A test fails when one of them is old.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from sightline_analysis.alerts.measuring import RuleMeasures
from sightline_api.alert_desk import AlertDesk
from sightline_api.app import create_api
from sightline_api.reference import with_endpoints
from sightline_api.replay_desk import ReplayDesk
from sightline_api.services import ApiServices, ServerFacts
from sightline_core.auth import Principal
from sightline_core.errors import Unauthenticated
from sightline_core.limits import IngestLimits
from sightline_core.pricing import Pricer
from sightline_storage.activity_reader import ActivityReader
from sightline_storage.alert_store import AlertStore
from sightline_storage.app_reader import AppReader
from sightline_storage.contract import TraceReader
from sightline_storage.deletion_requests import DeletionRequests
from sightline_storage.failure_reader import FailureReader
from sightline_storage.failure_store import FailureStore
from sightline_storage.invoice_store import InvoiceStore
from sightline_storage.project_store import ProjectStore
from sightline_storage.prompt_reader import PromptReader
from sightline_storage.saved_view_store import SavedViewStore
from sightline_storage.score_reader import ScoreReader
from sightline_storage.score_writer import ScoreWriter
from sightline_storage.span_downloads import SpanDownloads
from sightline_storage.span_search import SpanSearch
from sightline_storage.spend_potential_reader import SpendPotentialReader
from sightline_storage.spend_reader import SpendReader
from sightline_storage.sql_console import SqlConsole
from sightline_storage.tail_reader import TailReader
from sightline_storage.team_store import TeamStore
from sightline_storage.trace_inspector import TraceInspector
from sightline_storage.trace_search import TraceSearch

OPENAPI_FILE = Path(__file__).parents[1] / "openapi.json"
PAGE_FILE = Path(__file__).parents[2] / "docs" / "api.md"


def openapi_text() -> str:
    """Return the OpenAPI document as indented JSON with a final newline."""
    document = create_api(_services_without_store()).openapi()
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def page_text() -> str:
    """Return `docs/api.md` with its table of endpoints."""
    return with_endpoints(PAGE_FILE.read_text(encoding="utf-8"), json.loads(openapi_text()))


def _services_without_store() -> ApiServices:
    # The document depends on routes and models only; nothing is read while it is made.
    return ApiServices(
        traces=cast(TraceReader, None),
        search=cast(TraceSearch, None),
        span_search=cast(SpanSearch, None),
        inspector=cast(TraceInspector, None),
        tail=cast(TailReader, None),
        downloads=cast(SpanDownloads, None),
        sql=cast(SqlConsole, None),
        replay=cast(ReplayDesk, None),
        spend=cast(SpendReader, None),
        potential=cast(SpendPotentialReader, None),
        teams=cast(TeamStore, None),
        invoices=cast(InvoiceStore, None),
        pricer=cast(Pricer, None),
        alerts=cast(AlertStore, None),
        rule_measures=cast(RuleMeasures, None),
        alert_desk=cast(AlertDesk, None),
        failures=cast(FailureStore, None),
        failure_reader=cast(FailureReader, None),
        scores=cast(ScoreReader, None),
        score_writer=cast(ScoreWriter, None),
        deletions=cast(DeletionRequests, None),
        projects=cast(ProjectStore, None),
        saved_views=cast(SavedViewStore, None),
        activity=cast(ActivityReader, None),
        prompts=cast(PromptReader, None),
        app_reader=cast(AppReader, None),
        authenticate=_refuse,
        server=ServerFacts(
            version="", otlp_endpoint="", key_required=True, limits=IngestLimits(), retention_days=0
        ),
        now=lambda: datetime.now(UTC),
    )


def _refuse(_headers: Mapping[str, str]) -> Principal:
    raise Unauthenticated("this application only describes itself")


if __name__ == "__main__":
    OPENAPI_FILE.write_text(openapi_text(), encoding="utf-8")
    PAGE_FILE.write_text(page_text(), encoding="utf-8")
