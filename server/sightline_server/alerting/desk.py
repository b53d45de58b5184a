"""Checking and trying channels for the API."""

from typing import Any

from sightline_core.errors import CallerError
from sightline_server.alerting.apprise_services import check_apprise_url
from sightline_server.alerting.http_messages import RENDERERS
from sightline_server.alerting.sending import Sender
from sightline_server.alerting.target_guard import TargetGuard
from sightline_storage.alerts.alert_records import ChannelRow

MAIL_FIELDS = ("host", "from", "to")


class ChannelDesk:
    """See `sightline_api.alert_desk.AlertDesk`."""

    def __init__(self, guard: TargetGuard, sender: Sender, *, page: str) -> None:
        self._guard = guard
        self._sender = sender
        self._page = page

    def check_channel(self, channel: ChannelRow) -> None:
        """Raise `CallerError` when a field is missing or the target may not be reached."""
        kinds = {"email": MAIL_FIELDS, "apprise": ("url",)} | {
            kind: needed for kind, (_, needed) in RENDERERS.items()
        }
        if channel.kind not in kinds:
            raise CallerError(f"kind must be one of {', '.join(sorted(kinds))}")
        for name in kinds[channel.kind]:
            if not channel.document.get(name):
                raise CallerError(f"settings.{name} is missing for {channel.kind}")
        for name in ("url", "host", "routing_key", "api_key", "secret", "from", "username", "password"):
            value = channel.document.get(name, "")
            if not _is_line(value):
                raise CallerError(f"settings.{name} must be one line of text, without blanks around it")
        if channel.kind == "apprise":
            check_apprise_url(channel.document["url"])
        elif "url" in channel.document:
            self._guard.check_url(channel.document["url"])
        if channel.kind == "email":
            self._check_mail(channel.document)

    def _check_mail(self, document: dict[str, Any]) -> None:
        to, port = document["to"], document.get("port", 587)
        if not isinstance(to, list) or not all(map(_is_line, to)):
            raise CallerError("settings.to must be a list of addresses")
        if not isinstance(port, int) or not 0 < port < 65_536:
            raise CallerError("settings.port must be a port number")
        if document.get("tls", "starttls") not in ("starttls", "none"):
            raise CallerError("settings.tls must be starttls or none")
        self._guard.check_host(document["host"], port)

    def try_channel(self, channel: ChannelRow) -> str:
        """Send a test message and return why it was not taken, "" when it was."""
        failure = self._sender.send_test(channel, page=self._page)
        return "" if failure is None else failure.reason


def _is_line(value: object) -> bool:
    return isinstance(value, str) and len(value) <= 2_000 and value.isprintable() and value.strip() == value
