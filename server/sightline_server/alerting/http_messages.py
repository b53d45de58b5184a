"""Messages as the HTTP requests of each service. Pure: nothing is sent here.

PagerDuty Events API v2, Opsgenie Alert API v2, Alertmanager API v2, Slack and Discord webhooks, Teams
workflow webhooks, and our own signed webhook. `incident` is the dedup key everywhere: the same for trigger,
acknowledge and resolve, and for a message that is sent twice.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from sightline_analysis.alerts.message import costliest, counted_clusters, message_text

Document = dict[str, Any]

PAGERDUTY_URL = "https://events.pagerduty.com/v2/enqueue"
OPSGENIE_URL = "https://api.opsgenie.com"
_MAX_TITLE = 1_000


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A POST of JSON. `body` is what was signed, byte for byte."""

    url: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Envelope:
    """The same id for every attempt, and the time of this one in Unix seconds."""

    message_id: str
    sent_at: int


def pagerduty(channel: Document, message: Document, envelope: Envelope) -> HttpRequest | None:
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
    return _post(channel.get("url", PAGERDUTY_URL), event)


def opsgenie(channel: Document, message: Document, envelope: Envelope) -> HttpRequest | None:
    """Return a request that creates, acknowledges or closes the alert with our alias."""
    action, facts = message["action"], message["facts"]
    base = channel.get("url", OPSGENIE_URL).rstrip("/") + "/v2/alerts"
    headers = {"authorization": f"GenieKey {channel['api_key']}"}
    if action in ("acknowledge", "resolve"):
        verb = "acknowledge" if action == "acknowledge" else "close"
        url = f"{base}/{quote(message['incident'])}/{verb}?identifierType=alias"
        return _post(url, {"source": "Sightline", "note": message_text(message)[:25_000]}, headers)
    alert = {
        "message": facts["title"][:130],
        "alias": message["incident"],
        "description": message_text(message)[:15_000],
        "priority": "P1" if facts["level"] == "alert" else "P3",
        "source": "Sightline",
    }
    return _post(base, alert, headers)


def alertmanager(channel: Document, message: Document, envelope: Envelope) -> HttpRequest | None:
    """Return the alert as it is now; Alertmanager has no acknowledgement."""
    action, facts = message["action"], message["facts"]
    if action == "acknowledge":
        return None
    alert: Document = {
        "labels": {"alertname": facts["rule"], "severity": facts["level"], "where": facts["where"]},
        "annotations": {"summary": facts["title"], "description": message_text(message)},
        "startsAt": message["opened_at"],
        "generatorURL": facts["query_url"],
    }
    if action == "resolve":
        alert["endsAt"] = message["at"]
    return _post(channel["url"].rstrip("/") + "/api/v2/alerts", [alert])


def slack(channel: Document, message: Document, envelope: Envelope) -> HttpRequest | None:
    """Return blocks with the course of the measure and links to counted clusters and the costliest traces.

    Text is escaped, so that no name of an app can mention @channel.
    """
    facts = message["facts"]
    text = _escape_slack(message_text(message))
    return _post(
        channel["url"],
        {
            "text": _escape_slack(facts["title"]),
            "blocks": [
                {"type": "section", "text": {"type": "mrkdwn", "text": text[:3_000]}},
                *_slack_course(facts),
                {
                    "type": "actions",
                    "elements": [
                        _slack_link("Incident", facts["url"]),
                        _slack_link("Traces", facts["query_url"]),
                        *(
                            _slack_link(cluster["title"][:70] or "Failure", cluster["url"])
                            for cluster in counted_clusters(facts)
                        ),
                        *(
                            _slack_link(f"{trace['cost']} {trace['name']}"[:70], trace["url"])
                            for trace in costliest(facts)
                        ),
                    ],
                },
            ],
        },
    )


def discord(channel: Document, message: Document, envelope: Envelope) -> HttpRequest | None:
    """Return a message that mentions nobody and hides no address, whatever the names in it are."""
    body = {"content": _without_links(message_text(message))[:2_000], "allowed_mentions": {"parse": []}}
    return _post(channel["url"], body)


def teams(channel: Document, message: Document, envelope: Envelope) -> HttpRequest | None:
    """Return an adaptive card, as Teams workflow webhooks take it; its texts are Markdown."""
    facts, text = message["facts"], _without_links(message_text(message))
    card = {
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [{"type": "TextBlock", "text": line, "wrap": True} for line in text.split("\n")],
        "actions": [
            {"type": "Action.OpenUrl", "title": "Incident", "url": facts["url"]},
            {"type": "Action.OpenUrl", "title": "Traces", "url": facts["query_url"]},
        ],
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "content": card}
    return _post(channel["url"], {"type": "message", "attachments": [attachment]})


def webhook(channel: Document, message: Document, envelope: Envelope) -> HttpRequest | None:
    """Return the message itself, signed when the channel has a secret.

    Headers and signature are those of Standard Webhooks 1.0: base64 of HMAC-SHA256 over `id.timestamp.body`.
    The id is the same for each attempt, so that a receiver can tell a repetition.
    """
    request = _post(channel["url"], message)
    headers = {"webhook-id": envelope.message_id, "webhook-timestamp": str(envelope.sent_at)}
    if channel.get("secret"):
        signed = f"{envelope.message_id}.{envelope.sent_at}.".encode() + request.body
        digest = hmac.new(channel["secret"].encode(), signed, hashlib.sha256).digest()
        headers["webhook-signature"] = "v1," + base64.b64encode(digest).decode()
    return HttpRequest(request.url, request.headers | headers, request.body)


Render = Callable[[Document, Document, Envelope], HttpRequest | None]
"""Channel, message, envelope → request, or `None` when the service has no such action."""

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


def _post(url: str, body: object, headers: dict[str, str] | None = None) -> HttpRequest:
    return HttpRequest(url, {"content-type": "application/json"} | (headers or {}), json.dumps(body).encode())


def _slack_course(facts: Document) -> list[Document]:
    """The chart: block characters in a fixed font. A picture would have to be fetched from this server."""
    if not facts.get("course"):
        return []
    text = f"```{facts['course']}```\n{facts['measure']}, one block for each {facts['window']}"
    return [{"type": "section", "text": {"type": "mrkdwn", "text": _escape_slack(text)}}]


def _slack_link(label: str, url: str) -> Document:
    return {"type": "button", "text": {"type": "plain_text", "text": label}, "url": url}


def _without_links(text: str) -> str:
    """Return the text so that Markdown shows each address: names of strangers may hide one behind words."""
    return text.replace("](", "] (")


def _escape_slack(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
