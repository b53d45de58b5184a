"""Findings about whole traces and bad scores count as failures, and scores that are taken back do not."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import httpx
import pytest
from sqlalchemy import Engine

from sightline_analysis.failures.hours_job import HOURS_JOB, HoursJob
from sightline_analysis.failures.job import CLUSTERS_JOB, FailureJob
from sightline_analysis.failures.trace_job import TraceJob
from sightline_storage import SpanRecord, Store
from sightline_storage.failures.failing_span_reader import FailingSpanReader
from sightline_storage.failures.failure_hours import FailureHours
from sightline_storage.failures.failure_store import FailureStore
from sightline_storage.failures.failure_trace_reader import FailureTraceReader
from sightline_storage.metadata.job_progress import JobProgress
from sightline_storage.rollups.write_follower import WriteFollower
from sightline_storage.rollups.written_minutes import WrittenMinutesReader

NOW = datetime(2026, 9, 21, 16, 0, tzinfo=UTC)
START_NS = 1_790_000_000_000_000_000
ROOT = "a" * 16


@dataclass
class Watch:
    """A project behind the API, and the jobs that look at its traces."""

    project: str
    client: httpx.Client
    look: Callable[..., None]
    store: Store

    def write(self, trace_id: str, *spans: dict[str, Any]) -> None:
        records = [
            cast(
                SpanRecord,
                {
                    "project": self.project,
                    "trace_id": trace_id,
                    "span_id": ROOT if number == 0 else f"{number:016x}",
                    "parent_span_id": "" if number == 0 else ROOT,
                    "name": "step",
                    "kind": "agent",
                    "status": "ok",
                    "start_ns": START_NS + number * 10**6,
                    "duration_ns": 10**6,
                    "ingested_ns": START_NS,
                    "app": "shop",
                    **span,
                },
            )
            for number, span in enumerate(spans)
        ]
        self.store.writer.write(records, token=uuid.uuid4().hex)

    def clusters(self) -> list[tuple[str, str, int]]:
        answer = self.client.get("/failures")
        assert answer.status_code == 200, answer.text
        return sorted((c["category"], c["title"], c["spans"]) for c in answer.json()["clusters"])

    def score(self, **score: Any) -> None:
        answer = self.client.post("/scores", json={"scored_at": NOW.isoformat(), **score})
        assert answer.status_code == 200, answer.text


@pytest.fixture
def watch(store: Store, metadata: Engine, api_url: str, failure_store: FailureStore) -> Iterator[Watch]:
    project = f"p{uuid.uuid4().hex[:12]}"
    reader = FailingSpanReader(store.engine)
    progress, written = JobProgress(metadata), WrittenMinutesReader(store.engine)
    traces = FailureTraceReader(store.engine)
    findings = TraceJob(failure_store, reader, traces, store.writer, progress, written)
    clusters = FailureJob(failure_store, reader, store.writer, WriteFollower(CLUSTERS_JOB, progress, written))
    hours = HoursJob(FailureHours(store.engine), WriteFollower(HOURS_JOB, progress, written))

    def look(now: datetime = NOW) -> None:
        progress.set_seen_ns("traces", 0)
        progress.set_seen_ns(CLUSTERS_JOB, 0)
        progress.set_seen_ns(HOURS_JOB, 0)
        findings.run(now)
        clusters.run(now)
        hours.run(now)

    headers = {"Authorization": f"Bearer {project}"}
    with httpx.Client(base_url=api_url, headers=headers, timeout=60) as client:
        yield Watch(project, client, look, store)


TOOL = {"kind": "tool", "tool_name": "look_up", "input": '{"id": 7}'}


def test_a_loop_is_found_a_minute_after_the_last_span_and_only_once(watch: Watch) -> None:
    watch.write(uuid.uuid4().hex, {}, TOOL, TOOL, TOOL)
    watch.look(datetime.fromtimestamp(START_NS / 1e9 + 59, UTC))
    assert watch.clusters() == []
    for minutes in (0, 1):
        watch.look(NOW + timedelta(minutes=minutes))
        title = "the tool 'look_up' was called 3 times with the same arguments"
        assert watch.clusters() == [("loop", title, 1)]


def test_a_runaway_is_far_over_what_the_apps_traces_took_before(watch: Watch) -> None:
    for _ in range(30):
        watch.write(uuid.uuid4().hex, {}, {"kind": "llm", "input_tokens": 300})
    watch.write(uuid.uuid4().hex, {}, {"kind": "llm", "input_tokens": 90_000})
    watch.look()
    assert watch.clusters() == [
        ("runaway", "the trace took far more tokens than the app's traces usually do", 1)
    ]


def test_negative_feedback_on_a_trace_counts_until_it_is_taken_back(watch: Watch) -> None:
    trace = uuid.uuid4().hex
    watch.score(trace_id=trace, name="thumb", source="human", value=False, comment="it named the wrong city")
    watch.look()
    assert watch.clusters() == [], "the trace is not there yet"
    watch.write(trace, {}, {"kind": "llm"})
    watch.look()
    assert watch.clusters() == [("negative_feedback", "it named the wrong city", 1)]
    later = (NOW + timedelta(seconds=1)).isoformat()
    watch.score(trace_id=trace, name="thumb", source="human", value=True, scored_at=later)
    watch.look(NOW + timedelta(seconds=2))
    assert watch.clusters() == []


def test_a_score_below_its_line_counts_and_a_failed_span_keeps_its_failure(watch: Watch) -> None:
    trace = uuid.uuid4().hex
    failed = {"failure_category": "timeout", "failure_fingerprint": "1-77", "failure_message": "too slow"}
    watch.write(trace, {}, {"kind": "llm"}, {"kind": "llm", **failed})
    line = {"name": "faithful", "line": 0.5}
    assert watch.client.put("/failures/score-lines", json=line).status_code == 204
    assert watch.client.get("/failures/score-lines").json()["lines"] == [line]
    for span in (1, 2):
        watch.score(trace_id=trace, span_id=f"{span:016x}", name="faithful", source="model", value=0.3)
    watch.look()
    assert watch.clusters() == [
        ("low_score", "the score faithful is below 0.5", 1),
        ("timeout", "too slow", 1),
    ]
    gone = watch.client.delete("/failures/score-lines", params={"name": "faithful"})
    assert (gone.status_code, watch.client.get("/failures/score-lines").json()) == (204, {"lines": []})
