"""What each service is sent, over a real connection: trigger, acknowledge, resolve."""

import ssl
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import trustme
from apprise.plugins.telegram import NotifyTelegram
from tests.server.alerting.receivers import (
    HttpReceiver,
    Mailbox,
    endless_receiver,
    http_receiver,
    smtp_receiver,
)

from sightline_analysis.alerts.judgement import Judgement, Level
from sightline_analysis.alerts.message import (
    ClusterMention,
    Evidence,
    Links,
    TraceMention,
    facts_document,
    make_facts,
    message_text,
)
from sightline_analysis.alerts.rule_document import parse_rule
from sightline_core.errors import CallerError
from sightline_core.time_range import TimeRange
from sightline_server.alerting import sending
from sightline_server.alerting.desk import ChannelDesk
from sightline_server.alerting.http_messages import Envelope, webhook
from sightline_server.alerting.sending import Sender
from sightline_server.alerting.target_guard import TargetGuard, parse_networks
from sightline_storage.alerts.alert_records import ChannelRow

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
WINDOW = TimeRange(NOON - timedelta(minutes=15), NOON)
HOSTILE = "<!channel> & @everyone [log in](https://evil)"
SHOWN = HOSTILE.replace("](", "] (")
RULE = parse_rule(
    {
        "key": "spend",
        "name": f"Too fast {HOSTILE}",
        "measure": "cost",
        "window": "15m",
        "group_by": ["app"],
        "condition": {"kind": "threshold", "alert": 10},
    }
)


def message(action: str, app: str = "chat", **rule: Any) -> dict[str, Any]:
    """A message about an app that spends too fast."""
    facts = make_facts(
        replace(RULE, **rule),
        (app,),
        Judgement(Level.ALERT, 2, 12.5, 10.0, "cost is above the line"),
        level=Level.ALERT,
        links=Links("https://page.example", "i-1", WINDOW),
        evidence=Evidence(
            cause=f"{app} spent more",
            course=(None, 0.0, 5.0, 10.0),
            traces=(TraceMention("a" * 32, "checkout", "$4.00"), TraceMention("b" * 32, "", "$2.00")),
            clusters=(ClusterMention("c1", f"invalid key {HOSTILE}", "3 traces"),),
        ),
    )
    return {
        "action": action,
        "incident": "i-1",
        "opened_at": NOON.isoformat(),
        "at": NOON.isoformat(),
        "acknowledged_by": "ana" if action == "acknowledge" else "",
        "facts": facts_document(facts),
    }


def send(kind: str, *actions: str, **settings: Any) -> None:
    """Send messages as the deliverer does; each has to be taken."""
    sender = Sender(TargetGuard(parse_networks("127.0.0.1")), now=lambda: NOON)
    for action in actions:
        assert sender.send(ChannelRow("c", kind, settings), message(action), f"m-{action}") is None


def test_opsgenie_creates_acknowledges_and_closes_one_alias(receiver: HttpReceiver) -> None:
    send("opsgenie", "trigger", "acknowledge", "resolve", api_key="k-1", url=receiver.url)
    assert [path for path, _, _ in receiver.requests] == [
        "/v2/alerts",
        "/v2/alerts/i-1/acknowledge?identifierType=alias",
        "/v2/alerts/i-1/close?identifierType=alias",
    ]
    assert all(headers["authorization"] == "GenieKey k-1" for _, headers, _ in receiver.requests)
    created = receiver.bodies()[0]
    assert (created["alias"], created["priority"]) == ("i-1", "P1")
    assert len(created["message"]) <= 130


def test_a_key_does_not_follow_a_redirect_to_another_service(receiver: HttpReceiver) -> None:
    with http_receiver() as elsewhere:
        receiver.answers = [
            (307, {"location": f"{receiver.url}/v2/moved"}),
            (307, {"location": elsewhere.url}),
        ]
        send("opsgenie", "trigger", api_key="k-1", url=receiver.url)
        ((_, headers, _),) = elsewhere.requests
    assert "authorization" not in headers
    assert all(headers["authorization"] == "GenieKey k-1" for _, headers, _ in receiver.requests)


def test_opsgenie_raises_the_priority_of_an_alert_that_is_open_already(receiver: HttpReceiver) -> None:
    send("opsgenie", "update", api_key="k-1", url=receiver.url)
    assert [path for path, _, _ in receiver.requests] == [
        "/v2/alerts",
        "/v2/alerts/i-1/priority?identifierType=alias",
    ]
    assert receiver.bodies()[1] == {"priority": "P1"}


def test_alertmanager_keeps_an_alert_until_it_resolves_and_gets_no_acknowledgement(
    receiver: HttpReceiver,
) -> None:
    send("alertmanager", "trigger", "acknowledge", "resolve", url=receiver.url)
    assert [path for path, _, _ in receiver.requests] == ["/api/v2/alerts"] * 2
    ([opened], [resolved, _]) = receiver.bodies()
    assert opened["labels"] == resolved["labels"]
    assert opened["labels"] == {
        "alertname": "spend",
        "severity": "alert",
        "where": "app=chat",
        "incident": "i-1",
    }
    # One without an end is over five minutes after it was sent.
    assert datetime.fromisoformat(opened["endsAt"]) > NOON + timedelta(days=31)
    assert resolved["endsAt"] == NOON.isoformat()


def test_a_test_is_over_for_alertmanager_after_minutes(receiver: HttpReceiver) -> None:
    send("alertmanager", "test", url=receiver.url)
    ((tried,),) = receiver.bodies()
    assert datetime.fromisoformat(tried["endsAt"]) == NOON + timedelta(minutes=5)


@pytest.mark.parametrize("action", ["update", "resolve"])
def test_alertmanager_is_told_of_the_end_of_a_warning_that_became_an_alert(
    receiver: HttpReceiver, action: str
) -> None:
    send("alertmanager", action, url=receiver.url)
    ends = {alert["labels"]["severity"]: alert["endsAt"] for alert in receiver.bodies()[0]}
    assert ends["warning"] == NOON.isoformat()


def test_slack_gets_blocks_with_the_course_and_links_to_the_costliest_traces(receiver: HttpReceiver) -> None:
    send("slack", "trigger", url=receiver.url)
    (body,) = receiver.bodies()
    text, course, actions = body["blocks"]
    assert "<!channel>" not in text["text"]["text"]
    assert "&lt;!channel&gt; &amp; @everyone [log in]" in text["text"]["text"]
    assert course["text"]["text"].startswith("```·▁▅█```")
    links = {element["text"]["text"]: element["url"] for element in actions["elements"]}
    assert links["$4.00 checkout"] == "https://page.example/t/" + "a" * 32
    assert links["Incident"] == "https://page.example/alerts/i-1"
    assert links[f"invalid key {HOSTILE}"[:70]] == "https://page.example/failures/c1"
    assert len(links) == 5


def test_what_happened_is_said_where_a_phone_shows_one_line(receiver: HttpReceiver, mailbox: Mailbox) -> None:
    send("slack", "resolve", url=receiver.url)
    assert receiver.bodies()[0]["text"].startswith("Resolved: [ALERT] Too fast")
    send("email", "resolve", **mail_settings(mailbox) | {"host": "127.0.0.1", "tls": "none"})
    (mail,) = mailbox.mails
    assert mail["Subject"].startswith("Resolved: [ALERT] Too fast")
    assert mail["Date"].datetime == NOON
    assert mail["Auto-Submitted"] == "auto-generated"


def test_no_service_refuses_an_alert_for_its_length_and_all_keep_the_link_to_the_incident(
    receiver: HttpReceiver,
) -> None:
    sender = Sender(TargetGuard(parse_networks("127.0.0.1")), now=lambda: NOON)
    long = message("trigger", app="é&<" * 333, query="name:" + "ж" * 3_900, runbook="Call. " * 600)
    for kind in ("slack", "discord", "teams"):
        assert sender.send(ChannelRow("c", kind, {"url": receiver.url}), long, "m") is None
    slack, discord, teams = receiver.bodies()
    text = slack["blocks"][0]["text"]["text"]
    buttons = slack["blocks"][-1]["elements"]
    assert len(text) <= 3_000
    assert all(len(button["url"]) <= 3_000 for button in buttons)
    assert buttons[0]["url"] == "https://page.example/alerts/i-1"
    assert len(discord["content"]) <= 2_000
    assert len(receiver.requests[2][2]) < 28_000
    shown = "\n".join(block["text"] for block in teams["attachments"][0]["content"]["body"])
    assert "Incident: <https://page.example/alerts/i-1>\n" in text
    for told in (text.replace("<", "").replace(">", ""), discord["content"], shown):
        assert "Incident: https://page.example/alerts/i-1\n" in told
        assert "is $12.50, limit $10.00" in told
        assert told.endswith("\n…")


def test_a_webhook_is_signed_with_the_key_that_a_standard_secret_encodes() -> None:
    # What the tests of the libraries at github.com/standard-webhooks expect.
    channel = {"url": "https://x.example", "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}
    envelope = Envelope("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330)
    (request,) = webhook(channel, {"test": 2_432_232_314}, envelope)
    assert request.headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_no_secret_is_in_what_is_said_about_a_delivery(receiver: HttpReceiver) -> None:
    sender = Sender(TargetGuard(parse_networks("127.0.0.1")), now=lambda: NOON)
    pasted = ChannelRow("c", "opsgenie", {"url": receiver.url, "api_key": "k-secret-1 "})
    refused = sender.send(pasted, message("trigger"), "m")
    assert refused is not None
    assert "Illegal header value" in refused.reason
    assert "k-secret-1" not in refused.reason
    desk = ChannelDesk(TargetGuard([]), sender, page="https://page.example")
    with pytest.raises(CallerError, match=r"settings\.api_key must be one line of text, without blanks"):
        desk.check_channel(pasted)


def test_a_name_of_strangers_is_no_line_of_a_message_and_turns_none_around() -> None:
    text = message_text(message("trigger", app="chat\nRunbook: https://evil\x1b[2J\u202e\u2028"))
    assert len(text.splitlines()) == len(message_text(message("trigger")).splitlines())
    assert "Where: app=chat Runbook: https://evil [2J\n" in text
    assert "Likely cause: chat Runbook: https://evil [2J spent more\n" in text


def test_who_reads_a_message_at_night_learns_which_project_and_that_it_is_over() -> None:
    told = message("resolve") | {"project": "shop", "opened_at": "2026-11-02T11:00:30.123456+00:00"}
    text = message_text(told)
    assert "What: cost was $12.50, limit $10.00\n" in text
    assert " (project shop)\n" in text
    assert "Since: 2026-11-02T11:00:30+00:00\nUntil: " in text
    assert "(project" not in message_text(message("trigger"))


def test_a_rule_without_groups_is_where_its_query_is() -> None:
    def where(query: str) -> str:
        rule, calm = replace(RULE, group_by=(), query=query), Judgement(Level.ALERT, 2, 12.5, 10.0, "")
        links = Links("https://page.example", "i-1", WINDOW)
        return make_facts(rule, (), calm, level=Level.ALERT, links=links, evidence=Evidence()).where

    assert (where(" app:chat\nenv:prod"), where(" ")) == ("app:chat env:prod", "everything")


def test_no_name_mentions_a_channel_of_slack_and_addresses_lead_where_they_say(
    receiver: HttpReceiver,
) -> None:
    sender = Sender(TargetGuard(parse_networks("127.0.0.1")), now=lambda: NOON)
    hostile = message("trigger", app="@here #general <!channel> <https://evil.example|page>")
    assert sender.send(ChannelRow("c", "slack", {"url": receiver.url}), hostile, "m") is None
    (body,) = receiver.bodies()
    section = body["blocks"][0]["text"]
    assert section["verbatim"]
    assert "&lt;!channel&gt; &lt;<https://evil.example>|page&gt;" in section["text"]


def test_discord_mentions_nobody(receiver: HttpReceiver) -> None:
    send("discord", "trigger", url=receiver.url)
    (body,) = receiver.bodies()
    assert body["allowed_mentions"] == {"parse": []}
    assert "cost is $12.50, limit $10.00" in body["content"]
    assert f"Too fast {SHOWN}: " in body["content"]


def test_teams_gets_an_adaptive_card(receiver: HttpReceiver) -> None:
    send("teams", "resolve", url=receiver.url)
    (attachment,) = receiver.bodies()[0]["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    lines = [block["text"] for block in attachment["content"]["body"]]
    assert lines[0].startswith("Resolved: [ALERT] Too fast")
    assert "Costly: $4.00 checkout https://page.example/t/" + "a" * 32 in lines
    assert f"Failure: invalid key {SHOWN} (3 traces) https://page.example/failures/c1" in lines
    assert not any("](" in line for line in lines)


def test_an_answer_without_an_end_is_not_waited_for() -> None:
    sender = Sender(TargetGuard(parse_networks("127.0.0.1")), now=lambda: NOON)
    with endless_receiver() as url:
        refused = sender.send(ChannelRow("c", "webhook", {"url": url}), message("trigger"), "m")
    assert refused is not None
    assert refused.reason.startswith("HTTP 500: no no no")


def test_an_answer_that_comes_byte_by_byte_does_not_keep_the_other_channels_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sightline_server.alerting.sending.TIMEOUT_S", 0.2)
    sender = Sender(TargetGuard(parse_networks("127.0.0.1")), now=lambda: NOON)
    with endless_receiver(head=b"H") as url:
        refused = sender.send(ChannelRow("c", "webhook", {"url": url}), message("trigger"), "m")
    assert refused is not None
    assert not refused.for_good


@pytest.fixture
def authority() -> trustme.CA:
    """An authority that only the test trusts."""
    return trustme.CA()


def server_context(authority: trustme.CA) -> ssl.SSLContext:
    """The context of a server on loopback with a certificate of the authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", "localhost").configure_cert(context)
    return context


def mail_settings(box: Mailbox) -> dict[str, Any]:
    """Settings of a mail channel on loopback; `tls` is left at its default."""
    return {"host": "localhost", "port": box.port, "from": "s@example.org", "to": ["on-call@example.org"]}


def test_mail_is_encrypted_by_default_and_the_certificate_is_checked_by_name(
    authority: trustme.CA, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    with smtp_receiver(server_context(authority)) as box:
        sender = Sender(TargetGuard(parse_networks("127.0.0.1,::1")), now=lambda: NOON)
        channel = ChannelRow("c", "email", mail_settings(box))
        refused = sender.send(channel, message("trigger"), "m")
        assert refused is not None
        assert "certificate" in refused.reason.lower()
        assert box.mails == []
        monkeypatch.setattr(sending, "_tls_context", lambda: trusting)
        assert sender.send(channel, message("trigger"), "m") is None
    assert box.over_tls == [True]
    assert box.mails[0]["References"] == "<i-1@sightline>"


def test_a_mail_server_without_encryption_gets_nothing_by_default() -> None:
    with smtp_receiver() as box:
        sender = Sender(TargetGuard(parse_networks("127.0.0.1,::1")), now=lambda: NOON)
        refused = sender.send(ChannelRow("c", "email", mail_settings(box)), message("trigger"), "m")
    assert refused is not None
    assert box.mails == []


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
def test_a_service_of_apprise_is_told_over_its_own_protocol(
    authority: trustme.CA, monkeypatch: pytest.MonkeyPatch
) -> None:
    with http_receiver(server_context(authority)) as receiver:
        receiver.answers = [(200, {})]
        monkeypatch.setattr(NotifyTelegram, "notify_url", f"{receiver.url}/bot")
        url = "tgram://123456789:abcdefg_hijklmnop/12315544/?verify=no"
        send("apprise", "trigger", url=url)
    path, _, body = receiver.requests[0]
    assert path == "/bot123456789:abcdefg_hijklmnop/sendMessage"
    assert b"cost is $12.50" in body


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "::ffff:169.254.169.254",
        "::ffff:0:169.254.169.254",
        "::169.254.169.254",
        "64:ff9b::10.0.0.1",
        "64:ff9b:1::a9fe:a9fe",
        "64:ff9b:1:a9fe:a9:fe00::",
        "192.0.0.8",
        "3fff::1",
        "5f00::1",
        "2002:a00:1::1",
        "fec0::1",
        "fd00:ec2::254",
        "ff0e::1",
        "0x7f.1",
        "::1",
        "::",
    ],
)
def test_no_form_of_an_address_leads_into_a_private_network(address: str) -> None:
    with pytest.raises(CallerError, match="is a private address"):
        TargetGuard([]).check_host(address, 80)


def test_a_network_that_is_allowed_is_reached_by_every_form_of_its_addresses() -> None:
    guard = TargetGuard(parse_networks("10.0.0.0/8,::1"))
    for address in ("10.0.0.1", "::ffff:10.0.0.1", "64:ff9b::10.0.0.1", "::1", "64:ff9b::1.1.1.1"):
        guard.check_host(address, 80)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("nonsense://x", "no URL that apprise can read"),
        ("", "missing"),
        ("json://169.254.169.254/latest", "address of its own"),
        ("syslog://", "address of its own"),
        ("ntfy://internal.host/topic", "address of its own"),
    ],
)
def test_apprise_never_connects_to_an_address_that_a_user_wrote(url: str, reason: str) -> None:
    guard = TargetGuard([])
    desk = ChannelDesk(guard, Sender(guard, now=lambda: NOON), page="https://page.example")
    with pytest.raises(CallerError, match=reason):
        desk.check_channel(ChannelRow("c", "apprise", {"url": url}))
    telegram = "tgram://123456789:abcdefg_hijklmnop/12315544/"
    desk.check_channel(ChannelRow("c", "apprise", {"url": telegram}))


def test_alerts_leave_by_the_proxy_of_the_operator_but_for_networks_that_are_allowed(
    receiver: HttpReceiver,
) -> None:
    with http_receiver() as proxy:
        sender = Sender(TargetGuard(parse_networks("127.0.0.1"), proxy=proxy.url), now=lambda: NOON)
        for url in ("http://hooks.invalid/a?b=c", receiver.url):
            channel = ChannelRow("hook", "webhook", {"url": url})
            assert sender.send(channel, message("trigger"), "m-1") is None
        metadata = ChannelRow("hook", "webhook", {"url": "http://169.254.169.254/latest"})
        refused = sender.send(metadata, message("trigger"), "m-1")
        assert refused
        assert "private address" in refused.reason
    ((asked, headers, body),) = proxy.requests
    assert (asked, headers["host"]) == ("http://hooks.invalid/a?b=c", "hooks.invalid")
    assert [body for _, _, body in receiver.requests] == [body]


def test_without_a_proxy_a_host_that_is_unknown_here_is_no_way_out() -> None:
    with pytest.raises(CallerError, match="cannot be resolved"):
        TargetGuard([]).check_url("http://hooks.invalid/")
