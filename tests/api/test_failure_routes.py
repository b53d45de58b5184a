"""Failures over HTTP: the list, one cluster, triage with undo."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, cast

import httpx
import pytest
from sqlalchemy import Engine
from tests.contract.conftest import empty
from tests.made_spans import BASE_NS

from sightline_analysis.failures import mark_failure
from sightline_analysis.failures.fingerprint import hash_template
from sightline_analysis.failures.hours_job import HOURS_JOB, HoursJob
from sightline_analysis.failures.job import CLUSTERS_JOB, FailureJob
from sightline_core.ids import ProjectId
from sightline_storage import SpanRecord, Store
from sightline_storage.failures.failing_span_reader import FailingSpanReader
from sightline_storage.failures.failure_hours import FailureHours
from sightline_storage.failures.failure_records import Change, ClusterRow, MemberRow
from sightline_storage.failures.failure_store import FailureStore
from sightline_storage.metadata.job_progress import JobProgress
from sightline_storage.rollups.write_follower import WriteFollower
from sightline_storage.rollups.written_minutes import WrittenMinutesReader

NOW = datetime(2026, 9, 21, 16, 0, tzinfo=UTC)


@dataclass
class Desk:
    """One project behind the API, and the job that feeds its clusters."""

    client: httpx.Client
    write: Callable[..., None]
    project: ProjectId

    def clusters(self, **params: Any) -> list[dict[str, Any]]:
        answer = self.client.get("/failures", params=params)
        assert answer.status_code == 200, answer.text
        return list(answer.json()["clusters"])

    def decide(self, cluster: str, **action: Any) -> int:
        answer = self.client.post(f"/failures/{cluster}/decisions", json=action)
        assert answer.status_code == 200, answer.text
        return int(answer.json()["decision"])


@pytest.fixture
def desk(store: Store, metadata: Engine, api_url: str, failure_store: FailureStore) -> Iterator[Desk]:
    empty(store)  # the jobs look at all projects
    project = f"p{uuid.uuid4().hex[:12]}"
    progress, written = JobProgress(metadata), WrittenMinutesReader(store.engine)
    reader = FailingSpanReader(store.engine)
    clusters = FailureJob(failure_store, reader, store.writer, WriteFollower(CLUSTERS_JOB, progress, written))
    hours = HoursJob(FailureHours(store.engine), WriteFollower(HOURS_JOB, progress, written))
    unread = False

    def read(_: httpx.Request) -> None:
        """Run the jobs before who asks, not after each of several writes."""
        nonlocal unread
        if not unread:
            return
        # Other tests share the jobs' progress, and their clocks are the same as ours.
        for job in (CLUSTERS_JOB, HOURS_JOB):
            progress.set_seen_ns(job, 0)
        clusters.run(NOW)
        hours.run(NOW)
        unread = False

    def write(message: str, count: int = 1, *, at_s: int = 0, **columns: Any) -> None:
        records: list[SpanRecord] = []
        for number in range(count):
            start_ns = BASE_NS + (at_s + number) * 10**9
            record = cast(SpanRecord, {
                "project": project, "trace_id": uuid.uuid4().hex, "span_id": uuid.uuid4().hex[:16],
                "name": "call", "kind": "llm",
                "status": "error" if message else "ok", "status_message": message,
                "start_ns": start_ns, "duration_ns": 10**6, "ingested_ns": start_ns + 10**9, "app": "shop",
                "model": "m1", "provider": "openai",
                **columns,
            })  # fmt: skip
            mark_failure(record)
            records.append(record)
        nonlocal unread
        store.writer.write(records, token=uuid.uuid4().hex)
        unread = True

    headers = {"Authorization": f"Bearer {project}"}
    hooks = {"request": [read]}
    with httpx.Client(base_url=api_url, headers=headers, timeout=60, event_hooks=hooks) as client:
        yield Desk(client, write, ProjectId(project))


def test_clusters_are_listed_by_how_many_traces_they_hit(desk: Desk) -> None:
    desk.write("the warehouse did not answer within 3 s", 2)
    desk.write("the label printer has no paper", 3, user="u1")
    first, second = desk.clusters()
    assert (first["title"], first["traces"], first["users"]) == ("the label printer has no paper", 3, 1)
    assert second["state"] == "new"
    assert sum(second["hourly"]) == 2


def test_filters_count_the_clusters_that_choosing_them_lists(desk: Desk) -> None:
    desk.write("the label printer has no paper", at_s=-3 * 86_400, app="old")
    desk.write("the warehouse did not answer")
    desk.write("the scanner is not plugged in")
    gone = desk.clusters(since="24h")[0]["id"]
    desk.decide(gone, action="assign", assignee="ann")
    desk.decide(gone, action="resolve")
    for params, count, ann in (({}, 1, 0), ({"state": "resolved"}, 1, 1), ({"since": "7d"}, 2, 0)):
        answer = desk.client.get("/failures", params={"since": "24h", **params}).json()
        facets = {
            name: {f["value"]: f["clusters"] for f in answer["facets"][name]} for name in answer["facets"]
        }
        assert (
            len(answer["clusters"])
            == sum(facets["category"].values())
            == sum(facets["app"].values())
            == count
        )
        assert facets["assignee"]["ann"] == ann
        assert sum(facets["state"].values()) == 3


def test_what_is_counted_of_a_range_is_told_with_the_figures(desk: Desk) -> None:
    desk.write("the label printer has no paper", at_s=-14 * 60)  # 13:59:20
    desk.write("the label printer has no paper")
    (cluster,) = desk.clusters(since="24h")
    hours = {"start": "2026-09-21T13:00:00Z", "end": "2026-09-21T20:00:00Z"}
    for start, end, traces, counted in (
        ("2026-09-21T13:59:30Z", "2026-09-21T19:59:31Z", 2, hours),
        ("2026-09-21T13:59:30Z", "2026-09-21T19:59:30Z", 1, None),
    ):
        detail = desk.client.get(f"/failures/{cluster['id']}", params={"start": start, "end": end}).json()
        assert (detail["cluster"]["traces"], detail["counted"]) == (traces, counted)


def test_the_timeline_of_days_is_that_of_the_cluster_alone(desk: Desk) -> None:
    desk.write("the label printer has no paper", at_s=-6 * 86_400)
    desk.write("the warehouse did not answer", 3)
    (cluster,) = (c["id"] for c in desk.clusters(since="7d") if c["spans"] == 1)
    timeline = desk.client.get(f"/failures/{cluster}", params={"since": "7d"}).json()["timeline"]
    assert timeline["bucket_s"] >= 3_600
    assert sum(bucket["spans"] for bucket in timeline["buckets"]) == 1


def test_what_is_ignored_until_more_is_back_once_there_was_more_however_slowly(
    desk: Desk, failure_store: FailureStore
) -> None:
    desk.write("the label printer has no paper", at_s=-30 * 86_400)
    (cluster,) = (c["id"] for c in desk.clusters(since="8w"))
    long_ago = {"status": "ignored", "status_at": NOW - timedelta(days=20), "ignore_until": 3}
    change = Change({cluster: long_ago})
    failure_store.decide(
        desk.project,
        cluster,
        actor="ann",
        action="ignore",
        note="",
        change=change,
        at=NOW - timedelta(days=20),
    )
    desk.write("the label printer has no paper", 2, at_s=-15 * 86_400)
    assert desk.clusters(since="8w") == []
    desk.write("the label printer has no paper", at_s=-5 * 86_400)
    assert [c["state"] for c in desk.clusters(since="8w")] == ["ongoing"]
    assert desk.client.get(f"/failures/{cluster}").json()["cluster"]["state"] == "ongoing"


def test_figures_of_one_app_are_of_that_app_alone(desk: Desk) -> None:
    jam = "the label printer has no paper"
    desk.write(jam, 3, user="u1", cost_usd=Decimal("0.5"), app_version="7")
    desk.write(
        jam, 1, at_s=600, app="desk", user="u2", session="s1", cost_usd=Decimal("0.25"), app_version="8"
    )
    desk.write(jam, 1, at_s=-3 * 86_400, app="desk", user="u3")
    names = ("traces", "spans", "users", "sessions", "cost_usd", "app_versions", "first_seen", "last_seen")
    days = {"first_seen": "2026-09-18T14:13:20Z", "last_seen": "2026-09-21T14:23:20Z"}
    for since, spans, users in (("4h", 1, 1), ("7d", 2, 2)):
        (cluster,) = desk.clusters(app="desk", since=since)
        figures = dict(zip(names, (spans, spans, users, 1, "0.25", ["8"]), strict=False)) | days
        assert {name: cluster[name] for name in names} == figures
        assert sum(cluster["hourly"]) == 1
        assert cluster["apps"] == ["desk", "shop"]
    (shop,) = desk.clusters(app="shop", since="7d")
    assert (shop["traces"], shop["users"], shop["cost_usd"], sum(shop["hourly"])) == (3, 1, "1.5", 3)
    assert shop["first_seen"] == "2026-09-21T14:13:20Z"
    assert shop["last_seen"] == "2026-09-21T14:13:22Z"
    assert desk.clusters(app="des") == []


def test_a_cluster_shows_members_examples_a_healthy_span_and_what_sets_it_apart(desk: Desk) -> None:
    desk.write("", 30, app_version="1", resource={"cloud.region": "north"})
    desk.write("", 30, app_version="2", app="another", resource={"cloud.region": "south"})
    desk.write(
        "the label printer has no paper", 10, app_version="2", model="m2", resource={"cloud.region": "south"},
        attributes={"tenant": "acme"}, tags=["beta"],
    )  # fmt: skip
    cluster = desk.clusters()[0]["id"]
    detail = desk.client.get(f"/failures/{cluster}").json()
    assert detail["members"][0]["template"] == "the label printer has no paper"
    assert len(detail["examples"]) == 5
    assert detail["healthy"]["message"] == ""
    assert {(c["attribute"], c["value"]) for c in detail["contrasts"]} >= {
        ("model", "m2"),
        ("app_version", "2"),
        ("cloud.region", "south"),
        ("tenant", "acme"),
        ("tag", "beta"),
    }
    assert "app" not in {c["attribute"] for c in detail["contrasts"]}, "healthy spans are of the same app"
    assert "issues/new" in detail["issue_urls"]["github"]


def test_a_span_only_carrying_a_deeper_cause_is_not_counted(desk: Desk) -> None:
    trace = uuid.uuid4().hex
    desk.write(
        "step 2 gave up: the label printer has no paper",
        trace_id=trace,
        span_id="a" * 16,
        provider="",
        kind="agent",
    )
    desk.write("the label printer has no paper", trace_id=trace, span_id="b" * 16, parent_span_id="a" * 16)
    assert [(c["scope"], c["spans"]) for c in desk.clusters()] == [("openai", 1)]


def test_every_decision_can_be_taken_back(desk: Desk) -> None:
    desk.write("the label printer has no paper")
    desk.write("the warehouse did not answer")
    one, other = (c["id"] for c in desk.clusters())
    before = desk.clusters()
    for action in (
        {"action": "merge", "other": other},
        {"action": "rename", "title": "Paper"},
        {"action": "assign", "assignee": "ann"},
        {"action": "severity", "severity": "high"},
        {"action": "resolve"},
        {"action": "ignore", "until_more": 5},
    ):
        decision = desk.decide(one, **action)
        assert desk.clusters() != before
        assert desk.client.post(f"/failures/decisions/{decision}/undo", json={}).json() == {"cluster": one}
        assert desk.clusters() == before


@pytest.mark.parametrize("is_into_old", [True, False])
def test_a_merged_cluster_is_as_old_and_as_fresh_as_what_it_took_over(desk: Desk, is_into_old: bool) -> None:
    desk.write("the label printer has no paper", at_s=-10 * 86_400)
    desk.write("the warehouse did not answer")
    fresh, old = sorted(
        desk.clusters(since="30d"), key=lambda cluster: str(cluster["first_seen"]), reverse=True
    )
    assert (old["state"], fresh["state"]) == ("quiet", "new")
    one, other = (old, fresh) if is_into_old else (fresh, old)
    decision = desk.decide(one["id"], action="merge", other=other["id"])
    (merged,) = desk.clusters(since="30d")
    shown = desk.client.get(f"/failures/{one['id']}", params={"since": "30d"}).json()["cluster"]
    for cluster in (merged, shown):
        assert (cluster["first_seen"], cluster["last_seen"]) == (old["first_seen"], fresh["last_seen"])
        assert cluster["state"] == "ongoing"
    desk.client.post(f"/failures/decisions/{decision}/undo", json={}).raise_for_status()
    apart = {cluster["id"]: cluster["state"] for cluster in desk.clusters(since="30d")}
    assert apart == {old["id"]: "quiet", fresh["id"]: "new"}


def test_undoing_what_changed_since_is_a_conflict(desk: Desk) -> None:
    desk.write("the label printer has no paper")
    cluster = desk.clusters()[0]["id"]
    decision = desk.decide(cluster, action="rename", title="A")
    desk.decide(cluster, action="rename", title="B")
    assert desk.client.post(f"/failures/decisions/{decision}/undo", json={}).status_code == 409
    assert desk.client.post(f"/failures/decisions/{2**31 - 1}/undo", json={}).status_code == 404
    assert desk.client.post(f"/failures/decisions/{2**63}/undo", json={}).status_code == 400


def test_a_resolved_failure_that_comes_back_is_regressed_with_its_version(desk: Desk) -> None:
    desk.write("the label printer has no paper", app_version="1")
    cluster = desk.clusters()[0]["id"]
    desk.decide(cluster, action="resolve")
    assert desk.clusters() == []
    later = int(timedelta(hours=2).total_seconds())
    desk.write("the label printer has no paper", at_s=later, app_version="2")
    (found,) = desk.clusters(state="regressed")
    assert (found["id"], found["regressed_version"]) == (cluster, "2")


def test_a_split_moves_the_fingerprints_that_were_named(desk: Desk) -> None:
    desk.write("the label printer has no paper")
    desk.write("the warehouse did not answer")
    one, other = (c["id"] for c in desk.clusters())
    desk.decide(one, action="merge", other=other)
    members = desk.client.get(f"/failures/{one}").json()["members"]
    desk.decide(one, action="split", fingerprints=[members[1]["fingerprint"]])
    assert len(desk.clusters()) == 2
    moved = desk.client.get(f"/failures/of-fingerprint/{members[1]['fingerprint']}").json()["cluster"]
    assert moved != one


def test_unknown_clusters_and_fingerprints_are_not_found(desk: Desk) -> None:
    assert desk.client.get("/failures/Fnone").status_code == 404
    assert desk.client.get("/failures/of-fingerprint/1-none").status_code == 404
    assert desk.client.post("/failures/Fnone/decisions", json={"action": "resolve"}).status_code == 404


def test_an_old_version_does_not_bring_back_what_the_next_one_resolves(desk: Desk) -> None:
    desk.write("the label printer has no paper", app_version="1.9")
    desk.write("the label printer has no paper", app_version="1.10", at_s=60)
    (cluster,) = desk.clusters()
    desk.decide(cluster["id"], action="resolve_in_next_version")
    after = int((NOW + timedelta(minutes=1)).timestamp()) - BASE_NS // 10**9
    desk.write("the label printer has no paper", app_version="1.10", at_s=after)
    desk.write("the label printer has no paper", app_version="1.9", at_s=after + 1)
    (resolved,) = desk.clusters(state="resolved")
    assert resolved["resolved_version"] == "1.10"
    desk.write("the label printer has no paper", app_version="1.11", at_s=after + 2)
    (regressed,) = desk.clusters(state="regressed")
    assert regressed["regressed_version"] == "1.11"


def test_the_list_is_narrowed_and_says_what_else_there_is(desk: Desk) -> None:
    desk.write("the label printer has no paper", app="print")
    desk.write("the warehouse did not answer", app="stock")
    one = desk.clusters(app="print")[0]["id"]
    desk.decide(one, action="assign", assignee="ann")
    assert [c["id"] for c in desk.clusters(assignee="ann")] == [one]
    assert [c["apps"] for c in desk.clusters(unassigned=True)] == [["stock"]]
    facets = desk.client.get("/failures", params={"app": "print", "limit": 1}).json()["facets"]
    assert {facet["value"] for facet in facets["app"]} == {"print", "stock"}
    assert {facet["value"] for facet in facets["assignee"]} == {"ann", ""}


def test_a_wrong_suggestion_is_forgotten_for_good(desk: Desk) -> None:
    desk.write("the label printer in hall one has no power left in it")
    desk.write("the label printer in hall one has no memory left in it")
    (pair,) = desk.client.get("/failures/suggestions").json()["suggestions"]
    key = {"cluster": pair["cluster"], "other": pair["other"]}
    assert desk.client.post("/failures/suggestions/dismiss", json=key).status_code == 204
    desk.write("the label printer in hall one has no memory left in it")
    assert desk.client.get("/failures/suggestions").json()["suggestions"] == []
    assert desk.client.post("/failures/suggestions/dismiss", json=key).status_code == 404


def test_the_timeline_shows_when_versions_began_to_run(desk: Desk) -> None:
    desk.write("", 5, app_version="1")
    desk.write("the label printer has no paper", 2, at_s=3600, app_version="2")
    (cluster,) = desk.clusters()
    detail = desk.client.get(f"/failures/{cluster['id']}", params={"since": "12h"}).json()
    assert sum(bucket["spans"] for bucket in detail["timeline"]["buckets"]) == 2
    newest, oldest = detail["versions"]
    assert (newest["version"], newest["failures"], newest["spans"]) == ("2", 2, 2)
    assert (oldest["version"], oldest["failures"]) == ("1", 0)
    # What ran before the range is told to have run before, and counted in the range only.
    desk.write("the label printer has no paper", at_s=7200, app_version="1")
    params = {"start": "2026-09-21T15:30:00Z", "end": "2026-09-21T16:30:00Z"}
    (ran,) = desk.client.get(f"/failures/{cluster['id']}", params=params).json()["versions"]
    assert (ran["version"], ran["first_run"], ran["failures"], ran["spans"]) == ("1", None, 1, 1)


def test_all_of_a_failure_is_of_the_time_that_its_figures_are_of(desk: Desk) -> None:
    for at_s, version in ((-14 * 60, "1"), (0, "2")):  # 13:59:20, 14:13:20
        desk.write("the label printer has no paper", at_s=at_s, app_version=version)
    (cluster,) = desk.clusters(since="24h")
    params = {"start": "2026-09-21T13:59:30Z", "end": "2026-09-21T20:00:00Z"}  # of whole hours: from 13:00
    detail = desk.client.get(f"/failures/{cluster['id']}", params=params).json()
    bars = sum(bucket["spans"] for bucket in detail["timeline"]["buckets"])
    versions = sum(version["failures"] for version in detail["versions"])
    assert (detail["cluster"]["spans"], bars, versions, len(detail["examples"])) == (2, 2, 2, 2)


def test_a_new_failure_has_its_figures_before_its_hours_are_summed(desk: Desk, store: Store) -> None:
    desk.write("the label printer has no paper", 2, user="u1")
    (cluster,) = desk.clusters()
    for node in store.engine.nodes():
        node.command("TRUNCATE TABLE failure_hours")
    detail = desk.client.get(f"/failures/{cluster['id']}", params={"since": "7d"}).json()
    assert (detail["cluster"]["spans"], detail["cluster"]["users"]) == (2, 1)


def test_a_range_before_a_failure_first_occurred_is_shown_whole(desk: Desk) -> None:
    desk.write("the label printer has no paper")
    (cluster,) = desk.clusters()
    params = {"start": "2026-09-21T00:00:00Z", "end": "2026-09-21T12:00:00Z"}
    buckets = desk.client.get(f"/failures/{cluster['id']}", params=params).json()["timeline"]["buckets"]
    assert (buckets[0]["start"], sum(bucket["spans"] for bucket in buckets)) == ("2026-09-21T00:00:00Z", 0)


def test_rules_watch_clusters_that_are_new_that_came_back_or_that_rise(desk: Desk) -> None:
    desk.write("the label printer has no paper", 20, app_version="1")
    (cluster,) = desk.clusters()
    desk.decide(cluster["id"], action="resolve")
    after = int((NOW + timedelta(minutes=1)).timestamp()) - BASE_NS // 10**9
    desk.write("the label printer has no paper", at_s=after, app_version="2")
    for measure, fires in (
        ("new_failure_clusters", True),
        ("regressed_failure_clusters", True),
        ("rising_failure_clusters", True),
        ("refusal_rate", False),
    ):
        rule = {
            "key": "clusters", "name": "Failures", "measure": measure, "window": "1h",
            "condition": {"kind": "threshold", "alert": 1}, "channels": [],
        }  # fmt: skip
        answer = desk.client.post("/alerts/preview", json=rule)
        assert answer.status_code == 200, answer.text
        assert bool(answer.json()["groups"] and answer.json()["groups"][0]["incidents"]) is fires, measure
    for narrowed in ({"query": "app:shop"}, {"group_by": ["app"]}):
        refused = desk.client.post(
            "/alerts/preview", json=rule | {"measure": "new_failure_clusters"} | narrowed
        )
        assert refused.status_code == 400


def test_the_cluster_of_an_older_fingerprint_version_goes_on(desk: Desk, failure_store: FailureStore) -> None:
    message = "the label printer 7 has no paper"
    name = hash_template(message, "exception", "openai", version=0)
    old = ClusterRow(
        id="Fold", category="exception", scope="openai", title="No paper", created_at=NOW, first_seen=NOW,
        last_seen=NOW, status="open", status_at=NOW, resolved_version="", ignore_until=0, regressed_at=None,
        regressed_version="", assignee="ann", severity="", merged_into="",
    )  # fmt: skip
    failure_store.add(desk.project, [old], [MemberRow(name, "Fold", message, message)], [])
    desk.write("the label printer 8 has no paper")
    (cluster,) = desk.clusters()
    assert (cluster["id"], cluster["title"], cluster["assignee"]) == ("Fold", "No paper", "ann")
    assert len(failure_store.members(desk.project, "Fold")) == 2


def test_more_versions_than_are_listed_are_told(desk: Desk, store: Store) -> None:
    desk.write("the label printer has no paper", app_version="0")
    (cluster,) = desk.clusters()
    for first, count, more in ((1, 199, False), (200, 1, True)):
        ran = [
            cast(SpanRecord, {
                "project": desk.project, "trace_id": uuid.uuid4().hex, "span_id": uuid.uuid4().hex[:16],
                "start_ns": BASE_NS, "ingested_ns": BASE_NS, "app": "shop", "app_version": str(number),
            })
            for number in range(first, first + count)
        ]  # fmt: skip
        store.writer.write(ran, token=uuid.uuid4().hex)
        detail = desk.client.get(f"/failures/{cluster['id']}").json()
        assert (len(detail["versions"]), detail["more_versions"]) == (200, more)
