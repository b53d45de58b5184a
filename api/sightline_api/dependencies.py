"""What routes ask FastAPI for: services, the caller, a time range, ids."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import Depends, Path, Query, Request

from sightline_api.services import ApiServices
from sightline_api.validation_words import Moment, Shape
from sightline_core.auth import Principal
from sightline_core.errors import CallerError, Forbidden
from sightline_core.ids import SpanId, TraceId, parse_span_id, parse_trace_id
from sightline_core.query_parser import MAX_LENGTH, parse_query
from sightline_core.query_tree import Node
from sightline_core.time_range import TimeRange

DEFAULT_SINCE = "7d"

_SINCE = re.compile(r"([1-9][0-9]{0,4})([smhdw])")
_Since = Annotated[str, Shape(_SINCE.pattern, "a duration such as 15m, 24h, 7d or 4w")]
_UNIT_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}

# The rollups keep times as seconds in 32 bits; ranges are cut to what they can compare.
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_LATEST = datetime(2100, 1, 1, tzinfo=UTC)


def _services(request: Request) -> ApiServices:
    services = request.app.state.services
    assert isinstance(services, ApiServices)
    return services


Services = Annotated[ApiServices, Depends(_services)]


def _principal(request: Request, services: Services) -> Principal:
    return services.authenticate(dict(request.headers))


Known = Annotated[Principal, Depends(_principal)]
"""Whoever has a valid key, whatever it may do."""


def _reader(caller: Known) -> Principal:
    if not caller.can_read:
        raise Forbidden("this key may send but not read")
    return caller


Caller = Annotated[Principal, Depends(_reader)]
"""Who may read, as all routes ask for that return something stored."""


def _sender(caller: Known) -> Principal:
    if not caller.can_write:
        raise Forbidden("this key may read only")
    return caller


Sender = Annotated[Principal, Depends(_sender)]
"""Who may send, also with a key that reads nothing back."""


def _editor(caller: Caller) -> Principal:
    return _sender(caller)


Editor = Annotated[Principal, Depends(_editor)]
"""Who may read and change what is set up: rules, views, triage, plans."""


def _operator(caller: Caller) -> Principal:
    if not caller.runs_server:
        raise Forbidden(
            "this takes the key or password of the server's settings; a key of a project sets up no projects,"
            " limits or keys"
        )
    return caller


Operator = Annotated[Principal, Depends(_operator)]
"""Who runs the server: a key of a project would lift its own limits, or make keys that outlive it."""


def parse_since(text: str) -> timedelta:
    """Return the duration of `15m`, `24h`, `7d` or `4w`; raises `CallerError`."""
    match = _SINCE.fullmatch(text)
    if match is None:
        raise CallerError(f"since={text!r} is not a duration such as 15m, 24h, 7d or 4w")
    return timedelta(seconds=int(match[1]) * _UNIT_S[match[2]])


def _time_range(
    services: Services,
    start: Annotated[Moment | None, Query(description="RFC 3339 with a time zone; inclusive")] = None,
    end: Annotated[Moment | None, Query(description="RFC 3339; exclusive; now when absent")] = None,
    since: Annotated[
        _Since | None,
        Query(description=f"15m, 24h, 7d or 4w before `end`; {DEFAULT_SINCE} without `start` and `since`"),
    ] = None,
) -> TimeRange:
    if start is not None and since is not None:
        raise CallerError("give `start` or `since`, not both")
    until = end or services.now()
    # A span that arrives while the page is read starts before "now" on a clock that runs ahead of ours.
    last = until if end is not None else until + timedelta(minutes=1)
    if start is not None and end is None and start > last:
        raise CallerError("`start` lies in the future")
    first = start if start is not None else _before(until, parse_since(since or DEFAULT_SINCE))
    return TimeRange(max(first, _EARLIEST), min(last, _LATEST))


def _before(moment: datetime, duration: timedelta) -> datetime:
    return moment - duration if moment - _EARLIEST > duration else _EARLIEST


Range = Annotated[TimeRange, Depends(_time_range)]


def _trace_id(trace_id: Annotated[str, Path(description="32 hex digits")]) -> TraceId:
    parsed = parse_trace_id(trace_id)
    if parsed is None:
        raise CallerError("a trace id is 32 hex digits, not all zero")
    return parsed


def _span_id(span_id: Annotated[str, Path(description="16 hex digits")]) -> SpanId:
    parsed = parse_span_id(span_id)
    if parsed is None:
        raise CallerError("a span id is 16 hex digits, not all zero")
    return parsed


def _other_trace_id(other_trace_id: Annotated[str, Path(description="32 hex digits")]) -> TraceId:
    return _trace_id(other_trace_id)


def _other_span_id(other_span_id: Annotated[str, Path(description="16 hex digits")]) -> SpanId:
    return _span_id(other_span_id)


TraceIdParam = Annotated[TraceId, Depends(_trace_id)]
SpanIdParam = Annotated[SpanId, Depends(_span_id)]
OtherTraceIdParam = Annotated[TraceId, Depends(_other_trace_id)]
OtherSpanIdParam = Annotated[SpanId, Depends(_other_span_id)]


def _query(
    q: Annotated[str, Query(max_length=MAX_LENGTH, description="a query; docs/query-language.md")] = "",
) -> Node:
    return parse_query(q)


QueryParam = Annotated[Node, Depends(_query)]
