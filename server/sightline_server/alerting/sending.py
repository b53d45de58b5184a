"""Sending one message to one channel, over HTTP or SMTP."""

import smtplib
import ssl
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from functools import cache
from urllib.parse import urljoin, urlsplit

import httpx

from sightline_analysis.alerts.message import headline, message_text
from sightline_core.errors import CallerError
from sightline_server.alerting.apprise_services import send_by_apprise
from sightline_server.alerting.http_messages import RENDERERS, Document, Envelope, HttpRequest
from sightline_server.alerting.target_guard import Address, TargetGuard
from sightline_storage.alerts.alert_outbox import FIRST_PAUSE
from sightline_storage.alerts.alert_records import ChannelRow

TIMEOUT_S = 10.0
_MAX_REDIRECTS = 3
_LONGEST_ANSWER = 64 * 1024
_SHORTEST_SECRET = 6
_RETRYABLE = frozenset({408, 425, 429})
_SILENCE = (httpx.TransportError, ConnectionError, TimeoutError)


@dataclass(frozen=True, slots=True)
class SendFailure:
    """Why a message was not taken; `for_good` when sending it again cannot help.

    `busy_for` is set when the receiver takes nothing at all for so long; `is_silence` when it did not answer,
    whatever it would have been sent.
    """

    reason: str
    for_good: bool
    busy_for: timedelta | None = None
    is_silence: bool = False


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a receiver says over HTTP, of the text the beginning."""

    status: int
    location: str
    retry_after: str
    text: str


class Sender:
    """Thread-safe. Never raises: what one channel meets must not keep the others waiting."""

    def __init__(self, guard: TargetGuard, *, now: Callable[[], datetime]) -> None:
        self._guard = guard
        self._now = now

    def send(self, channel: ChannelRow, message: Document, message_id: str) -> SendFailure | None:
        """Send the message; `None` when the channel took it, or has no use for it."""
        failure = self._try(channel, message, message_id)
        if failure is None:
            return None
        # Libraries name the header or address that they refuse, receivers what they were sent.
        return replace(failure, reason=_without_secrets(failure.reason, channel.document))

    def _try(self, channel: ChannelRow, message: Document, message_id: str) -> SendFailure | None:
        try:
            if channel.kind == "email":
                return self._mail(channel.document, message, message_id)
            if channel.kind == "apprise":
                return self._by_apprise(channel.document, message)
            render, _ = RENDERERS[channel.kind]
            envelope = Envelope(message_id, int(self._now().timestamp()))
            failures = map(self._request, render(channel.document, message, envelope))
            return next((failure for failure in failures if failure is not None), None)
        except CallerError as error:
            return SendFailure(str(error), for_good=False)
        except Exception as error:
            # Whatever it is: libraries answer to a setting that they cannot write down in many ways.
            reason = f"{type(error).__name__}: {str(error)[:300]}"
            return SendFailure(reason, for_good=False, is_silence=isinstance(error, _SILENCE))

    def send_test(self, channel: ChannelRow, *, page: str) -> SendFailure | None:
        """Send a message that says it is a test, under an incident of its own."""
        at = self._now().isoformat()
        facts = {
            "title": "Test message from Sightline",
            "level": "warning",
            "rule": "test",
            "where": "everything",
            "measure": "nothing",
            "value": "0",
            "threshold": "",
            "window": "0s",
            "window_start": at,
            "window_end": at,
            "reason": "somebody pressed the test button",
            "cause": "",
            "runbook": "",
            "url": f"{page}/alerts",
            "query_url": f"{page}/traces",
        }
        incident = uuid.uuid4().hex
        message = {
            "action": "test",
            "incident": incident,
            "opened_at": at,
            "at": at,
            "acknowledged_by": "",
            "facts": facts,
        }
        return self.send(channel, message, incident)

    def _request(self, request: HttpRequest) -> SendFailure | None:
        url = request.url
        for _ in range(_MAX_REDIRECTS + 1):
            answer = self._request_once(url, request)
            if answer.status not in (307, 308):
                break
            moved = urljoin(url, answer.location)
            if _origin(moved) != _origin(url):
                request = replace(request, headers=_without_key(request.headers))
            url = moved
        if 200 <= answer.status < 300:
            return None
        for_good = 300 <= answer.status < 500 and answer.status not in _RETRYABLE
        return SendFailure(f"HTTP {answer.status}: {answer.text[:200]}", for_good, self._busy_for(answer))

    def _busy_for(self, answer: _Answer) -> timedelta | None:
        if answer.status not in (429, 503):
            return None
        with suppress(ValueError, OverflowError):
            if answer.retry_after.strip().isdecimal():
                return timedelta(seconds=int(answer.retry_after))
            return parsedate_to_datetime(answer.retry_after).astimezone(UTC) - self._now()
        return FIRST_PAUSE if answer.status == 429 else None

    def _request_once(self, url: str, request: HttpRequest) -> _Answer:
        """Connect to the address that was checked, under the name that was asked for, or to the proxy.

        No more is read of the answer than anybody needs to say: it may have no end.
        """
        address = self._guard.check_url(url)
        parts = urlsplit(url)
        begun_s, text = time.monotonic(), ""
        proxy = self._guard.proxy if address is None else None
        with (
            httpx.Client(timeout=TIMEOUT_S, trust_env=False, verify=_https_context(), proxy=proxy) as client,
            _given_up_after(2 * TIMEOUT_S, client.close),
            client.stream(
                request.method,
                url if address is None else parts._replace(netloc=_netloc(address, parts.port)).geturl(),
                content=request.body,
                headers=request.headers | {"host": parts.netloc, "user-agent": "Sightline"},
                extensions={"sni_hostname": parts.hostname or ""},
            ) as response,
        ):
            for piece in response.iter_text():
                text += piece
                if len(text) > _LONGEST_ANSWER or time.monotonic() - begun_s > TIMEOUT_S:
                    break
            location, retry_after = (response.headers.get(name, "") for name in ("location", "retry-after"))
            return _Answer(response.status_code, location, retry_after, text)

    def _by_apprise(self, channel: Document, message: Document) -> SendFailure | None:
        text = message_text(message)
        if send_by_apprise(channel["url"], title=headline(message), text=text):
            return None
        return SendFailure("the service did not take it", for_good=False)

    def _mail(self, channel: Document, message: Document, message_id: str) -> SendFailure | None:
        mail = EmailMessage()
        # One line: a name with a line break in it must not become a header.
        mail["Subject"] = " ".join(headline(message).split())[:200]
        mail["From"], mail["To"] = channel["from"], ", ".join(channel["to"])
        mail["Message-ID"] = f"<{message_id[:40]}@sightline>"
        mail["References"] = f"<{message['incident']}@sightline>"
        mail["Date"] = self._now()
        # Nobody's absence is to be answered to us (RFC 3834).
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(message_text(message))
        port = int(channel.get("port", 587))
        address = self._guard.check_host(channel["host"], port)
        with smtplib.SMTP(timeout=TIMEOUT_S) as server:
            server.connect(str(address), port)
            # For the certificate's name: the connection was made to the address.
            server._host = channel["host"]  # type: ignore[attr-defined]
            if channel.get("tls", "starttls") == "starttls":
                server.starttls(context=_tls_context())
            if channel.get("username"):
                server.login(channel["username"], channel.get("password", ""))
            refused = server.send_message(mail)
        return SendFailure(f"refused: {', '.join(refused)}", for_good=True) if refused else None


@contextmanager
def _given_up_after(seconds: float, close: Callable[[], None]) -> Iterator[None]:
    """Close what is still waited for by then: a timeout is for each read, of which there may be many."""
    timer = threading.Timer(seconds, close)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _without_secrets(reason: str, settings: Document) -> str:
    """Return the reason without what only the channel's owner knows: it is logged, and shown to readers."""
    secrets = [settings.get(name) for name in ("routing_key", "api_key", "secret", "password", "url")]
    address = urlsplit(settings.get("url", ""))
    for secret in (*secrets, f"{address.path}?{address.query}", address.path):
        if isinstance(secret, str) and len(secret) > _SHORTEST_SECRET:
            reason = reason.replace(secret, "(hidden)")
    return reason


def _netloc(address: Address, port: int | None) -> str:
    host = f"[{address}]" if address.version == 6 else str(address)
    return host if port is None else f"{host}:{port}"


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.rpartition("@")[2].lower()


def _without_key(headers: dict[str, str]) -> dict[str, str]:
    """Return what a receiver may pass on to another one: the key is for the service that it was given for."""
    return {name: value for name, value in headers.items() if name != "authorization"}


@cache
def _https_context() -> ssl.SSLContext:
    """Reading all certificates anew took five times as long as the rest of a message."""
    return httpx.create_ssl_context(trust_env=False)


def _tls_context() -> ssl.SSLContext:
    return ssl.create_default_context()
