"""The parts of alerting put together, and their background jobs."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from sqlalchemy import Engine as Metadata

from sightline_analysis.alerts.measuring import RuleMeasures
from sightline_analysis.failures.cluster_measures import ClusterMeasures
from sightline_core.errors import ConfigurationError
from sightline_core.settings import Settings
from sightline_server.alerting.delivery import Deliverer
from sightline_server.alerting.desk import ChannelDesk
from sightline_server.alerting.evaluation import Evaluator
from sightline_server.alerting.evidence import EvidenceFinder
from sightline_server.alerting.likely_cause import LikelyCause
from sightline_server.alerting.sending import Sender
from sightline_server.alerting.stored_until import SENDERS_COME_BACK_IN, StoredUntil
from sightline_server.alerting.target_guard import TargetGuard, parse_networks
from sightline_server.jobs import Job
from sightline_storage import Store
from sightline_storage.alerts.alert_outbox import AlertOutbox
from sightline_storage.alerts.alert_rule_store import AlertRuleStore
from sightline_storage.alerts.incident_store import IncidentStore
from sightline_storage.condition import oldest_mark_age_s
from sightline_storage.engines.answer_time import answered_within
from sightline_storage.engines.engine import Engine
from sightline_storage.failures.failure_reader import FailureReader
from sightline_storage.failures.failure_store import FailureStore
from sightline_storage.metadata.shared_clock import SharedClock
from sightline_storage.rollups.measure_reader import MeasureReader
from sightline_storage.search.span_measures import SpanMeasures
from sightline_storage.search.trace_search import TraceSearch
from sightline_storage.spend.spend_reader import SpendReader
from sightline_storage.stoppable import stoppable

LOOK_EVERY = timedelta(seconds=15)
DELIVER_EVERY = timedelta(seconds=3)


@dataclass(frozen=True, slots=True)
class Alerting:
    """What the API and the jobs need."""

    rules: AlertRuleStore
    incidents: IncidentStore
    desk: ChannelDesk
    measures: RuleMeasures
    evaluator: Evaluator
    deliverer: Deliverer

    def jobs(self) -> list[Job]:
        """Return the jobs that look at rules and that deliver."""
        return [
            Job("alert-looks", LOOK_EVERY, self._look),
            Job("alert-delivery", DELIVER_EVERY, self.deliverer.run),
        ]

    def _look(self) -> bool:
        with answered_within():
            self.evaluator.run()
        return False


def build_alerting(
    store: Store,
    metadata: Metadata,
    *,
    page: str,
    settings: Settings,
    go_on: Callable[[], None],
    waiting_since: Callable[[], datetime | None],
) -> Alerting:
    """Build alerting over an open store; `ConfigurationError` when the allowed networks cannot be read.

    The jobs ask `go_on` between their steps, the rest does not; `waiting_since` is as of `StoredUntil`.
    """
    try:
        networks = parse_networks(settings.alert_networks)
    except ValueError as error:
        raise ConfigurationError(f"SIGHTLINE_ALERT_NETWORKS: {error}") from error
    proxy = settings.alert_proxy.get_secret_value() if settings.alert_proxy is not None else ""
    guard = TargetGuard(networks, proxy=proxy)
    rules, incidents = AlertRuleStore(metadata), IncidentStore(metadata)
    sender = Sender(guard, now=_now)
    of_jobs = stoppable(store, go_on)
    measures = _measures(of_jobs, metadata)
    cause = LikelyCause(SpendReader(of_jobs.engine))
    evidence = EvidenceFinder(cause, measures, TraceSearch(of_jobs.engine))
    # Workers take turns: one whose own clock is ahead would see calm where spans are still to come.
    now = SharedClock(metadata)
    stored = StoredUntil(partial(_lacking_since, waiting_since, of_jobs.engine, now), SENDERS_COME_BACK_IN)
    evaluator = Evaluator(rules, incidents, measures, evidence, page=page, now=now, stored_until=stored)
    deliverer = Deliverer(rules, AlertOutbox(metadata), sender, now=now, go_on=go_on)
    desk = ChannelDesk(guard, sender, page=page)
    return Alerting(rules, incidents, desk, _measures(store, metadata), evaluator, deliverer)


def _lacking_since(
    waiting_since: Callable[[], datetime | None], engine: Engine, now: Callable[[], datetime]
) -> datetime | None:
    """Return since when something that arrived waits to be stored, or is stored and waits to be summed.

    Nobody sums while the metadata database is away, or no worker is there.
    """
    waiting, unsummed_for_s = waiting_since(), oldest_mark_age_s(engine)
    unsummed = now() - timedelta(seconds=unsummed_for_s) if unsummed_for_s else None
    return min((since for since in (waiting, unsummed) if since is not None), default=None)


def _measures(store: Store, metadata: Metadata) -> RuleMeasures:
    clusters = ClusterMeasures(FailureStore(metadata), FailureReader(store.engine))
    return RuleMeasures(MeasureReader(store.engine), SpanMeasures(store.engine), clusters)


def _now() -> datetime:
    return datetime.now(UTC)
