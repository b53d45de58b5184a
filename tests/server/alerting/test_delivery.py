"""Messages on their way to channels: once, in order, and past receivers that fail."""

import base64
import hashlib
import hmac
import itertools
import socket
import threading
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event
from tests.server.alerting.alert_life import Clock, Life, Spend
from tests.server.alerting.receivers import HttpReceiver

from sightline_core.errors import BackendError
from sightline_server.alerting.sending import Sender
from sightline_server.alerting.target_guard import TargetGuard, parse_networks
from sightline_server.commands.doctor import examine
from sightline_server.stores import Stores
from sightline_storage import Store
from sightline_storage.alerts.alert_outbox import MAX_ATTEMPTS
from sightline_storage.alerts.alert_records import MessageRow
from sightline_storage.metadata.leases import Leases, new_holder


def test_a_crash_between_deciding_and_sending_pages_exactly_once(
    life: Life, spend: Spend, receiver: HttpReceiver
) -> None:
    life.channel("pager", "pagerduty", routing_key="r", url=receiver.url)
    life.rule(channels=["pager"])
    spend("12")
    life.look()  # decided; the process dies here and a new one looks again
    life.look()
    assert receiver.requests == []
    life.deliver()
    life.look()
    life.deliver()
    assert len(receiver.requests) == 1
    assert life.only_incident().id == receiver.bodies()[0]["dedup_key"]


def test_a_crash_between_sending_and_noting_repeats_the_page_under_the_same_key(
    life: Life, spend: Spend, clock: Clock, receiver: HttpReceiver
) -> None:
    life.channel("hook", "webhook", url=receiver.url, secret="s3cret")
    life.rule(channels=["hook"])
    spend("12")
    life.look()
    (message,) = life.outbox.due(clock(), 10)
    sender = Sender(TargetGuard(parse_networks("127.0.0.1")), now=clock)
    (channel,) = life.rules.channels(life.project)
    assert sender.send(channel, message.message, message.id) is None  # taken, and then the process dies
    life.deliver()
    ids = {headers["webhook-id"] for _, headers, _ in receiver.requests}
    assert (len(receiver.requests), len(ids)) == (2, 1)


def test_a_webhook_is_signed_over_its_id_time_and_body(
    life: Life, spend: Spend, clock: Clock, receiver: HttpReceiver
) -> None:
    life.channel("hook", "webhook", url=receiver.url, secret="s3cret")
    life.rule(channels=["hook"])
    spend("12")
    life.look()
    life.deliver()
    ((_, headers, body),) = receiver.requests
    signed = f"{headers['webhook-id']}.{int(clock().timestamp())}.".encode() + body
    digest = base64.b64encode(hmac.new(b"s3cret", signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{digest}"


def test_a_receiver_that_is_down_is_tried_again_and_given_up_in_the_end(
    life: Life, spend: Spend, clock: Clock, receiver: HttpReceiver
) -> None:
    life.channel("hook", "webhook", url=receiver.url)
    life.rule(channels=["hook"])
    receiver.answers = [(503, {})] * 2
    spend("12")
    life.look()
    for _ in range(4):
        life.deliver()
        clock.advance(seconds=11)
    incident = life.only_incident()
    (message,) = life.incidents.incident(life.project, incident.id)[2]
    assert (message.attempts, message.delivered_at is not None) == (3, True)

    receiver.answers = [(500, {})] * MAX_ATTEMPTS
    spend("50", app="search")
    life.look()
    for _ in range(MAX_ATTEMPTS + 2):
        life.deliver()
        clock.advance(hours=1)
    found = life.incidents.incidents(life.project, only_open=False, limit=9).incidents
    search = next(incident for incident in found if incident.group == ("search",))
    dead = life.incidents.incident(life.project, search.id)[2][0]
    assert (dead.attempts, dead.gave_up_at is not None, dead.last_error[:8]) == (
        MAX_ATTEMPTS,
        True,
        "HTTP 500",
    )


def test_a_channel_that_refuses_one_message_is_asked_for_the_others(
    life: Life, spend: Spend, receiver: HttpReceiver
) -> None:
    life.channel("down", "webhook", url=f"{receiver.url}/down")
    life.channel("hook", "webhook", url=f"{receiver.url}/hook")
    life.rule(channels=["down", "hook"])
    for number in range(3):
        spend("12", app=f"app-{number}")
    life.look()
    receiver.answers = [(500, {}), (500, {})]  # whichever of the two channels is asked first
    life.deliver()
    paths = [path for path, _, _ in receiver.requests]
    assert sorted(set(paths)) == ["/down", "/hook"]
    assert len(paths) == 6  # what was refused waits for its pause


def test_a_channel_that_hangs_keeps_no_message_of_another_one_waiting(
    life: Life, spend: Spend, receiver: HttpReceiver
) -> None:
    apps, told, released = 30, Counter[str](), list[bool]()
    others_are_through = threading.Event()

    def arrived(path: str) -> None:
        told[path] += 1
        if told["/hook"] == apps:
            others_are_through.set()
        if path == "/hangs":
            released.append(others_are_through.wait(5))

    receiver.arrived = arrived
    for key in ("hangs", "hook"):
        life.channel(key, "webhook", url=f"{receiver.url}/{key}")
    life.rule(channels=["hangs", "hook"])
    for number in range(apps):
        spend("12", app=f"app-{number}")
    life.look()
    life.deliver()
    assert released == [True] * apps


def test_an_attempt_without_an_answer_counts_for_all_that_waits_for_the_channel(
    life: Life, spend: Spend, clock: Clock, receiver: HttpReceiver
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    life.channel("away", "webhook", url=f"http://127.0.0.1:{port}")
    life.channel("hook", "webhook", url=receiver.url)
    life.rule(channels=["away", "hook"])
    for number in range(3):
        spend("12", app=f"app-{number}")
    life.look()
    asked = Counter[int]()

    def attempts() -> list[int]:
        asked.clear()
        life.deliver(go_on=lambda: asked.update([1]))
        messages = [each for incident in life.open_incidents() for each in _messages(life, incident.id)]
        return [each.attempts for each in messages if each.channel == "away" and not each.delivered_at]

    assert attempts() == [1, 1, 1]
    assert asked.total() == 1 + 3  # one was tried for all three
    assert attempts() == [1, 1, 1]  # they have their pause
    clock.advance(seconds=5)
    assert attempts() == [2, 2, 2]
    for _ in range(MAX_ATTEMPTS):
        clock.advance(hours=1)
        found = attempts()
    assert found == [MAX_ATTEMPTS] * 3
    assert all(
        each.gave_up_at
        for incident in life.open_incidents()
        for each in _messages(life, incident.id)
        if each.channel == "away"
    )


def test_doctor_names_the_channels_that_take_nothing(
    life: Life, spend: Spend, store: Store, metadata: Engine, clock: Clock, receiver: HttpReceiver
) -> None:
    life.channel("hook", "webhook", url=receiver.url)
    life.rule(channels=["hook"])
    for app in ("chat", "search"):
        spend("12", app=app)
    life.look()
    receiver.answers = [(500, {})] * 6
    told: list[list[str]] = []
    for _ in range(3):
        life.deliver()
        clock.advance(minutes=1)
        told.append([line for line in examine(Stores(store, metadata)).findings if "'hook'" in line])
    assert told[:2] == [[], []]
    ((line,),) = told[2:]
    assert "takes no messages of alerts, 2 since 2026-11-02 12:00 UTC: HTTP 500" in line
    life.deliver()
    assert not any("'hook'" in line for line in examine(Stores(store, metadata)).findings)


def test_doctor_tells_of_a_full_disk_of_metadata_on_which_no_job_can_say_that_it_fails(
    store: Store, metadata: Engine
) -> None:
    assert examine(Stores(store, metadata)).findings == []
    metadata.dispose()
    event.listen(metadata, "connect", lambda connection, _: connection.execute("PRAGMA max_page_count = 1"))
    leases = Leases(metadata, new_holder())
    taken = (leases.acquire(f"job{number}", timedelta(hours=1)) for number in itertools.count(100))
    with pytest.raises(BackendError, match="full") as met:
        all(taken)
    assert examine(Stores(store, metadata)).findings == [str(met.value)]


def _messages(life: Life, incident: str) -> list[MessageRow]:
    return life.incidents.incident(life.project, incident)[2]


def test_channels_that_answer_late_are_waited_for_together(
    life: Life, spend: Spend, receiver: HttpReceiver
) -> None:
    channels = [f"hook-{number}" for number in range(4)]
    for key in channels:
        life.channel(key, "webhook", url=receiver.url)
    life.rule(channels=channels)
    spend("12")
    life.look()
    receiver.together = threading.Barrier(len(channels))
    life.deliver()
    messages = life.incidents.incident(life.project, life.only_incident().id)[2]
    assert [message.attempts for message in messages if message.delivered_at] == [1] * len(channels)


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("opsgenie", {"api_key": "copied with a space\u00a0"}),
        ("email", {"host": "127.0.0.1", "from": "s@example.org", "to": ["on-call@[example.org"]}),
    ],
)
def test_a_setting_that_no_message_can_carry_does_not_keep_the_other_channels_waiting(
    life: Life, spend: Spend, receiver: HttpReceiver, kind: str, settings: dict[str, Any]
) -> None:
    life.channel("broken", kind, url=receiver.url, **settings)
    life.channel("hook", "webhook", url=receiver.url)
    life.rule(channels=["broken", "hook"])
    spend("12")
    life.look()
    life.deliver()
    messages = life.incidents.incident(life.project, life.only_incident().id)[2]
    told = {message.channel: (message.delivered_at is not None, message.attempts) for message in messages}
    assert told == {"broken": (False, 1), "hook": (True, 1)}


def test_a_receiver_that_refuses_is_not_asked_again(
    life: Life, spend: Spend, receiver: HttpReceiver, clock: Clock
) -> None:
    life.channel("hook", "webhook", url=receiver.url)
    life.rule(channels=["hook"])
    receiver.answers = [(404, {})]
    spend("12")
    life.look()
    life.deliver()
    clock.advance(hours=1)
    life.deliver()
    assert len(receiver.requests) == 1


@pytest.mark.parametrize(
    ("answer", "busy_s"),
    [
        ((429, {"retry-after": "60"}), 60),
        ((503, {"retry-after": "Mon, 02 Nov 2026 12:01:30 GMT"}), 60),
        ((429, {"retry-after": "soon"}), 5),
        ((429, {"retry-after": "9" * 30}), 5),
        ((429, {"retry-after": "86400"}), 1800),
    ],
)
def test_a_busy_receiver_gets_nothing_for_as_long_as_it_asks_and_then_everything(
    life: Life, spend: Spend, receiver: HttpReceiver, clock: Clock, answer: tuple[int, Any], busy_s: int
) -> None:
    life.channel("hook", "webhook", url=receiver.url)
    life.rule(channels=["hook"])
    for app in ("chat", "search", "export"):
        spend("12", app=app)
    life.look()
    receiver.answers = [answer]
    life.deliver()
    clock.advance(seconds=busy_s - 1)
    life.deliver()
    assert len(receiver.requests) == 1
    clock.advance(seconds=1)
    life.deliver()
    assert len(receiver.requests) == 4
    assert {body["facts"]["where"] for body in receiver.bodies()} == {"app=chat", "app=search", "app=export"}


def test_a_redirect_to_a_private_address_is_not_followed(
    life: Life, spend: Spend, receiver: HttpReceiver
) -> None:
    life.channel("hook", "webhook", url=receiver.url)
    life.rule(channels=["hook"])
    receiver.answers = [(307, {"location": "http://169.254.169.254/latest/meta-data"})]
    spend("12")
    life.look()
    life.deliver()
    (message,) = life.incidents.incident(life.project, life.only_incident().id)[2]
    assert "private address" in message.last_error
    assert len(receiver.requests) == 1


def test_a_private_address_is_refused_unless_its_network_is_allowed(
    life: Life, spend: Spend, receiver: HttpReceiver
) -> None:
    life.channel("hook", "webhook", url=receiver.url)
    life.rule(channels=["hook"])
    spend("12")
    life.look()
    life.deliver(networks="10.0.0.0/8")
    assert receiver.requests == []
