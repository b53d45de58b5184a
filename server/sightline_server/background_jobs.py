"""Which background jobs a worker has, and how often each of them runs."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial

from sightline_analysis.failures.hours_job import HOURS_JOB, HoursJob
from sightline_analysis.failures.job import CLUSTERS_JOB, FailureJob
from sightline_analysis.failures.leftovers import LeftoverJob
from sightline_analysis.failures.semantic import SemanticVectors
from sightline_analysis.failures.titles import TitleJob
from sightline_analysis.failures.trace_job import TraceJob
from sightline_collector.repeated_calls_job import FIRST_LOOK, REPEATED_CALLS_JOB, RepeatedCallsJob
from sightline_core.ids import ProjectId
from sightline_core.one_by_one import one_by_one
from sightline_core.settings import Settings
from sightline_server.chat_model import build_title_model
from sightline_server.deletion_job import DeletionJob
from sightline_server.embeddings import build_embedder
from sightline_server.jobs import Job, Pace
from sightline_server.project_book import ProjectBook
from sightline_server.stores import Stores
from sightline_storage.alerts.alert_expiry import drop_expired_incidents
from sightline_storage.failures.failing_span_reader import FailingSpanReader
from sightline_storage.failures.failure_hours import FailureHours
from sightline_storage.failures.failure_store import FailureStore
from sightline_storage.failures.failure_trace_reader import FailureTraceReader
from sightline_storage.lifecycle.deletion_requests import DeletionRequests
from sightline_storage.metadata.job_progress import JobProgress
from sightline_storage.rollups.write_follower import WriteFollower
from sightline_storage.rollups.written_minutes import WrittenMinutesReader
from sightline_storage.traces.repeated_call_reader import RepeatedCallReader
from sightline_storage.traces.span_lookup import SpanLookup

ROLLUP_PERIOD = timedelta(seconds=5)
FAILURE_PERIOD = timedelta(seconds=2)
FINDING_PERIOD = timedelta(seconds=10)
TITLE_PERIOD = timedelta(seconds=30)
LEFTOVER_PERIOD = timedelta(days=1)
REPEATED_CALLS_PERIOD = timedelta(seconds=30)
RETENTION_PERIOD = timedelta(hours=1)
DELETION_PERIOD = timedelta(minutes=1)
INCIDENTS_KEPT_AT_LEAST = timedelta(days=90)
"""Longer than the window of any rule, whose late minutes else would open an incident of theirs again."""

_MINUTES_OF_LIVE_WRITES = 1_000
"""More in one refresh are a backfill, which goes on at once; else the next turn is soon enough."""


def background_jobs(
    stores: Stores, settings: Settings, projects: ProjectBook, go_on: Callable[[], None]
) -> list[Job]:
    """Return all jobs but those of alerting; `go_on` ends their turns, see `turns.ends_turns`."""
    return [*_store_jobs(stores, settings.retention_days, projects), *_failure_jobs(stores, settings, go_on)]


def _store_jobs(stores: Stores, retention_days: int, projects: ProjectBook) -> list[Job]:
    store = stores.spans
    deletions = DeletionJob(DeletionRequests(stores.metadata, store.engine), store)

    def refresh() -> bool:
        return store.refresh_rollups(datetime.now(UTC)) > _MINUTES_OF_LIVE_WRITES

    def expire() -> bool:
        today = datetime.now(UTC).date()
        first_days = projects.first_days(retention_days, today).items()
        one_by_one((f"project {name}", partial(expire_project, name, day, today)) for name, day in first_days)
        return False

    def expire_project(project: ProjectId, first_day: date, today: date) -> None:
        last_incidents = min(first_day, today - INCIDENTS_KEPT_AT_LEAST)
        drop_expired_incidents(stores.metadata, project, last_incidents)
        store.drop_expired(project, first_day)

    progress, written = JobProgress(stores.metadata), WrittenMinutesReader(store.engine)
    repeated_calls = RepeatedCallsJob(
        WriteFollower(REPEATED_CALLS_JOB, progress, written, first_look=FIRST_LOOK),
        RepeatedCallReader(store.engine),
        SpanLookup(store.engine),
        store.writer,
    )

    return [
        Job("rollups", ROLLUP_PERIOD, refresh),
        Job("repeated-calls", REPEATED_CALLS_PERIOD, lambda: repeated_calls.run(datetime.now(UTC))),
        Job("retention", RETENTION_PERIOD, expire),
        Job("deletions", DELETION_PERIOD, lambda: deletions.run(datetime.now(UTC))),
    ]


def _failure_jobs(stores: Stores, settings: Settings, go_on: Callable[[], None]) -> list[Job]:
    spans, store = stores.spans, FailureStore(stores.metadata)
    reader, traces = FailingSpanReader(spans.engine), FailureTraceReader(spans.engine)
    progress, written = JobProgress(stores.metadata), WrittenMinutesReader(spans.engine)
    embedder, title_model = build_embedder(settings), build_title_model(settings, go_on)
    meanings = SemanticVectors(embedder) if embedder else None
    clusters = FailureJob(
        store, reader, spans.writer, WriteFollower(CLUSTERS_JOB, progress, written), meanings
    )
    hours = HoursJob(FailureHours(spans.engine), WriteFollower(HOURS_JOB, progress, written))
    findings = TraceJob(store, reader, traces, spans.writer, progress, written)
    hours_pace = Pace(share=0.05)

    def find() -> bool:
        now = datetime.now(UTC)
        more = clusters.run(now)
        # Soon after, as lists of a day show nothing of a cluster before.
        return hours_pace.take(lambda: hours.run(now)) or more

    jobs = [
        Job("failures", FAILURE_PERIOD, find),
        Job("failure findings", FINDING_PERIOD, lambda: findings.run(datetime.now(UTC))),
    ]
    if meanings:
        leftovers = LeftoverJob(store, meanings)
        jobs.append(Job("failure leftovers", LEFTOVER_PERIOD, lambda: leftovers.run(datetime.now(UTC))))
    if title_model:
        titles = TitleJob(store, title_model)
        jobs.append(Job("failure titles", TITLE_PERIOD, lambda: titles.run(datetime.now(UTC))))
    return jobs
