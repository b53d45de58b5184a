"""Messages as the HTTP requests of each service. Pure: nothing is sent here.

PagerDuty Events API v2, Opsgenie Alert API v2, Alertmanager API v2, Slack and Discord webhooks, Teams
workflow webhooks, and our own signed webhook. `incident` is the dedup key everywhere: the same for trigger,
acknowledge and resolve, and for a message that is sent twice.
"""

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from urllib.parse import quote

from sightline_analysis.alerts.message import (
    costliest,
    counted_clusters,
    course_window,
    headline,
    message_text,
)

Document = dict[str, Any]

PAGERDUTY_URL = "https://events.pagerduty.com/v2/enqueue"
OPSGENIE_URL = "https://api.opsgenie.com"
_MAX_TITLE = 1_000
_MAX_SLACK_TEXT, _MAX_SLACK_URL = 3_000, 3_000
_MAX_DISCORD = 2_000
# Teams takes 28 KB: a character may be four bytes, and be there twice.
_MAX_TEAMS_TEXT, _MAX_TEAMS_URL = 3_000, 3_000

_ADDRESS = re.compile(r"https?://[^\s|<>]+")

_UNTIL_TOLD, _OF_A_TEST = timedelta(days=365), timedelta(minutes=5)
"""An alert without an end is over for Alertmanager after five minutes, unless it is sent again. Nobody there
can end one, and of a test no end is ever sent.
"""


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """JSON to send. `body` is what was signed, byte for byte."""

    url: str
    headers: dict[str, str]
    body: bytes
    method: Literal["POST", "PUT"] = "POST"


@dataclass(frozen=True, slots=True)
class Envelope:
    """The same id for every attempt, and the time of this one in Unix seconds."""

    message_id: str
    sent_at: int


def pagerduty(channel: Document, message: Document, envelope: Envelope) -> list[HttpRequest]:
    """Return an event: trigger, acknowledge or resolve."""
    action, facts = message["action"], message["facts"]
    event: Document = {
        "routing_key": channel["routing_key"],
        "event_action": action if action in ("acknowledge", "resolve") else "trigger",
        "dedup_key": message["incident"],
        "client": "Sightline",
        "client_url": facts["url"],
        "links": [{"href": facts["query_url"], "text": "Traces in the window"}],
    }
    if event["event_action"] == "trigger":
        event["payload"] = {
            "summary": facts["title"][:_MAX_TITLE],
            "source": facts["where"][:255],
            "severity": "critical" if facts["level"] == "alert" else "warning",
            "timestamp": message["opened_at"],
            "group": facts["rule"],
            "custom_details": {"text": message_text(message)},
        }
    return [_post(channel.get("url", PAGERDUTY_URL), event)]


def opsgenie(channel: Document, message: Document, envelope: Envelope) -> list[HttpRequest]:
    """Return what creates, acknowledges or closes the alert with our alias.

    Creating it again is noted on the one that is open, which keeps its priority: that is set by itself.
    """
    action, facts = message["action"], message["facts"]
    base = channel.get("url", OPSGENIE_URL).rstrip("/") + "/v2/alerts"
    one = f"{base}/{quote(message['incident'])}"
    headers = {"authorization": f"GenieKey {channel['api_key']}"}
    if action in ("acknowledge", "resolve"):
        verb = "acknowledge" if action == "acknowledge" else "close"
        note = {"source": "Sightline", "note": message_text(message, 25_000)}
        return [_post(f"{one}/{verb}?identifierType=alias", note, headers)]
    priority = "P1" if facts["level"] == "alert" else "P3"
    alert = {
        "message": facts["title"][:130],
        "alias": message["incident"],
        "description": message_text(message, 15_000),
        "priority": priority,
        "source": "Sightline",
    }
    requests = [_post(base, alert, headers)]
    if action == "update":
        raised = {"priority": priority}
        requests.append(_post(f"{one}/priority?identifierType=alias", raised, headers, method="PUT"))
    return requests


def alertmanager(channel: Document, message: Document, envelope: Envelope) -> list[HttpRequest]:
    """Return the alert as it is now; Alertmanager has no acknowledgement.

    It knows an alert by its labels. One that got worse is another one there, and ends the warning.
    """
    action, facts = message["action"], message["facts"]
    if action == "acknowledge":
        return []
    until = datetime.fromisoformat(message["at"]) + (_OF_A_TEST if action == "test" else _UNTIL_TOLD)
    ends = {facts["level"]: message["at"] if action == "resolve" else until.isoformat()}
    if facts["level"] == "alert" and action in ("update", "resolve"):
        ends["warning"] = message["at"]
    alerts = [
        {
            "labels": {
                "alertname": facts["rule"],
                "severity": level,
                "where": facts["where"],
                # Projects have rules of the same name.
                "incident": message["incident"],
            },
            "annotations": {"summary": facts["title"], "description": message_text(message)},
            "startsAt": message["opened_at"],
            "endsAt": end,
            "generatorURL": facts["query_url"],
        }
        for level, end in ends.items()
    ]
    return [_post(channel["url"].rstrip("/") + "/api/v2/alerts", alerts)]


def slack(channel: Document, message: Document, envelope: Envelope) -> list[HttpRequest]:
    """Return blocks with the course of the measure and links to counted clusters and the costliest traces.

    Text is escaped, and no name of an app can mention @channel. One address that is too long for a button
    would have Slack refuse the whole message.
    """
    facts = message["facts"]
    links = [
        ("Incident", facts["url"]),
        ("Traces", facts["query_url"]),
        *((cluster["title"] or "Failure", cluster["url"]) for cluster in counted_clusters(facts)),
        *((f"{trace['cost']} {trace['name']}", trace["url"]) for trace in costliest(facts)),
    ]
    buttons = [_slack_link(label[:70], url) for label, url in links if len(url) <= _MAX_SLACK_URL]
    body = {
        "text": _escape_slack(headline(message)),
        "blocks": [
            _slack_section(_slack_text(message)),
            *_slack_course(facts),
            {"type": "actions", "elements": buttons},
        ],
    }
    return [_post(channel["url"], body)]


def discord(channel: Document, message: Document, envelope: Envelope) -> list[HttpRequest]:
    """Return a message that mentions nobody and hides no address, whatever the names in it are."""
    # A little longer with addresses that are not hidden.
    text = _without_links(message_text(message, _MAX_DISCORD - 100))[:_MAX_DISCORD]
    return [_post(channel["url"], {"content": text, "allowed_mentions": {"parse": []}})]


def teams(channel: Document, message: Document, envelope: Envelope) -> list[HttpRequest]:
    """Return an adaptive card, as Teams workflow webhooks take it; its texts are Markdown."""
    facts, text = message["facts"], _without_links(message_text(message, _MAX_TEAMS_TEXT))
    links = [("Incident", facts["url"]), ("Traces", facts["query_url"])]
    card = {
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [{"type": "TextBlock", "text": line, "wrap": True} for line in text.split("\n")],
        "actions": [
            {"type": "Action.OpenUrl", "title": title, "url": url}
            for title, url in links
            if len(url) <= _MAX_TEAMS_URL
        ],
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "content": card}
    return [_post(channel["url"], {"type": "message", "attachments": [attachment]})]


def webhook(channel: Document, message: Document, envelope: Envelope) -> list[HttpRequest]:
    """Return the message itself, signed when the channel has a secret.

    Headers and signature are those of Standard Webhooks 1.0: base64 of HMAC-SHA256 over `id.timestamp.body`.
    The id is the same for each attempt, so that a receiver can tell a repetition.
    """
    request = _post(channel["url"], message)
    headers = {"webhook-id": envelope.message_id, "webhook-timestamp": str(envelope.sent_at)}
    if channel.get("secret"):
        signed = f"{envelope.message_id}.{envelope.sent_at}.".encode() + request.body
        digest = hmac.new(_signing_key(channel["secret"]), signed, hashlib.sha256).digest()
        headers["webhook-signature"] = "v1," + base64.b64encode(digest).decode()
    return [HttpRequest(request.url, request.headers | headers, request.body)]


Render = Callable[[Document, Document, Envelope], list[HttpRequest]]
"""Channel, message, envelope → requests in their order, none when the service has no such action."""

RENDERERS: dict[str, tuple[Render, tuple[str, ...]]] = {
    "pagerduty": (pagerduty, ("routing_key",)),
    "opsgenie": (opsgenie, ("api_key",)),
    "alertmanager": (alertmanager, ("url",)),
    "slack": (slack, ("url",)),
    "discord": (discord, ("url",)),
    "teams": (teams, ("url",)),
    "webhook": (webhook, ("url",)),
}
"""Kind of channel → how it is written, and the fields it needs."""


def _post(
    url: str,
    body: object,
    headers: dict[str, str] | None = None,
    *,
    method: Literal["POST", "PUT"] = "POST",
) -> HttpRequest:
    written = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
    return HttpRequest(url, {"content-type": "application/json"} | (headers or {}), written, method)


def _signing_key(secret: str) -> bytes:
    """Return the key of a secret, which Standard Webhooks writes as `whsec_` and base64."""
    prefix, _, encoded = secret.partition("whsec_")
    if encoded and not prefix:
        with suppress(binascii.Error):
            return base64.b64decode(encoded, validate=True)
    return secret.encode()


def _slack_text(message: Document) -> str:
    """The text as Slack takes it; what is escaped is longer than what is counted."""
    limit = _MAX_SLACK_TEXT
    while len(text := _link_in_slack(_escape_slack(message_text(message, limit)))) > _MAX_SLACK_TEXT:
        limit -= len(text) - _MAX_SLACK_TEXT
    return text


def _slack_section(text: str) -> Document:
    # Else Slack takes an @here in a name for a mention.
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def _slack_course(facts: Document) -> list[Document]:
    """The chart: block characters in a fixed font. A picture would have to be fetched from this server."""
    if not facts.get("course"):
        return []
    text = f"```{facts['course']}```\n{facts['measure']}, one block for each {course_window(facts)}"
    return [_slack_section(_escape_slack(text))]


def _slack_link(label: str, url: str) -> Document:
    return {"type": "button", "text": {"type": "plain_text", "text": label}, "url": url}


def _without_links(text: str) -> str:
    """Return the text so that Markdown shows each address: names of strangers may hide one behind words."""
    return text.replace("](", "] (")


def _link_in_slack(escaped: str) -> str:
    return _ADDRESS.sub(r"<\g<0>>", escaped)


def _escape_slack(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
