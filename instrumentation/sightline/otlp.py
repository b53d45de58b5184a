"""One OTLP/HTTP request: spans in, what became of them out.

The exporter of the OpenTelemetry SDK answers success or failure only; `flush()` promises more, so this sender
keeps the reason, the collector's partial rejections and its `Retry-After`.
"""

from __future__ import annotations

import gzip
import json
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from opentelemetry import context as otel_context
from opentelemetry.context import _SUPPRESS_INSTRUMENTATION_KEY

from sightline.config import Settings

if TYPE_CHECKING:
    from urllib.request import OpenerDirector

_RETRYABLE = frozenset({408, 429, 500, 502, 503, 504})
_COMPRESS_FROM = 4096  # bytes
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
"""Where compressing costs more than the way, and a proxy of the environment would look on its own machine."""
_MAX_RETRY_AFTER_S = 60.0

# Held while the sending thread imports: a child forked then would find those modules locked for ever.
_importing = threading.Lock()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_importing.acquire, after_in_parent=_importing.release, after_in_child=_importing.release
    )


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one request achieved. `reason` is "" when every span was accepted."""

    accepted: bool
    rejected: int = 0  # of an accepted request, one by one
    reason: str = ""
    retryable: bool = False
    retry_after_s: float = 0.0
    too_large: bool = False


def send(payload: bytes, settings: Settings, timeout_s: float) -> Outcome:
    """POST an encoded request. Never raises."""
    headers = {"content-type": "application/x-protobuf", "user-agent": "sightline-python"}
    if len(payload) >= _COMPRESS_FROM and urlsplit(settings.traces_url).hostname not in _LOOPBACK:
        payload = gzip.compress(payload, compresslevel=1)
        headers["content-encoding"] = "gzip"
    outcome, answer = deliver(settings.traces_url, payload, headers, settings, timeout_s)
    return _read_partial_success(answer) if outcome.accepted else outcome


def deliver(
    url: str, body: bytes, headers: Mapping[str, str], settings: Settings, timeout_s: float
) -> tuple[Outcome, bytes]:
    """What became of a POST, and the answer to one that was accepted. Never raises; redirects are not
    followed, they would carry the key elsewhere."""
    import urllib.error

    token = otel_context.attach(otel_context.set_value(_SUPPRESS_INSTRUMENTATION_KEY, True))
    try:
        _, answer = post(url, body, headers, settings, timeout_s)
        if answer.lstrip()[:1] == b"<":
            return Outcome(False, reason=f"{url} answers with a web page: no collector is there"), b""
        return Outcome(True), answer
    except urllib.error.HTTPError as error:
        with error:
            retry_after = error.headers.get("retry-after", "")
            detail = _detail(error.read(4096).decode("utf-8", "replace"))
        reason = f"HTTP {error.code} {error.reason}" + (f": {detail}" if detail else "")
        retryable = error.code in _RETRYABLE
        return Outcome(False, 0, reason, retryable, _seconds(retry_after), error.code == 413), b""
    except urllib.error.URLError as error:
        return Outcome(False, reason=f"{url}: {error.reason}", retryable=True), b""
    except Exception as error:
        return Outcome(False, reason=f"{type(error).__name__}: {error}", retryable=True), b""
    finally:
        otel_context.detach(token)


def _detail(answer: str) -> str:
    """What a refusal says: the `detail` of a problem (RFC 9457), else its text."""
    try:
        detail = str(json.loads(answer)["detail"])
    except (ValueError, KeyError, TypeError):
        detail = answer
    detail = detail.strip()[:300]
    return detail if detail.isprintable() else ""


def post(
    url: str, body: bytes, headers: Mapping[str, str], settings: Settings, timeout_s: float
) -> tuple[int, bytes]:
    """(status, body) of a POST; statuses of 300 and above raise `urllib.error.HTTPError`."""
    with _importing:
        import encodings.idna  # noqa: F401  (of every first connection)
        from urllib.request import Request

        secure, direct = url.startswith("https:"), urlsplit(url).hostname in _LOOPBACK
        opener = _opener(secure, direct, settings.certificate)
    request = Request(url, data=body, headers={**settings.headers, **headers}, method="POST")
    with opener.open(request, timeout=timeout_s) as response:
        return response.status, response.read(64 * 1024)


@cache
def _opener(secure: bool, direct: bool, certificate: str | None) -> OpenerDirector:
    """Kept, because reading the certificates of authorities takes longer than a request."""
    import ssl
    import urllib.request

    class NoRedirect(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *args: object) -> None:
            return None

    handlers: list[urllib.request.BaseHandler] = [NoRedirect()]
    if direct:
        handlers.append(urllib.request.ProxyHandler({}))
    if secure:
        context = ssl.create_default_context(cafile=certificate)
        handlers.append(urllib.request.HTTPSHandler(context=context))
    return urllib.request.build_opener(*handlers)


def halves(payload: bytes) -> tuple[bytes, bytes]:
    """Return two requests with the first half of the spans of one, rounded down, and with the others."""
    with _importing:
        from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    requests = [ExportTraceServiceRequest.FromString(payload) for _ in range(2)]
    scopes = [[scope for group in each.resource_spans for scope in group.scope_spans] for each in requests]
    left = sum(len(scope.spans) for scope in scopes[0]) // 2
    for first, second in zip(*scopes, strict=True):
        taken = min(left, len(first.spans))
        left -= taken
        del first.spans[taken:]
        del second.spans[:taken]
    return requests[0].SerializeToString(), requests[1].SerializeToString()


def _read_partial_success(answer: bytes) -> Outcome:
    with _importing:
        from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

    try:
        partial = ExportTraceServiceResponse.FromString(answer).partial_success
    except Exception:
        return Outcome(True)  # a collector that answers 200 with something else has still accepted
    return Outcome(True, rejected=partial.rejected_spans, reason=partial.error_message)


def _seconds(retry_after: str) -> float:
    return (
        min(float(retry_after), _MAX_RETRY_AFTER_S)
        if retry_after.isascii() and retry_after.isdigit()
        else 0.0
    )
