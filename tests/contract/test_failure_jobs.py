"""The jobs that look for failures: what one span causes on others, and whole traces."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.engine import Engine
from tests.contract.conftest import EMBEDDED_AND_CLUSTER
from tests.empty_postgres import empty_postgres
from tests.made_spans import MakeSpan

from sightline_analysis.failures import mark_failure
from sightline_analysis.failures.hours_job import HOURS_JOB, HoursJob
from sightline_analysis.failures.job import CLUSTERS_JOB, FailureJob
from sightline_analysis.failures.trace_job import TraceJob
from sightline_core.errors import CallerError
from sightline_core.ids import ProjectId
from sightline_core.nanoseconds import to_ns
from sightline_core.time_range import TimeRange
from sightline_storage import SpanRecord, Store
from sightline_storage.failures.failing_span_reader import FailingSpanReader
from sightline_storage.failures.failure_contrast_reader import FailureContrastReader
from sightline_storage.failures.failure_hours import FailureHours
from sightline_storage.failures.failure_reader import FailureReader
from sightline_storage.failures.failure_store import FailureStore
from sightline_storage.failures.failure_trace_reader import EndedTrace, FailureTraceReader, Step
from sightline_storage.metadata.job_progress import JobProgress
from sightline_storage.metadata.metadata_database import open_metadata
from sightline_storage.rollups.write_follower import WriteFollower
from sightline_storage.rollups.written_minutes import WrittenMinutesReader
from sightline_storage.scores.score_record import Score
from sightline_storage.scores.score_writer import ScoreWriter

pytestmark = EMBEDDED_AND_CLUSTER


def _failing(span: MakeSpan, message: str, **given: object) -> SpanRecord:
    record = span(status="error", status_message=message, kind="chain", **given)
    mark_failure(record)
    return record


def _stored(store: Store, project: ProjectId, column: str) -> dict[str, object]:
    query = f"SELECT name, {column} FROM spans FINAL WHERE project = {{project:String}} LIMIT 100"
    return dict(store.engine.query(query, {"project": project}))


@pytest.fixture
def found_at(store: Store, metadata: Engine) -> Callable[[datetime], FailureStore]:
    failures, reader = FailureStore(metadata), FailingSpanReader(store.engine)
    progress, written = JobProgress(metadata), WrittenMinutesReader(store.engine)

    def look(now: datetime) -> FailureStore:
        traces = FailureTraceReader(store.engine)
        TraceJob(failures, reader, traces, store.writer, progress, written).run(now)
        FailureJob(failures, reader, store.writer, WriteFollower(CLUSTERS_JOB, progress, written)).run(now)
        HoursJob(FailureHours(store.engine), WriteFollower(HOURS_JOB, progress, written)).run(now)
        return failures

    return look


def test_a_failure_that_others_carry_is_one_cluster_and_counted_by_the_hour(
    store: Store, project: ProjectId, span: MakeSpan, found_at: Callable[[datetime], FailureStore]
) -> None:
    for number in range(4):
        trace_id = f"{project}-{number}"
        child = _failing(span, "the index is gone", name=f"child {number}", trace_id=trace_id)
        root = _failing(span, "the index is gone", name=f"root {number}", trace_id=trace_id)
        child["parent_span_id"] = root["span_id"]
        store.writer.write([child, root], token=trace_id)
    start = datetime.fromtimestamp(child["start_ns"] / 1e9, UTC)
    failures = found_at(start + timedelta(hours=1))
    (cluster,) = failures.clusters(project)
    assert cluster.title == "the index is gone"
    carried = _stored(store, project, "failure_propagated")
    assert carried == {f"{name} {n}": int(name == "root") for n in range(4) for name in ("child", "root")}
    period = TimeRange(start - timedelta(hours=1), start + timedelta(hours=1))
    hours = FailureReader(store.engine).hours(project, period, failures.clusters_of(project))
    assert [sum(counts.values()) for counts in hours.values()] == [4]


def test_a_trace_that_is_stored_while_the_job_looks_founds_no_cluster_of_what_only_carries_its_failure(
    store: Store, project: ProjectId, span: MakeSpan, metadata: Engine
) -> None:
    child = _failing(span, "the index is gone", name="child", trace_id=f"{project}-late")
    root = _failing(
        span, "nobody was answered, since the index is gone", name="root", trace_id=f"{project}-late"
    )
    child["parent_span_id"] = root["span_id"]
    late = [[child, root]]

    class BusyReader(FailingSpanReader):
        """Spans arrive right after it has been asked for carriers."""

        def failing_traces(self, *asked: Any) -> Iterator[tuple[ProjectId, list[list[SpanRecord]]]]:
            yield from super().failing_traces(*asked)
            if late:
                store.writer.write(late.pop(), token=f"{project}-late")

    store.writer.write([_failing(span, "no route to host", trace_id=f"{project}-first")], token=project)
    failures, written = FailureStore(metadata), WrittenMinutesReader(store.engine)
    follower = WriteFollower(CLUSTERS_JOB, JobProgress(metadata), written)
    job = FailureJob(failures, BusyReader(store.engine), store.writer, follower)
    now = datetime.fromtimestamp(child["start_ns"] / 1e9, UTC) + timedelta(minutes=1)
    job.run(now)
    assert not late
    job.run(now + timedelta(minutes=1))
    assert {row.title for row in failures.clusters(project)} == {"no route to host", "the index is gone"}


def test_a_cause_that_comes_later_than_what_carries_it_leaves_no_cluster_of_the_carrier(
    store: Store, project: ProjectId, span: MakeSpan, found_at: Callable[[datetime], FailureStore]
) -> None:
    traces = [f"{project}-{number}" for number in range(3)]
    carried = "nobody was answered, since the index is gone"
    own = "the whole order has to be cancelled for there is no route"
    roots = [
        _failing(span, message, name=f"root {trace_id}", trace_id=trace_id)
        for trace_id, message in zip(traces, [carried, own, own], strict=True)
    ]
    store.writer.write(roots, token=f"{project}-roots")
    now = datetime.fromtimestamp(roots[0]["start_ns"] / 1e9, UTC) + timedelta(minutes=1)
    failures = found_at(now)
    assert {row.title for row in failures.clusters(project)} == {carried, own}
    children = [
        _failing(span, message, trace_id=root["trace_id"], ingested_ns=to_ns(now + timedelta(seconds=30)))
        | {"parent_span_id": root["span_id"]}
        for root, message in zip(roots[:2], ["the index is gone", "no route"], strict=True)
    ]
    store.writer.write(children, token=f"{project}-children")
    failures = found_at(now + timedelta(minutes=1))
    # Of what two traces failed with, one still has no other cause.
    assert {row.title for row in failures.clusters(project)} == {"the index is gone", "no route", own}


def test_more_clusters_than_are_listed_keep_the_job_from_none(
    store: Store,
    project: ProjectId,
    span: MakeSpan,
    found_at: Callable[[datetime], FailureStore],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sightline_storage.failures.failure_store.MAX_LISTED", 2)
    messages = ["the index is gone", "no route to host", "quota exceeded for today", "invalid key format"]
    failing = [_failing(span, message, trace_id=f"{project}-{message}") for message in messages]
    for number, record in enumerate(failing):
        record["start_ns"] += number * 10**9
    store.writer.write(failing, token=project)
    start = datetime.fromtimestamp(failing[0]["start_ns"] / 1e9, UTC)
    failures = found_at(start + timedelta(minutes=1))
    assert {row.title for row in failures.every_cluster(project)} == set(messages)
    assert [row.title for row in failures.clusters(project)] == messages[:1:-1]


def test_texts_that_postgresql_does_not_take_end_no_job(
    store: Store, project: ProjectId, span: MakeSpan, postgres_url: str
) -> None:
    metadata = open_metadata(postgres_url)
    failures, reader = FailureStore(metadata), FailingSpanReader(store.engine)
    follower = WriteFollower(CLUSTERS_JOB, JobProgress(metadata), WrittenMinutesReader(store.engine))
    failing = [
        _failing(span, "no \0 disk", tool_name="a\0b", trace_id=f"{project}-1"),
        _failing(span, "no file", trace_id=f"{project}-2", tool_name="t" * 3000, app_version="v" * 3000),
    ]
    store.writer.write(failing, token=project)
    now = datetime.fromtimestamp(failing[0]["start_ns"] / 1e9, UTC) + timedelta(minutes=1)
    try:
        for _ in range(2):
            FailureJob(failures, reader, store.writer, follower).run(now)
        found = {cluster.title: cluster.scope for cluster in failures.clusters(project)}
        assert found == {"no disk": "a\ufffdb", "no file": "t" * 200}
        with pytest.raises(CallerError, match="too long"):
            failures.set_score_line(project, "n" * 201, 0.5)
    finally:
        with metadata.begin() as connection:
            empty_postgres(connection)
        metadata.dispose()


def test_a_failure_in_the_last_second_of_an_hour_is_counted_in_it(
    store: Store, project: ProjectId, span: MakeSpan, found_at: Callable[[datetime], FailureStore]
) -> None:
    hour_ns = span()["start_ns"] // (3600 * 10**9) * 3600 * 10**9
    for number, second in enumerate((3599.5, 1800.5)):
        failing = _failing(
            span, "full", start_ns=hour_ns + round(second * 1e9), trace_id=f"{project}-{number}"
        )
        store.writer.write([failing], token=f"{project}-{number}")
    start = datetime.fromtimestamp(hour_ns / 1e9, UTC)
    failures = found_at(start + timedelta(hours=2))
    period = TimeRange(start, start + timedelta(hours=1))
    hours = FailureReader(store.engine).hours(project, period, failures.clusters_of(project))
    assert [sum(counts.values()) for counts in hours.values()] == [2]


def test_failures_are_counted_although_the_clock_was_set_back(
    store: Store, project: ProjectId, span: MakeSpan, found_at: Callable[[datetime], FailureStore]
) -> None:
    before = _failing(span, "before")
    after = _failing(span, "after", start_ns=before["start_ns"] + 3600 * 10**9)
    store.writer.write([before], token=f"{project}-1")
    now, minute = datetime.now(UTC), before["start_ns"] // 60_000_000_000 * 60
    # The mark that the store would have made while its clock was three hours ahead.
    store.engine.command(
        "INSERT INTO rollup_marks (project, bucket, token, done, marked_at)"
        " SELECT {project:String}, toDateTime({minute:UInt32}), 'ahead', 0, now() + toIntervalHour(3)",
        {"project": project, "minute": minute},
    )
    assert [row.title for row in found_at(now + timedelta(hours=3)).clusters(project)] == ["before"]
    store.writer.write([after], token=f"{project}-2")
    assert {row.title for row in found_at(now).clusters(project)} == {"before", "after"}


def test_a_loop_is_found_in_a_trace_whose_spans_came_in_several_blocks(
    store: Store, project: ProjectId, span: MakeSpan, found_at: Callable[[datetime], FailureStore]
) -> None:
    root = span(name="agent", kind="agent")
    call = {"kind": "tool", "tool_name": "look_up", "input": '{"id": 7}', "parent_span_id": root["span_id"]}
    calls = [span(trace_id=root["trace_id"], name=f"call {n}", **call) for n in range(3)]
    for record in (root, *calls):
        store.writer.write([record], token=f"{project}-{record['name']}")
    start = datetime.fromtimestamp(root["start_ns"] / 1e9, UTC)
    (cluster,) = found_at(start + timedelta(hours=1)).clusters(project)
    assert cluster.title == "the tool 'look_up' was called 3 times with the same arguments"
    assert "loop" in _stored(store, project, "failure_category").values()


_QUIET = datetime(2026, 2, 1, tzinfo=UTC)
"""When nothing else arrived in the store that the tests share."""


class _CountedReader(FailureTraceReader):
    """Counts how often the steps of a trace were read."""

    def __init__(self, store: Store) -> None:
        super().__init__(store.engine)
        self.reads: Counter[str] = Counter()

    def steps(self, project: ProjectId, traces: Sequence[EndedTrace], *, contents: bool) -> list[list[Step]]:
        if not contents:
            self.reads.update(trace.trace_id for trace in traces)
        return super().steps(project, traces, contents=contents)


@pytest.fixture
def counted(store: Store) -> _CountedReader:
    return _CountedReader(store)


@pytest.fixture
def trace_job(store: Store, metadata: Engine, counted: _CountedReader) -> TraceJob:
    return TraceJob(
        FailureStore(metadata), FailingSpanReader(store.engine), counted, store.writer,
        JobProgress(metadata), WrittenMinutesReader(store.engine),
    )  # fmt: skip


def _write_traces(
    store: Store, project: ProjectId, span: MakeSpan, names: Sequence[str], at: datetime, *, calls: int
) -> None:
    """Write a trace of each name that calls one tool so often; all arrived in the same moment."""
    shared = {"start_ns": to_ns(at), "ingested_ns": to_ns(at), "project": project}
    records = []
    for name in names:
        root = span(name="agent", kind="agent", trace_id=f"{project}-{name}", **shared)
        call = {"kind": "tool", "tool_name": name, "input": "{}", "parent_span_id": root["span_id"], **shared}
        records += [root, *(span(trace_id=root["trace_id"], **call) for _ in range(calls))]
    store.writer.write(records, token="-".join([project, *names]))


def _loops(store: Store, project: ProjectId) -> int:
    query = "SELECT count() FROM spans FINAL WHERE project = {p:String} AND failure_category = 'loop' LIMIT 1"
    return int(store.engine.query(query, {"p": project})[0][0])


def test_traces_that_ended_in_one_moment_are_looked_at_over_several_turns_each_once(
    store: Store, project: ProjectId, span: MakeSpan, trace_job: TraceJob, counted: _CountedReader,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("sightline_analysis.failures.trace_job.MAX_INSPECTED_A_TURN", 2)
    names = [f"tool {n}" for n in range(5)]
    _write_traces(store, project, span, names, _QUIET - timedelta(hours=3), calls=2)
    while trace_job.run(_QUIET):
        pass
    trace_job.run(_QUIET + timedelta(seconds=20))
    assert {trace: reads for trace, reads in counted.reads.items() if trace.startswith(project)} == {
        f"{project}-{name}": 1 for name in names
    }


def test_traces_of_more_spans_than_one_answer_has_are_looked_at_whole(
    store: Store, project: ProjectId, span: MakeSpan, trace_job: TraceJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sightline_storage.failures.failure_trace_queries.MAX_STEPS", 5)
    now = _QUIET + timedelta(days=3)
    _write_traces(store, project, span, ["first", "second", "third"], now - timedelta(minutes=3), calls=3)
    trace_job.run(now)
    assert _loops(store, project) == 3


def test_a_loop_is_written_once_however_often_its_trace_is_looked_at(
    store: Store, project: ProjectId, span: MakeSpan, trace_job: TraceJob, counted: _CountedReader
) -> None:
    now = _QUIET + timedelta(days=1)
    _write_traces(store, project, span, ["search"], now - timedelta(minutes=3), calls=3)
    for turn in range(3):
        trace_job.run(now + timedelta(seconds=turn))
    assert counted.reads[f"{project}-search"] > 1  # as it was written again, with what was found
    assert _loops(store, project) == 1


def test_a_trace_is_looked_at_although_an_outage_kept_it_in_the_journal(
    store: Store, project: ProjectId, span: MakeSpan, trace_job: TraceJob
) -> None:
    now = _QUIET + timedelta(days=2)
    _write_traces(store, project, span, ["first"], now - timedelta(minutes=20), calls=3)
    trace_job.run(now)
    _write_traces(store, project, span, ["later"], now - timedelta(minutes=15), calls=3)
    trace_job.run(now + timedelta(seconds=10))
    assert _loops(store, project) == 2


def test_a_score_counts_as_a_failure_again_when_its_span_is_delivered_again(
    store: Store, project: ProjectId, span: MakeSpan, metadata: Engine
) -> None:
    answer = span()
    start = datetime.fromtimestamp(answer["start_ns"] / 1e9, UTC)
    thumb = Score(
        answer["trace_id"],
        "",
        "",
        "helpful",
        "human",
        "ann",
        "boolean",
        False,
        "",
        start + timedelta(minutes=50),
    )
    store.writer.write([answer], token=f"{project}-1")
    ScoreWriter(store.engine).write(project, [thumb])
    traces, reader = FailureTraceReader(store.engine), FailingSpanReader(store.engine)
    progress, written = JobProgress(metadata), WrittenMinutesReader(store.engine)
    job = TraceJob(FailureStore(metadata), reader, traces, store.writer, progress, written)
    job.run(start + timedelta(hours=1))
    assert _stored(store, project, "failure_category") == {answer["name"]: "negative_feedback"}
    answer["ingested_ns"] += 3600 * 10**9
    store.writer.write([answer], token=f"{project}-2")
    assert _stored(store, project, "failure_category") == {answer["name"]: ""}
    for minutes in (80, 81):
        job.run(start + timedelta(minutes=minutes))
    assert _stored(store, project, "failure_category") == {answer["name"]: "negative_feedback"}


def test_more_scores_than_a_turn_looks_at_are_all_looked_at_in_the_end(
    store: Store, project: ProjectId, span: MakeSpan, metadata: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sightline_analysis.failures.trace_job.MAX_JUDGED_A_TURN", 2)
    answers = [span(name=f"answer {number}", trace_id=f"{project}-{number}") for number in range(5)]
    start = datetime.fromtimestamp(answers[0]["start_ns"] / 1e9, UTC)
    # The first three are of traces that sampling let go: their spans never come.
    traces = [*(f"{project}-gone-{number}" for number in range(3)), *(a["trace_id"] for a in answers)]
    store.writer.write(answers, token=project)
    ScoreWriter(store.engine).write(
        project,
        [Score(trace, "", "", "helpful", "human", "ann", "boolean", False, "", start) for trace in traces],
    )
    reader, written = FailingSpanReader(store.engine), WrittenMinutesReader(store.engine)
    job = TraceJob(
        FailureStore(metadata), reader, FailureTraceReader(store.engine), store.writer,
        JobProgress(metadata), written,
    )  # fmt: skip
    while job.run(start + timedelta(minutes=1)):
        pass
    assert set(_stored(store, project, "failure_category").values()) == {"negative_feedback"}


def test_what_the_page_asks_about_a_cluster_is_answered(
    store: Store, project: ProjectId, span: MakeSpan, found_at: Callable[[datetime], FailureStore]
) -> None:
    told = {"app_version": "2", "attributes": {"region": "north"}, "resource": {"service.version": "2"}}
    broken = [_failing(span, "the index is gone", **told) for _ in "abc"]
    fine = [span(kind="chain", app_version="1", attributes={"region": "south"}) for _ in "abc"]
    store.writer.write([*broken, *fine], token=project)
    start = datetime.fromtimestamp(broken[0]["start_ns"] / 1e9, UTC)
    failures, reader = found_at(start + timedelta(hours=1)), FailureReader(store.engine)
    prints, cluster_of = list(failures.clusters_of(project)), failures.clusters_of(project)
    names = [record["name"] for record in broken]
    for span_of_time in (timedelta(hours=1), timedelta(days=9)):
        period = TimeRange(start - span_of_time, start + span_of_time)
        (impact,) = reader.impact(project, period, cluster_of).values()
        assert (impact.spans, impact.traces) == (3, 3)
    period = TimeRange(start - timedelta(hours=1), start + timedelta(hours=1))
    assert [sum(reader.timeline(project, period, prints, s).values()) for s in (60, 3600)] == [3, 3]
    examples = reader.examples(project, period, prints, 2)
    assert [example.name for example in examples] == names[:0:-1]
    healthy = reader.healthy(project, period, examples[0])
    assert healthy is None, "no span of that name did not fail"
    versions = {seen.version: seen for seen in reader.versions(project, period, prints, ["shop"], limit=9)}
    assert sorted(versions) == ["1", "2"]
    contrast = FailureContrastReader(store.engine).count(project, period, prints, examples, 3)
    regions = {
        count.value: (count.inside, count.outside) for count in contrast if "region" in count.attribute
    }
    assert regions == {"north": (3, 0)}
    versions_told = {count.attribute for count in contrast if "version" in count.attribute and count.inside}
    assert versions_told == {"app_version", "prompt_version"}


def test_a_job_keeps_its_place_while_nothing_is_written(
    store: Store, metadata: Engine, found_at: Callable[[datetime], FailureStore]
) -> None:
    later = datetime.now(UTC) + timedelta(days=30)
    progress, place_ns = JobProgress(metadata), to_ns(later - timedelta(days=2)) // 10**9 * 10**9
    progress.set_seen_ns("clusters", place_ns)
    for _ in range(2):
        found_at(later)
        assert progress.seen_ns("clusters", later) == place_ns
