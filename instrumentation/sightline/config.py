"""Settings of the SDK: arguments of `instrument()`, then `SIGHTLINE_*`, then the standard `OTEL_*`."""

from __future__ import annotations

import logging
import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from os import environ
from urllib.parse import unquote, urlsplit, urlunsplit

from sightline.redaction import Redactor, UnknownRedaction, build_redactors

logger = logging.getLogger(__name__)

DEFAULT_ENDPOINT = "http://127.0.0.1:4318"
TRACES_PATH = "/v1/traces"
DEFAULT_CONTENT_LIMIT = 128 * 1024

_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9a-z-]+")

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off"})
_CAPTURE_MODES = (
    {
        "no_content": (False, False),
        "span_only": (True, False),
        "event_only": (False, True),
        "span_and_event": (True, True),
    }
    | dict.fromkeys(_TRUE, (True, False))
    | dict.fromkeys(_FALSE, (False, False))
)

RedactArgument = str | Redactor | Iterable[str | Redactor] | None
"""What `instrument(redact=…)` takes: a rule name, a function, or several of either."""


@dataclass(frozen=True, slots=True)
class ContentPolicy:
    """What of prompts and answers is kept, and how it is altered before it leaves the process."""

    on_spans: bool = True
    on_events: bool = False
    redactors: tuple[Redactor, ...] = ()
    limit: int = DEFAULT_CONTENT_LIMIT  # characters of one text


@dataclass(frozen=True, slots=True)
class Settings:
    """Resolved once by `instrument()`; nothing else reads the environment."""

    app: str | None = None
    environment: str | None = None
    traces_url: str = DEFAULT_ENDPOINT + TRACES_PATH
    named: bool = False  # where spans go, or by which key, was said to Sightline, not to OpenTelemetry
    api_url: str = DEFAULT_ENDPOINT
    headers: Mapping[str, str] = field(default_factory=dict)
    timeout_s: float = 10.0
    certificate: str | None = None
    content: ContentPolicy = field(default_factory=ContentPolicy)
    include_usage: bool = False
    sampler: str | None = None  # its standard name; OpenTelemetry makes it
    enabled: bool = True


def resolve_settings(
    *,
    app: str | None = None,
    endpoint: str | None = None,
    key: str | None = None,
    environment: str | None = None,
    capture_content: bool | None = None,
    redact: RedactArgument = None,
    include_usage: bool | None = None,
) -> Settings:
    """Return the settings from the arguments, then the environment, then the defaults.

    A value that makes no sense is logged and its default used. An unknown name in `redact` switches content
    off, because sending it unredacted is the worse mistake.
    """
    base = (endpoint or "").strip() or _first("SIGHTLINE_ENDPOINT")
    key = (key or "").strip() or _first("SIGHTLINE_API_KEY")  # files of secrets end in a line break
    traces_url, api_url = _endpoint_urls(base)
    login = urlsplit(traces_url).netloc.rpartition("@")[0]
    traces_url, api_url = _without_login(traces_url), _without_login(api_url)
    standard = not _belongs_elsewhere(traces_url)
    return Settings(
        app=app or environ.get("SIGHTLINE_APP") or None,
        environment=environment or environ.get("SIGHTLINE_ENVIRONMENT") or None,
        traces_url=traces_url,
        named=bool(base or key),
        api_url=api_url,
        headers=_headers(_authorization(key, login), standard),
        timeout_s=_timeout_s(),
        certificate=_first("OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE", "OTEL_EXPORTER_OTLP_CERTIFICATE")
        if standard
        else None,
        content=_content_policy(capture_content, redact),
        include_usage=_flag("SIGHTLINE_INCLUDE_USAGE", False) if include_usage is None else include_usage,
        sampler=_first("OTEL_TRACES_SAMPLER"),
        enabled=not (_flag("SIGHTLINE_DISABLED", False) or _flag("OTEL_SDK_DISABLED", False)),
    )


def _first(*names: str) -> str | None:
    return next((value for name in names if (value := environ.get(name, "").strip())), None)


def _flag(name: str, default: bool) -> bool:
    value = environ.get(name, "").strip().lower()
    if not value:
        return default
    if value not in _TRUE | _FALSE:
        logger.warning("Not a yes or no; the default is used", extra={"variable": name, "default": default})
        return default
    return value in _TRUE


def _endpoint_urls(base: str | None) -> tuple[str, str]:
    """(where spans go, where the API is). The standard traces variable is a whole URL, others are bases."""
    if base is None and (whole := _first("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")) and _is_http(whole):
        return whole, whole.removesuffix("/").removesuffix(TRACES_PATH)
    base = base or _first("OTEL_EXPORTER_OTLP_ENDPOINT") or DEFAULT_ENDPOINT
    if not _is_http(base):
        logger.warning("The endpoint is not an http(s) address; %s is used", DEFAULT_ENDPOINT)
        base = DEFAULT_ENDPOINT
    base = base.rstrip("/").removesuffix(TRACES_PATH)
    return base + TRACES_PATH, base


def _is_http(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _belongs_elsewhere(traces_url: str) -> bool:
    """Whether the standard variables are about another collector, whose key is none of ours."""
    names = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
    theirs = next((url for name in names if (url := _first(name)) and _is_http(url)), None)
    return theirs is not None and urlsplit(theirs).netloc != urlsplit(traces_url).netloc


def _without_login(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _authorization(key: str | None, login: str) -> str | None:
    """What the key says, else the `user:password@` of the endpoint."""
    if key:
        return f"Bearer {key}"
    return f"Basic {b64encode(unquote(login).encode()).decode()}" if login else None


def _headers(authorization: str | None, standard: bool) -> dict[str, str]:
    """Headers of OTEL_EXPORTER_OTLP_HEADERS (`k=v,k2=v2`, percent-encoded), ours on top of them. One that
    HTTP does not allow is left out, as it would keep every request from being sent."""
    headers: dict[str, str] = {}
    names = ("OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS") if standard else ()
    for name in names:
        for pair in environ.get(name, "").split(","):
            header, separator, value = pair.partition("=")
            if separator and header.strip():
                headers[header.strip().lower()] = unquote(value.strip())
    if authorization:
        headers["authorization"] = authorization
    allowed = {name: value for name, value in headers.items() if _is_header(name, value)}
    if refused := sorted(headers.keys() - allowed.keys()):
        logger.warning("Headers that HTTP does not allow are not sent: %s", ", ".join(refused))
    return allowed


def _is_header(name: str, value: str) -> bool:
    encodable = value.encode("latin-1", "ignore").decode("latin-1") == value
    return bool(_HEADER_NAME.fullmatch(name)) and value.isprintable() and encodable


def _timeout_s() -> float:
    """The specification has milliseconds; OpenTelemetry's Python exporters read seconds, and so do we."""
    raw = _first("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "OTEL_EXPORTER_OTLP_TIMEOUT")
    try:
        value = float(raw) if raw else 10.0
    except ValueError:
        logger.warning("OTEL_EXPORTER_OTLP_TIMEOUT is not a number; 10 s is used")
        return 10.0
    return value if 0 < value < 3600 else 10.0


def _content_policy(capture_content: bool | None, redact: RedactArgument) -> ContentPolicy:
    on_spans, on_events = _capture_mode() if capture_content is None else (capture_content, False)
    rules: Iterable[str | Redactor]
    if redact is None:
        rules = [name for part in environ.get("SIGHTLINE_REDACT", "").split(",") if (name := part.strip())]
    else:
        rules = [redact] if isinstance(redact, str) or callable(redact) else redact
    try:
        redactors = build_redactors(rules)
    except UnknownRedaction as error:
        logger.error("Content is not captured: %s", error)
        return ContentPolicy(on_spans=False)
    return ContentPolicy(on_spans, on_events, redactors, _content_limit())


def _capture_mode() -> tuple[bool, bool]:
    name = "SIGHTLINE_CAPTURE_CONTENT"
    value = _first(name)
    if value is None:
        name = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"
        value = _first(name)
    if value is None:
        return True, False
    mode = _CAPTURE_MODES.get(value.lower())
    if mode is None:
        logger.warning("Unknown content mode; content is not captured", extra={"variable": name})
        return False, False
    return mode


def _content_limit() -> int:
    raw = _first("SIGHTLINE_CONTENT_LIMIT")
    if raw is None:
        return DEFAULT_CONTENT_LIMIT
    if not raw.isascii() or not raw.isdigit() or int(raw) < 1:
        logger.warning("SIGHTLINE_CONTENT_LIMIT is not a positive number; %d is used", DEFAULT_CONTENT_LIMIT)
        return DEFAULT_CONTENT_LIMIT
    return int(raw)
