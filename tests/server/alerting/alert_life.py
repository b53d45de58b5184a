"""Alerting over real stores, at a time that only tests move."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Unpack

from sqlalchemy import Engine

from sightline_analysis.alerts.measuring import RuleMeasures
from sightline_analysis.alerts.rule_document import parse_rule, rule_document
from sightline_analysis.failures.cluster_measures import ClusterMeasures
from sightline_core.ids import ProjectId
from sightline_server.alerting.delivery import Deliverer
from sightline_server.alerting.evaluation import Evaluator
from sightline_server.alerting.evidence import EvidenceFinder
from sightline_server.alerting.likely_cause import LikelyCause
from sightline_server.alerting.rule_looks import RuleLooks
from sightline_server.alerting.sending import Sender
from sightline_server.alerting.stored_until import StoredUntil
from sightline_server.alerting.target_guard import TargetGuard, parse_networks
from sightline_storage import SpanRecord, Store
from sightline_storage.alerts.alert_outbox import AlertOutbox
from sightline_storage.alerts.alert_records import ChannelRow, IncidentRow
from sightline_storage.alerts.alert_rule_store import AlertRuleStore
from sightline_storage.alerts.incident_store import IncidentStore
from sightline_storage.failures.failure_reader import FailureReader
from sightline_storage.failures.failure_store import FailureStore
from sightline_storage.rollups.measure_reader import MeasureReader
from sightline_storage.search.span_measures import SpanMeasures
from sightline_storage.search.trace_search import TraceSearch
from sightline_storage.spend.spend_reader import SpendReader


class Clock:
    """Time that only tests move."""

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 2, 12, 0, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def advance(self, **amount: float) -> None:
        self.time += timedelta(**amount)


Spend = Callable[..., None]
"""Store one model call that costs so many USD, now or at `at`."""

SPEND_RULE: dict[str, Any] = {
    "key": "chat-spend",
    "name": "Apps spend too fast",
    "measure": "cost",
    "window": "5m",
    "group_by": ["app"],
    "no_data": "zero",
    "condition": {"kind": "threshold", "warn": 5, "alert": 10},
    "channels": ["pager", "mail"],
    "runbook": "Ask the app's owner.",
}
PAGE = "https://sightline.example"


def bring_rollups_up_to_date(store: Store, now: datetime) -> None:
    while store.refresh_rollups(now):
        pass


def model_call(number: int, project: str, at_s: int, /, **more: Unpack[SpanRecord]) -> SpanRecord:
    """One model call that cost a dollar."""
    record = SpanRecord(
        project=project,
        trace_id=f"{number:032x}",
        span_id=f"{number:016x}",
        name="chat",
        kind="llm",
        start_ns=at_s * 1_000_000_000,
        duration_ns=1_000_000,
        ingested_ns=at_s * 1_000_000_000,
        status="ok",
        app="chat",
        model="gpt-4o",
        cost_usd=Decimal(1),
        cost_state="priced",
    )
    return record | more


class _AfterRollups(Evaluator):
    """Looks when the rollups have what was stored."""

    def __init__(self, store: Store, *parts: Any, now: Clock, **settings: Any) -> None:
        super().__init__(*parts, now=now, **settings)
        self._store, self._clock = store, now

    def run(self) -> None:
        bring_rollups_up_to_date(self._store, self._clock())
        super().run()


class Life:
    """Alerting over real stores with a clock of the test's own."""

    def __init__(self, store: Store, metadata: Engine, project: ProjectId, clock: Clock) -> None:
        self.rules, self.incidents = AlertRuleStore(metadata), IncidentStore(metadata)
        self.outbox, self.project = AlertOutbox(metadata), project
        self.waiting_since: datetime | None = None
        self.senders_come_back_in = timedelta(0)
        self._store, self._metadata, self._clock = store, metadata, clock

    def rule(self, **changes: Any) -> None:
        document = rule_document(parse_rule(SPEND_RULE | changes))
        self.rules.put_rule(self.project, document["key"], document, self._clock())

    def channel(self, key: str, kind: str, **document: Any) -> None:
        self.rules.put_channel(self.project, ChannelRow(key, kind, document), self._clock())

    def look(self) -> None:
        """Look as a process does that has just been started."""
        self.evaluator().run()

    def evaluator(self) -> Evaluator:
        """The evaluator of a new process."""
        cause, measures = LikelyCause(SpendReader(self._store.engine)), self._measures()
        evidence = EvidenceFinder(cause, measures, TraceSearch(self._store.engine))
        return _AfterRollups(
            self._store,
            self.rules,
            self.incidents,
            measures,
            evidence,
            page=PAGE,
            now=self._clock,
            stored_until=self._stored_until(),
        )

    def rule_looks(self) -> RuleLooks:
        """What the evaluator of a new process sees, of all projects."""
        return RuleLooks(self.rules, self._measures(), self._clock, self._stored_until())

    def _measures(self) -> RuleMeasures:
        clusters = ClusterMeasures(FailureStore(self._metadata), FailureReader(self._store.engine))
        return RuleMeasures(MeasureReader(self._store.engine), SpanMeasures(self._store.engine), clusters)

    def _stored_until(self) -> StoredUntil:
        return StoredUntil(lambda: self.waiting_since, self.senders_come_back_in)

    def deliver(self, networks: str = "127.0.0.1", go_on: Callable[[], None] = lambda: None) -> None:
        while self.deliver_batch(networks, go_on):
            pass

    def deliver_batch(self, networks: str = "127.0.0.1", go_on: Callable[[], None] = lambda: None) -> bool:
        sender = Sender(TargetGuard(parse_networks(networks)), now=self._clock)
        return Deliverer(self.rules, self.outbox, sender, now=self._clock, go_on=go_on).run()

    def open_incidents(self) -> list[IncidentRow]:
        return self.incidents.incidents(self.project, only_open=True, limit=100).incidents

    def only_incident(self) -> IncidentRow:
        (incident,) = self.open_incidents()
        return incident
