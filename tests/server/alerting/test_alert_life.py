"""From spans to a page on loopback and back to quiet, over a real store and metadata database."""

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import Engine
from tests.server.alerting.alert_life import PAGE, Clock, Life, Spend, bring_rollups_up_to_date
from tests.server.alerting.receivers import HttpReceiver, Mailbox

from sightline_analysis.alerts.budget import CalendarBudget
from sightline_analysis.alerts.durations import parse_duration
from sightline_analysis.alerts.message import costliest
from sightline_analysis.failures import mark_failure
from sightline_analysis.failures.job import CLUSTERS_JOB, FailureJob
from sightline_core.errors import CallerError, Conflict
from sightline_core.ids import ProjectId
from sightline_core.query_parser import parse_query
from sightline_core.settings import Settings
from sightline_core.time_range import TimeRange
from sightline_server.alerting import wiring
from sightline_server.alerting.stored_until import StoredUntil
from sightline_server.alerting.wiring import build_alerting
from sightline_storage import SpanRecord, Store
from sightline_storage.alerts.alert_records import IncidentRow, Look
from sightline_storage.alerts.incident_store import IncidentStore
from sightline_storage.failures.failing_span_reader import FailingSpanReader
from sightline_storage.failures.failure_store import FailureStore
from sightline_storage.metadata import shared_clock
from sightline_storage.metadata.job_progress import JobProgress
from sightline_storage.metadata.metadata_database import open_metadata
from sightline_storage.rollups.write_follower import WriteFollower
from sightline_storage.rollups.written_minutes import WrittenMinutesReader
from sightline_storage.scores.score_record import Score
from sightline_storage.scores.score_writer import ScoreWriter
from sightline_storage.search.trace_search import TraceSearch


def traces_linked(store: Store, incident: IncidentRow) -> set[str]:
    """The traces that the link of an incident leads to."""
    link = parse_qs(urlsplit(incident.facts["query_url"]).query)
    window = TimeRange(*(datetime.fromisoformat(link[name][0]) for name in ("start", "end")))
    node = parse_query(link.get("q", [""])[0])
    found = TraceSearch(store.engine).find_traces(ProjectId(incident.project), window, node, limit=10)
    return {row.trace_id for row in found.traces}


def test_an_app_that_overspends_pages_is_acknowledged_and_resolves(
    life: Life, spend: Spend, clock: Clock, receiver: HttpReceiver, mailbox: Mailbox
) -> None:
    life.channel("pager", "pagerduty", routing_key="r", url=receiver.url)
    life.channel(
        "mail",
        "email",
        host="127.0.0.1",
        port=mailbox.port,
        tls="none",
        to=["on-call@example.org"],
        **{"from": "sightline@example.org"},
    )
    life.rule()
    spend("2", app="search")
    spend("12.5")
    life.look()
    life.deliver()
    incident = life.only_incident()
    assert (incident.group, incident.level) == (("chat",), "alert")
    (page,) = receiver.bodies()
    assert page["event_action"] == "trigger"
    assert page["payload"]["severity"] == "critical"
    assert page["payload"]["summary"] == ("[ALERT] Apps spend too fast: app=chat: cost $12.50 (limit $10.00)")
    (mail,) = mailbox.mails
    for line in ("What: cost is $12.50, limit $10.00", "Where: app=chat", "Since: 2026-11-02T12:00:30+00:00"):
        assert line in mail.get_content()
    cause = "Likely cause: chat spent $12.50 more than in the window before, mostly more calls"
    assert cause in mail.get_content()
    link = parse_qs(urlsplit(page["links"][0]["href"]).query)
    assert link == {
        "start": ["2026-11-02T11:56:00Z"],
        "end": ["2026-11-02T12:01:00Z"],
        "q": ["app:chat"],
    }

    life.incidents.acknowledge(life.project, incident.id, "ana", clock())
    life.look()
    clock.advance(minutes=10)
    life.look()
    life.deliver()
    assert [body["event_action"] for body in receiver.bodies()] == ["trigger", "acknowledge", "resolve"]
    assert {body["dedup_key"] for body in receiver.bodies()} == {incident.id}
    openings = [mail.get_content().split(":")[0] for mail in mailbox.mails]
    assert openings == ["Opened", "Acknowledged", "Resolved"]
    assert life.open_incidents() == []
    _, timeline, messages = life.incidents.incident(life.project, incident.id)
    assert [entry.kind for entry in timeline] == [
        "opened",
        "announced",
        "acknowledged",
        "announced",
        "resolved",
        "announced",
    ]
    assert all(message.delivered_at is not None for message in messages)


def test_spans_that_arrive_late_open_an_incident_for_their_own_window(
    life: Life, spend: Spend, clock: Clock
) -> None:
    life.rule(channels=[])
    spend("1")
    life.look()
    clock.advance(seconds=15)
    spend("30", at=clock() - timedelta(minutes=40))
    life.look()
    life.look()
    (incident,) = life.incidents.incidents(life.project, only_open=False, limit=10).incidents
    assert incident.facts["value"] == "$30.00"
    assert incident.facts["window_end"] == "2026-11-02T11:21:00+00:00"
    assert incident.resolved_at is not None  # the present window is inside the threshold


def test_a_window_that_an_incident_was_about_is_not_told_of_again_when_its_minutes_change(
    life: Life, spend: Spend, clock: Clock
) -> None:
    life.rule(channels=[])
    spend("6")
    life.look()
    clock.advance(minutes=10)
    life.look()
    assert life.open_incidents() == []
    spend("0.01", at=clock() - timedelta(minutes=10))
    spend("20", at=clock() - timedelta(minutes=40))
    life.look()
    spend("0.01", at=clock() - timedelta(minutes=40))
    life.look()
    late, first = life.incidents.incidents(life.project, only_open=False, limit=10).incidents
    assert (first.level, late.level) == ("warning", "alert")
    clock.advance(seconds=15)
    spend("6", at=clock() - timedelta(minutes=10))
    life.look()
    worse, *_ = life.incidents.incidents(life.project, only_open=False, limit=10).incidents
    assert (worse.level, worse.facts["value"]) == ("alert", "$12.01")


def test_a_rule_that_is_asked_of_spans_misses_no_late_span_between_its_looks(
    life: Life, spend: Spend, clock: Clock
) -> None:
    life.rule(group_by=["user"], channels=[])
    evaluator = life.evaluator()
    spend("1", user="u-1")
    evaluator.run()
    clock.advance(seconds=15)
    spend("30", at=clock() - timedelta(minutes=40), user="u-1")
    evaluator.run()
    clock.advance(minutes=1)
    evaluator.run()
    (incident,) = life.incidents.incidents(life.project, only_open=False, limit=10).incidents
    assert incident.facts["window_end"] == "2026-11-02T11:21:00+00:00"


def test_after_an_outage_each_of_its_windows_is_looked_at(life: Life, spend: Spend, clock: Clock) -> None:
    life.rule(channels=[])
    spend("1")
    life.look()
    clock.advance(seconds=15)
    for minutes in range(90, 10, -8):
        spend("30" if minutes == 90 else "1", at=clock() - timedelta(minutes=minutes))
    life.look()
    (incident,) = life.incidents.incidents(life.project, only_open=False, limit=10).incidents
    assert incident.facts["window_end"] == "2026-11-02T10:31:00+00:00"


def test_the_first_spans_of_a_project_open_an_incident_although_they_come_late(
    life: Life, spend: Spend, clock: Clock
) -> None:
    life.rule(channels=[])
    life.look()
    clock.advance(seconds=15)
    spend("30", at=clock() - timedelta(minutes=40))
    life.look()
    (incident,) = life.incidents.incidents(life.project, only_open=False, limit=10).incidents
    assert incident.facts["window_end"] == "2026-11-02T11:21:00+00:00"


def test_late_spans_are_noticed_after_the_clock_was_set_back(life: Life, spend: Spend, clock: Clock) -> None:
    life.rule(channels=[])
    clock.advance(hours=1)
    spend("1")
    life.look()
    clock.advance(hours=-1)
    life.look()
    clock.advance(seconds=15)
    spend("30", at=clock() - timedelta(minutes=40))
    life.look()
    assert life.incidents.incidents(life.project, only_open=False, limit=10).incidents


def test_an_app_that_goes_on_spending_keeps_its_incident_when_a_minute_begins(
    life: Life, spend: Spend, clock: Clock
) -> None:
    life.rule(window="1m", channels=[])
    spend("12")
    life.look()
    for _ in range(3):
        clock.advance(seconds=32)  # the minute that has just begun holds nothing yet
        life.look()
        incident = life.only_incident()
        clock.advance(seconds=28)
        spend("12")
        life.look()
        assert life.only_incident().id == incident.id
    clock.advance(minutes=2)
    life.look()
    assert life.open_incidents() == []


def test_a_rule_with_a_short_window_fires_after_it_lasted(life: Life, spend: Spend, clock: Clock) -> None:
    life.rule(window="1m", fire_after="2m", channels=[])
    for _ in range(3):
        assert life.open_incidents() == []
        spend("12")
        life.look()
        clock.advance(seconds=40)
        life.look()
        clock.advance(seconds=20)
    assert life.only_incident().level == "alert"


def test_a_rule_that_meets_a_defect_costs_the_others_nothing(
    life: Life, spend: Spend, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def breaks(*_: object) -> None:
        raise ZeroDivisionError("a defect of ours")

    life.rule(key="a-broken", channels=[], condition={"kind": "budget", "amount": 1, "period": "day"})
    life.rule(key="sound", channels=[])
    spend("12.5")
    monkeypatch.setattr(CalendarBudget, "judge", breaks)
    life.look()
    assert life.only_incident().rule == "sound"
    assert [getattr(record, "rule", "") for record in caplog.records] == ["a-broken"]


def test_calls_once_a_minute_are_not_absent(life: Life, spend: Spend, clock: Clock) -> None:
    life.rule(measure="calls", window="1m", no_data="keep", condition={"kind": "absence"}, channels=[])
    spend("1")
    for _ in range(3):
        clock.advance(seconds=32)  # the minute that has just begun holds nothing yet
        life.look()
        assert life.open_incidents() == []
        clock.advance(seconds=28)
        spend("1")
    clock.advance(minutes=3)
    life.look()
    assert life.only_incident().facts["value"] == "no data"


@pytest.mark.parametrize("window", ["10m", "24h", "2d"])
@pytest.mark.parametrize(
    "silence",
    [
        {"condition": {"kind": "absence"}, "no_data": "keep"},
        {"condition": {"kind": "threshold", "alert": 10}, "no_data": "alert"},
    ],
    ids=["absence", "no_data"],
)
def test_an_app_that_falls_silent_is_told_of_and_one_that_is_gone_is_let_go(
    life: Life, spend: Spend, clock: Clock, silence: dict[str, Any], window: str
) -> None:
    life.rule(measure="cost", window=window, channels=[], close_without_data_after="1h", **silence)
    spend("1")
    life.look()
    clock.time += parse_duration(window) - timedelta(minutes=2)
    life.look()
    assert life.open_incidents() == []
    for hours in (0.1, 1, 22):
        clock.advance(hours=hours)
        life.look()
        assert life.only_incident().facts["value"] == "no data"
    for _ in range(3):
        clock.advance(hours=2)
        life.look()
        assert life.open_incidents() == []
    (incident,) = life.incidents.incidents(life.project, only_open=False, limit=10).incidents
    _, timeline, _ = life.incidents.incident(life.project, incident.id)
    changes = [entry.kind for entry in timeline if entry.kind != "announced"]
    assert changes == ["opened", "closed_without_data"]


def test_an_app_that_others_push_out_of_sight_is_not_absent(life: Life, spend: Spend, clock: Clock) -> None:
    life.rule(measure="calls", window="10m", no_data="keep", condition={"kind": "absence"}, group_cap=1)
    spend("1", app="small")
    clock.advance(minutes=20)
    life.look()
    spend("1", app="small")
    life.look()
    assert life.open_incidents() == []
    for _ in range(3):
        spend("1", app="large")
    for _ in range(3):
        clock.advance(minutes=2)
        spend("1", app="small")
        life.look()
        assert life.open_incidents() == []


@pytest.mark.parametrize(
    "lack",
    [
        {"condition": {"kind": "absence"}, "no_data": "keep"},
        {"condition": {"kind": "threshold", "alert": 1, "direction": "below"}, "no_data": "zero"},
        {"condition": {"kind": "threshold", "alert": 9}, "no_data": "alert"},
        {"condition": {"kind": "change", "ratio": 0.5, "direction": "below", "floor": 1}, "no_data": "zero"},
    ],
    ids=["absence", "below", "no_data", "change"],
)
def test_nothing_is_missing_while_spans_wait_to_be_stored_and_until_they_are_summed(
    life: Life, spend: Spend, clock: Clock, lack: dict[str, Any]
) -> None:
    life.rule(measure="calls", window="2m", channels=[], **lack)
    begun, evaluator = clock(), life.evaluator()
    for seconds in range(-240, 1, 30):
        spend("1", at=begun + timedelta(seconds=seconds))
    evaluator.run()
    life.waiting_since = begun  # the store is away
    for _ in range(3):
        clock.advance(minutes=3)
        evaluator.run()
        assert life.open_incidents() == []
    life.waiting_since = None
    evaluator.run()
    clock.advance(seconds=15)
    evaluator.run()
    assert life.open_incidents() == []
    for seconds in range(0, 556, 30):
        spend("1", at=begun + timedelta(seconds=seconds))
    clock.advance(seconds=20)
    evaluator.run()
    assert life.incidents.incidents(life.project, only_open=False, limit=10).incidents == []


def test_what_is_stored_is_all_that_arrived_once_sums_had_time_to_follow(clock: Clock) -> None:
    away = clock()
    waiting: list[datetime | None] = [away, None, None, None]
    stored_until = StoredUntil(lambda: waiting.pop(0))
    clock.advance(minutes=5)
    assert stored_until(clock()) == away
    for _ in range(2):
        clock.advance(seconds=20)
        assert stored_until(clock()) == away
    clock.advance(seconds=20)
    assert stored_until(clock()) == clock()


def test_an_app_is_not_silent_before_it_could_send_again_after_a_restart(
    life: Life, spend: Spend, clock: Clock
) -> None:
    life.rule(measure="calls", window="2m", channels=[], no_data="keep", condition={"kind": "absence"})
    spend("1")
    life.look()
    clock.advance(minutes=10)
    life.senders_come_back_in = timedelta(seconds=90)
    evaluator = life.evaluator()
    for _ in range(3):
        evaluator.run()
        clock.advance(seconds=29)
    assert life.open_incidents() == []
    clock.advance(seconds=10)
    evaluator.run()
    assert life.only_incident().level == "alert"


def test_what_comes_late_is_no_lack_of_calls(life: Life, spend: Spend, clock: Clock) -> None:
    few = {"kind": "threshold", "alert": 2, "direction": "below"}
    life.rule(measure="calls", window="10m", no_data="keep", condition=few, channels=[])
    for _ in range(3):
        spend("1")
    life.look()
    clock.advance(seconds=15)
    spend("1", at=clock() - timedelta(minutes=40))
    life.look()
    assert life.incidents.incidents(life.project, only_open=False, limit=10).incidents == []


def test_a_window_that_is_filled_again_after_an_outage_is_unusual_only_for_too_much(
    life: Life, spend: Spend, clock: Clock
) -> None:
    life.rule(
        window="10m",
        group_by=[],
        no_data="keep",
        condition={"kind": "anomaly", "direction": "both", "weeks": 2},
        channels=[],
    )
    late = clock() - timedelta(minutes=40)
    for week in (1, 2):
        for minutes in range(-15, 30, 5):
            spend("20", at=late - timedelta(weeks=week) + timedelta(minutes=minutes))
    life.look()
    for more, level in (("1", None), ("9", None), ("90", "alert")):
        clock.advance(seconds=15)
        spend(more, at=late)
        life.look()
        found = life.incidents.incidents(life.project, only_open=False, limit=10).incidents
        assert [incident.level for incident in found] == ([] if level is None else [level])


@pytest.mark.parametrize("group", ["app", "user"], ids=["rollups", "spans"])
def test_the_groups_that_a_rule_looks_at_are_seen_in_all_windows_however_many_others_there_are(
    life: Life, spend: Spend, clock: Clock, group: str
) -> None:
    silence = {"measure": "calls", "window": "10m", "no_data": "keep", "condition": {"kind": "absence"}}
    life.rule(group_by=[group], group_cap=1, **silence)
    clock.advance(minutes=50)
    for number, name in enumerate("aaabbccdd"):
        spend("1", app=name, user=name, at=clock() - timedelta(minutes=40, seconds=number))
    spend("1", app="a", user="a")
    life.look()
    assert life.open_incidents() == []


def test_what_is_decided_at_one_moment_is_told_in_order(
    life: Life, spend: Spend, clock: Clock, receiver: HttpReceiver
) -> None:
    apps = [f"app-{number}" for number in range(6)]
    life.channel("hook", "webhook", url=receiver.url)
    life.rule(channels=["hook"])
    for app in apps:
        spend("1", app=app)
    life.look()
    clock.advance(seconds=15)
    for app in apps:
        spend("30", at=clock() - timedelta(minutes=40), app=app)
    life.look()
    life.deliver()
    actions: dict[str, list[str]] = {}
    for body in receiver.bodies():
        actions.setdefault(body["incident"], []).append(body["action"])
    assert list(actions.values()) == [["trigger", "resolve"]] * len(apps)
    for incident in actions:
        _, _, messages = life.incidents.incident(life.project, incident)
        assert [message.message["action"] for message in messages] == ["trigger", "resolve"]


def test_silence_neither_opens_nor_resolves_unless_the_rule_says_so(
    life: Life, spend: Spend, clock: Clock
) -> None:
    life.rule(no_data="keep", channels=[])
    spend("12")
    life.look()
    clock.advance(hours=3)
    life.look()
    assert life.only_incident().resolved_at is None
    clock.advance(hours=22)
    life.look()
    assert life.open_incidents() == []


def test_an_open_incident_of_the_team_silences_the_app_below_it(
    life: Life, spend: Spend, receiver: HttpReceiver
) -> None:
    life.channel("hook", "webhook", url=receiver.url)
    life.rule(key="app", channels=["hook"], depends_on="team")
    life.rule(key="team", channels=["hook"], group_by=[])
    spend("12")
    life.look()
    life.deliver()
    assert [body["facts"]["rule"] for body in receiver.bodies()] == ["team"]
    assert sorted(incident.rule for incident in life.open_incidents()) == ["app", "team"]


def test_a_snoozed_incident_is_announced_when_it_is_still_open_afterwards(
    life: Life, spend: Spend, clock: Clock, receiver: HttpReceiver
) -> None:
    life.channel("hook", "webhook", url=receiver.url)
    life.rule(channels=["hook"], no_data="keep", remind_every="1h")
    spend("12")
    life.look()
    life.incidents.snooze(life.project, life.only_incident().id, clock() + timedelta(hours=3), "ana", clock())
    for _ in range(4):
        clock.advance(hours=1)
        life.look()
    life.deliver()
    assert [body["action"] for body in receiver.bodies()] == ["trigger", "remind", "remind"]


def _opens(incident: str, clock: Clock) -> Look:
    return Look(("chat",), None, {}, clock(), incident=incident, opens=True, level="alert", facts={})


def test_two_processes_cannot_open_the_same_incident(life: Life, clock: Clock) -> None:
    life.rule(key="r")
    life.incidents.record_looks(life.project, "r", [_opens("a", clock)])
    with pytest.raises(Conflict):
        life.incidents.record_looks(life.project, "r", [_opens("b", clock)])
    assert life.only_incident().id == "a"


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], None]], None]:
    """Let something happen once between what a look at a rule decides and its being stored."""

    def do(what: Callable[[], None]) -> None:
        record = IncidentStore.record_looks
        todo = [what]

        def record_later(self: IncidentStore, *decided: Any) -> None:
            if todo:
                todo.pop()()
            record(self, *decided)

        monkeypatch.setattr(IncidentStore, "record_looks", record_later)

    return do


def test_groups_that_fire_together_open_although_another_process_opened_one_of_them(
    life: Life, spend: Spend, clock: Clock, meanwhile: Callable[[Callable[[], None]], None]
) -> None:
    life.rule(channels=["hook"])
    spend("12", app="chat")
    spend("12", app="search")
    meanwhile(lambda: life.incidents.record_looks(life.project, "chat-spend", [_opens("theirs", clock)]))
    life.look()
    found = {incident.group: incident.id for incident in life.open_incidents()}
    assert found.keys() == {("chat",), ("search",)}
    assert found["chat",] == "theirs"
    assert [message.incident for message in life.outbox.due(clock(), 10)] == [found["search",]]


def test_a_rule_that_is_deleted_while_it_is_looked_at_leaves_no_incident_that_nobody_closes(
    life: Life, spend: Spend, clock: Clock, meanwhile: Callable[[Callable[[], None]], None]
) -> None:
    life.rule()
    spend("12")
    meanwhile(lambda: life.rules.delete_rule(life.project, "chat-spend", clock()))
    life.look()
    assert life.open_incidents() == []
    assert life.outbox.due(clock(), 10) == []


def test_a_worker_that_wakes_up_late_takes_nothing_back_that_another_has_decided_meanwhile(
    life: Life,
    spend: Spend,
    clock: Clock,
    receiver: HttpReceiver,
    meanwhile: Callable[[Callable[[], None]], None],
) -> None:
    life.channel("hook", "webhook", url=receiver.url)
    life.rule(channels=["hook"])
    spend("6")
    life.look()
    clock.advance(minutes=1)
    spend("12")

    def another_worker_resolves() -> None:
        clock.advance(minutes=10)
        life.look()
        assert life.open_incidents() == []

    meanwhile(another_worker_resolves)
    life.look()  # had seen that it gets worse
    clock.advance(minutes=10)
    spend("12")
    life.look()
    clock.advance(seconds=1)
    life.deliver()
    told = defaultdict[str, list[str]](list)
    for body in receiver.bodies():
        told[body["incident"]].append(body["action"])
    assert told.pop(life.only_incident().id) == ["trigger"]
    assert list(told.values()) == [["trigger", "update", "resolve"]]  # all of them the other worker's


def test_a_group_that_larger_ones_push_out_of_sight_is_not_taken_for_silent(
    life: Life, spend: Spend, clock: Clock
) -> None:
    life.rule(group_cap=1)
    spend("12", app="small")
    life.look()
    for _ in range(2):
        spend("12", app="large")
    for _ in range(2):
        life.look()
        assert sorted(incident.group for incident in life.open_incidents()) == [("large",), ("small",)]
        clock.advance(minutes=1)
    clock.advance(days=1)
    life.look()
    assert life.open_incidents() == []


def test_the_state_of_a_group_that_is_calm_for_long_is_forgotten(
    life: Life, spend: Spend, clock: Clock
) -> None:
    life.rule(group_by=["session"], no_data="keep", close_without_data_after="1h")
    spend("12", session="s-1")
    life.look()
    for _ in range(2):
        assert life.incidents.states_of_each([life.project])[life.project]["chat-spend"].keys() == {("s-1",)}
        clock.advance(hours=3)
        life.look()
    assert life.open_incidents() == []
    clock.advance(days=1)
    life.look()
    assert life.incidents.states_of_each([life.project])[life.project] == {}


def test_of_an_incident_that_goes_on_nothing_is_written_at_each_look(
    life: Life, spend: Spend, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    life.rule(channels=[])
    spend("12")
    life.look()
    written: list[object] = []
    monkeypatch.setattr(IncidentStore, "record_looks", lambda *decided: written.append(decided))
    for _ in range(3):
        clock.advance(minutes=1)
        life.look()
    assert life.only_incident().level == "alert"
    assert written == []


AnyWord = Callable[[int], str]


@pytest.fixture
def any_word(monkeypatch: pytest.MonkeyPatch) -> AnyWord:
    """A maker of queries that are longer than the store takes: the parser lets none of them pass."""
    monkeypatch.setattr("sightline_core.query_parser.MAX_CONDITIONS", 1000)
    return lambda count: " OR ".join(f"w{number}" for number in range(count))


def test_a_rule_that_the_store_refuses_silences_no_other_one(
    life: Life, spend: Spend, clock: Clock, caplog: pytest.LogCaptureFixture, any_word: AnyWord
) -> None:
    life.rule(key="a-refused", query=any_word(400), group_by=[])
    life.rule(key="z-fine")
    spend("12")
    evaluator = life.evaluator()
    for _ in range(3):
        evaluator.run()
        clock.advance(minutes=1)
    assert life.only_incident().rule == "z-fine"
    assert [record.__dict__["rules"] for record in caplog.records] == [["a-refused"]] * 2  # it rests


def test_an_alert_whose_evidence_the_store_refuses_is_sent_without(
    life: Life, spend: Spend, clock: Clock, any_word: AnyWord
) -> None:
    life.rule(query=any_word(150), group_by=[], channels=["hook"])
    spend("12", input="w7")
    life.look()
    assert costliest(life.only_incident().facts) == []
    assert len(life.outbox.due(clock(), 10)) == 1


@pytest.mark.parametrize("group_by", [["app", "model"], ["user"], []])
def test_a_rule_that_is_given_other_groups_while_it_fires_resolves_the_old_and_goes_on(
    life: Life, spend: Spend, clock: Clock, receiver: HttpReceiver, group_by: list[str]
) -> None:
    life.channel("hook", "webhook", url=receiver.url)
    life.rule(channels=["hook"])
    life.rule(key="z-other", channels=[])
    spend("12", user="chat")
    life.look()
    life.rule(channels=["hook"], group_by=group_by)
    life.rules.delete_rule(life.project, "z-other", clock())
    life.rule(key="z-other", channels=[])
    for _ in range(2):
        life.look()
    groups = {incident.rule: incident.group for incident in life.open_incidents()}
    assert groups == {
        "chat-spend": tuple({"app": "chat", "model": "gpt-4o", "user": "chat"}[name] for name in group_by),
        "z-other": ("chat",),
    }
    clock.advance(seconds=1)
    life.deliver()
    told = [(body["action"], body["facts"]["where"] == "app=chat") for body in receiver.bodies()]
    assert sorted(told) == [("resolve", True), ("trigger", False), ("trigger", True)]


@pytest.mark.parametrize("edit", ["delete", "disable", "channels"])
def test_who_was_told_of_an_incident_hears_of_its_end_whatever_becomes_of_the_rule(
    life: Life, spend: Spend, clock: Clock, receiver: HttpReceiver, edit: str
) -> None:
    life.channel("hook", "webhook", url=receiver.url)
    life.channel("other", "webhook", url=receiver.url)
    life.rule(channels=["hook"])
    spend("12")
    life.look()
    if edit == "delete":
        life.rules.delete_rule(life.project, "chat-spend", clock())
    elif edit == "disable":
        life.rule(channels=["hook"], enabled=False)
        life.look()
    else:
        life.rule(channels=["other"], condition={"kind": "threshold", "alert": 100}, recover_after="0s")
        clock.advance(minutes=2)
        life.look()
    assert life.open_incidents() == []
    life.deliver()
    assert [body["action"] for body in receiver.bodies()] == ["trigger", "resolve"]
    incident, _, sent = life.incidents.incident(life.project, receiver.bodies()[0]["incident"])
    assert incident.resolved_at == clock()
    assert [message.channel for message in sent] == ["hook", "hook"]


def test_of_many_that_fire_together_some_are_explained_and_all_have_their_course(
    life: Life, spend: Spend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sightline_server.alerting.evidence.EXPLAINED_A_PASS", 1)
    life.rule()
    spend("12", app="chat")
    spend("12", app="search")
    life.look()
    facts = [incident.facts for incident in life.open_incidents()]
    assert [bool(each["traces"]) for each in facts].count(True) == 1
    assert all(each["course"] for each in facts)


def test_the_course_of_a_budget_is_of_days_and_not_of_what_was_spent_by_then(
    life: Life, spend: Spend, clock: Clock
) -> None:
    life.rule(condition={"kind": "budget", "amount": 10, "forecast": False})
    spend("9", at=clock() - timedelta(days=1), app="chat")
    spend("4.5", app="chat")
    life.look()
    facts = life.only_incident().facts
    assert (facts["course"], facts["course_window"]) == ("··········█▅", "1d")


def test_a_rule_of_another_version_does_not_silence_the_others(
    life: Life, spend: Spend, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    life.rules.put_rule(life.project, "future", {"key": "future", "measure": "telepathy"}, clock())
    life.rule(channels=[])
    spend("12")
    life.look()
    assert life.only_incident().rule == "chat-spend"
    assert "a stored rule cannot be read" in caplog.text


def test_a_rule_that_only_spans_can_answer_fires_for_the_user_it_is_about(
    life: Life, spend: Spend, clock: Clock
) -> None:
    life.rule(query="cost>1 -tag:test", group_by=["user"])
    spend("0.5", user="many-small")
    spend("12", user="tester", tags=["test"])
    spend("11", user='hostile "u"')
    spend("3", user="modest")
    life.look()
    (incident,) = life.open_incidents()
    assert (incident.group, incident.level) == (('hostile "u"',), "alert")
    link = parse_qs(urlsplit(incident.facts["query_url"]).query)
    assert link["q"] == ['{cost>1 -tag:test user:"hostile \\"u\\""}']


class AnHourAhead(datetime):
    """The clock of a machine that is wrong."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        return datetime.now(tz) + timedelta(hours=1)


def test_a_worker_whose_clock_is_ahead_takes_nothing_for_silent_that_others_see(
    store: Store,
    project: ProjectId,
    postgres_url: str,
    monkeypatch: pytest.MonkeyPatch,
    clock: Clock,
    spend: Spend,
) -> None:
    metadata = open_metadata(postgres_url)
    for module in (wiring, shared_clock):
        monkeypatch.setattr(module, "datetime", AnHourAhead)
    monkeypatch.setattr(wiring, "SENDERS_COME_BACK_IN", timedelta(0))
    alerting = build_alerting(
        store, metadata, page=PAGE, settings=Settings(), go_on=lambda: None, waiting_since=lambda: None
    )
    life = Life(store, metadata, project, clock)
    clock.time = datetime.now(UTC)
    life.rule(measure="calls", no_data="keep", group_by=[], condition={"kind": "absence"})
    spend("1")
    bring_rollups_up_to_date(store, clock())
    alerting.evaluator.run()
    assert life.open_incidents() == []
    metadata.dispose()


def test_every_incident_is_on_one_page_of_the_list_whatever_opens_meanwhile(life: Life, clock: Clock) -> None:
    life.rule()

    def open_incident(number: int) -> str:
        """Open one incident; three at a time are of the same moment."""
        look = Look(
            (f"{number}",),
            None,
            {"n": number},
            clock() + timedelta(seconds=number // 3),
            f"{number:032x}",
            opens=True,
            level="alert",
            facts={},
        )
        life.incidents.record_looks(life.project, "chat-spend", [look])
        return look.incident

    opened = [open_incident(number) for number in range(10)]
    pages, cursor = list[list[str]](), None
    while not pages or cursor is not None:
        page = life.incidents.incidents(life.project, only_open=True, limit=4, cursor=cursor)
        pages.append([incident.id for incident in page.incidents])
        cursor = page.next_cursor
        open_incident(100 + len(pages))
    assert [len(page) for page in pages] == [4, 4, 2]
    listed = [number for page in pages for number in page]
    assert sorted(listed) == opened
    assert [int(number, 16) // 3 for number in listed] == [3, 2, 2, 2, 1, 1, 1, 0, 0, 0]
    with pytest.raises(CallerError, match="cursor"):
        life.incidents.incidents(life.project, only_open=True, limit=4, cursor="nonsense")


def test_late_minutes_of_all_projects_are_asked_for_at_once(
    life: Life, spend: Spend, clock: Clock, store: Store, metadata: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = [
        Life(store, metadata, ProjectId(f"{life.project}-{number}"[-64:]), clock) for number in range(9)
    ]
    for each in (life, *others):
        each.rule()
    spend("1")
    evaluator = life.evaluator()
    evaluator.run()
    clock.advance(minutes=30)
    spend("12", at=clock() - timedelta(minutes=20))
    asked: list[str] = []
    engine = type(store.engine)
    query = engine.query

    def noted_query(self: Any, sql: str, params: Any) -> Any:
        asked.append(sql)
        return query(self, sql, params)

    monkeypatch.setattr(engine, "query", noted_query)
    evaluator.run()
    assert len([sql for sql in asked if "{minutes:UInt64}" in sql]) == 1
    found = [
        each.incidents.incidents(each.project, only_open=False, limit=9).incidents for each in (life, *others)
    ]
    assert [len(incidents) for incidents in found] == [1] + [0] * 9


def test_rules_on_spans_are_looked_at_every_minute_not_at_every_pass(
    life: Life, spend: Spend, clock: Clock
) -> None:
    evaluator = life.evaluator()
    life.rule(group_by=["user"])
    evaluator.run()
    spend("12", user="u")
    clock.advance(seconds=15)
    evaluator.run()
    assert life.open_incidents() == []
    clock.advance(seconds=50)
    evaluator.run()
    assert life.only_incident().group == ("u",)


def test_low_scores_of_an_app_open_an_incident(life: Life, store: Store, spend: Spend, clock: Clock) -> None:
    life.rule(
        measure="score",
        score="helpful",
        no_data="keep",
        condition={"kind": "threshold", "alert": 0.4, "direction": "below"},
    )
    spend("0", app="good", trace_id="a" * 32)
    spend("0", app="bad", trace_id="b" * 32, at=clock() - timedelta(days=3))
    spend("0", app="bad", trace_id="c" * 32)
    given = [("a" * 32, "helpful", 0.9), ("b" * 32, "helpful", 0.1), ("b" * 32, "other", 1.0)]
    ScoreWriter(store.engine).write(
        life.project,
        [
            Score(
                trace_id=trace_id,
                span_id="",
                session="",
                name=name,
                source="model",
                author="judge",
                value_type="number",
                value=value,
                comment="",
                scored_at=clock(),
            )
            for trace_id, name, value in given
        ],
    )
    life.look()
    incident = life.only_incident()
    assert (incident.group, incident.facts["value"]) == (("bad",), "0.1")
    assert traces_linked(store, incident) == {"b" * 32}


def test_a_model_whose_system_fingerprint_changes_is_told(life: Life, spend: Spend, clock: Clock) -> None:
    life.rule(
        measure="new_fingerprints",
        group_by=["model"],
        condition={"kind": "threshold", "alert": 1},
    )
    spend("0", at=clock() - timedelta(days=3), system_fingerprint="fp_1")
    spend("0", system_fingerprint="fp_1")
    spend("0", model="new-model", system_fingerprint="fp_9")
    life.look()
    assert life.open_incidents() == []
    spend("0", system_fingerprint="fp_2")
    life.look()
    assert life.only_incident().group == ("gpt-4o",)


def test_a_rule_for_each_provider_key_finds_the_one_that_burns(life: Life, spend: Spend) -> None:
    life.rule(group_by=["key"])
    spend("12", attributes={"sightline.request.key": "0a1b2c3d"})
    spend("2", attributes={"sightline.request.key": "ffffffff"})
    spend("3")
    life.look()
    incident = life.only_incident()
    assert (incident.group, incident.facts["where"]) == (("0a1b2c3d",), "key=0a1b2c3d")
    link = parse_qs(urlsplit(incident.facts["query_url"]).query)
    assert link["q"] == ["attr.sightline.request.key:0a1b2c3d"]


def test_an_incident_on_new_failures_names_the_three_that_hit_most(
    life: Life, spend: Spend, store: Store, metadata: Engine, clock: Clock, receiver: HttpReceiver
) -> None:
    life.channel("pager", "discord", url=receiver.url)
    life.rule(
        measure="new_failure_clusters",
        group_by=[],
        condition={"kind": "threshold", "alert": 1},
        channels=["pager"],
    )
    causes = ["out of paper", "wrong currency given", "no route to the warehouse", "unknown coupon"]
    for hits, cause in enumerate(causes):
        for _ in range(hits + 1):
            failing = SpanRecord(status="error", status_message=cause)
            mark_failure(failing)
            spend("0", at=clock() - timedelta(hours=5 if hits == 3 else 0), **failing)
    FailureJob(
        FailureStore(metadata),
        FailingSpanReader(store.engine),
        store.writer,
        WriteFollower(CLUSTERS_JOB, JobProgress(metadata), WrittenMinutesReader(store.engine)),
    ).run(clock())
    life.look()
    life.deliver()
    (body,) = receiver.bodies()
    lines = [line for line in body["content"].split("\n") if line.startswith("Failure: ")]
    mentions = [line.removeprefix("Failure: ").split(f" {PAGE}/failures/")[0] for line in lines]
    assert mentions == [
        "unknown coupon (4 traces)",
        "no route to the warehouse (3 traces)",
        "wrong currency given (2 traces)",
    ]
    assert "&q=has%3Afailure" in body["content"]
    titles = {row.id: row.title for row in FailureStore(metadata).clusters(life.project)}
    assert titles[lines[0].rsplit("/", 1)[-1]] == "unknown coupon"


@pytest.mark.parametrize(
    ("changes", "value", "expected"),
    [
        # The tool failed, and the run that called it did not.
        ({"query": "kind:tool status:error", "measure": "failures"}, "1", {"handled"}),
        ({"query": "app:chat", "measure": "failures"}, "2", {"handled", "failed"}),
        ({"query": "app:chat", "measure": "error_rate"}, "25 %", {"failed"}),
        # Each condition holds for a span of the trace that is mixed, and both for none.
        ({"query": "kind:llm cost>5", "measure": "cost"}, "$12.00", {"dear"}),
        ({"query": "-kind:llm", "measure": "cost"}, "$8.00", {"handled", "mixed"}),
        ({"query": "app:chat kind:llm spans>1", "measure": "cost"}, "$1.00", {"handled", "mixed"}),
        ({"query": "", "measure": "unpriced_share"}, "16.7 %", {"failed"}),
    ],
)
def test_the_link_of_an_incident_leads_to_the_traces_that_its_value_is_of(
    life: Life, spend: Spend, store: Store, changes: dict[str, Any], value: str, expected: set[str]
) -> None:
    ids = {name: f"{number:032x}" for number, name in enumerate(("handled", "failed", "dear", "mixed"), 90)}
    failing = SpanRecord(status="error", status_message="out of paper", failure_category="tool_error")
    below = SpanRecord(kind="tool", parent_span_id="f" * 16)
    spend("0", trace_id=ids["handled"])
    spend("0", trace_id=ids["handled"], **below | failing)
    spend("0", trace_id=ids["failed"], cost_state="unpriced", **failing)
    spend("12", trace_id=ids["dear"])
    spend("1", trace_id=ids["mixed"])
    spend("8", trace_id=ids["mixed"], **below)
    rule = {"group_by": [], "no_data": "keep", "condition": {"kind": "threshold", "alert": 0.1}}
    life.rule(**rule | changes)
    life.look()
    incident = life.only_incident()
    assert incident.facts["value"] == value
    assert traces_linked(store, incident) == {ids[name] for name in expected}
