"""Log events of coding agents → the spans that they stand for.

The same event makes the same span whenever and wherever it comes, so that one sent again changes nothing.
"""

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import NamedTuple

from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from sightline_collector.any_value import to_attributes, to_text
from sightline_core.nanoseconds import to_ns
from sightline_semconv import gen_ai, sightline
from sightline_semconv.agent_events import AGENT_EVENTS, REDACTED, AgentEvent
from sightline_semconv.dialects import Attributes, Value
from sightline_semconv.dialects.event_messages import CHOICE_EVENT

_ABOUT_THE_EVENT = ("event.name", "event.timestamp", "event.sequence")
_ERRORS = ("error.message", "error")
_STATUS_CODES = ("status_code", gen_ai.HTTP_STATUS_CODE)
_MS = 1_000_000
_MOST = 1e9  # eleven days in milliseconds
_FIRST_ERROR = 400
_LAST_NS = 2**63 - 1


class Told(NamedTuple):
    """What an event tells: a span, or what was said in one, as events that join it."""

    span: Span | None
    answers: tuple[LogRecord, ...] = ()


def told_by(record: LogRecord) -> Told | None:
    """Return what the event of a coding agent tells; None when the record is none, or says nothing of a span.

    An event inside of a span, of an agent whose own spans say what was used, tells nothing but an answer.
    """
    event = _event(record)
    if event is None:
        return None
    fields = to_attributes(record.attributes)
    if not all(name in fields for name in (event.agent.session, *event.needs)):
        return None
    has_span = event.agent.has_spans and any(record.trace_id) and any(record.span_id)
    if event.answer:
        ids = [(record.trace_id, record.span_id)] if has_span else _answered(event, record, fields)
        text = to_text(fields.get(event.answer))
        return (
            Told(None, tuple(_answer(record, text, *of) for of in ids)) if text and text != REDACTED else None
        )
    error = _error(fields)
    if has_span or (event.only_failed and error is None):
        return None
    return Told(_span(event, record, fields, error))


def _event(record: LogRecord) -> AgentEvent | None:
    said = (pair.value.string_value for pair in record.attributes if pair.key == "event.name")
    names = (*said, record.event_name, record.body.string_value)
    return next((AGENT_EVENTS[name] for name in names if name in AGENT_EVENTS), None)


def _span(event: AgentEvent, record: LogRecord, fields: Attributes, error: str | None) -> Span:
    identity = _identity(event, record, fields)
    trace_id, prompt_id = _place(event, identity, fields)
    end_ns = _end_ns(record, fields)
    span = Span(
        trace_id=trace_id,
        span_id=prompt_id if event.is_prompt and prompt_id else _call_id(event, trace_id, identity),
        parent_span_id=b"" if event.is_prompt else prompt_id,
        name=event.span,
        kind=Span.SPAN_KIND_INTERNAL,
        start_time_unix_nano=max(0, end_ns - _duration_ns(fields)),
        end_time_unix_nano=end_ns,
        attributes=_attributes(event, record),
    )
    if error is not None:
        span.status.CopyFrom(Status(code=Status.STATUS_CODE_ERROR, message=error))
    return span


def _place(event: AgentEvent, identity: Sequence[str], fields: Attributes) -> tuple[bytes, bytes]:
    """Return the ids of the trace, and of the span of its prompt; b"" where that is not known.

    What an agent does of its own accord, as finding a title for a session, names no prompt: it is a trace.
    """
    agent = event.agent
    session, prompt = to_text(fields.get(agent.session)), to_text(fields.get(agent.prompt))
    if prompt:
        trace_id = _digest(agent.name, session, prompt)[:16]
        return trace_id, _digest(trace_id.hex(), "prompt")[:8]
    return _digest(agent.name, session, *(identity if agent.prompt else ()))[:16], b""


def _call_id(event: AgentEvent, trace_id: bytes, identity: Sequence[str]) -> bytes:
    return _digest(trace_id.hex(), event.span, *identity)[:8]


def _identity(event: AgentEvent, record: LogRecord, fields: Attributes) -> list[str]:
    """Return what tells this event from all others: what it says does where no attribute is there for it."""
    ids = [to_text(fields.get(name)) for name in event.ids]
    return ids if ids and all(ids) else [record.SerializeToString(deterministic=True).hex()]


def _digest(*parts: str) -> bytes:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).digest()


def _answered(event: AgentEvent, record: LogRecord, fields: Attributes) -> list[tuple[bytes, bytes]]:
    """Return the ids of the spans that an answer belongs to: the call and the prompt."""
    identity = _identity(event, record, fields)
    trace_id, prompt_id = _place(event, identity, fields)
    return [(trace_id, id_) for id_ in (_call_id(event, trace_id, identity), prompt_id) if id_]


def _answer(record: LogRecord, text: str, trace_id: bytes, span_id: bytes) -> LogRecord:
    said = LogRecord(
        trace_id=trace_id, span_id=span_id, event_name=CHOICE_EVENT, time_unix_nano=record.time_unix_nano
    )
    said.attributes.add(key="content").value.string_value = text
    return said


def _attributes(event: AgentEvent, record: LogRecord) -> list[KeyValue]:
    made = [
        KeyValue(key=event.renames.get(pair.key, pair.key), value=pair.value)
        for pair in record.attributes
        if pair.key not in _ABOUT_THE_EVENT and pair.value.string_value != REDACTED
    ]
    # The last one tells who speaks, as names of the others may be those of other emitters.
    added = {**event.adds, sightline.SPAN_KIND: event.kind.value, f"{event.agent.name}.span": event.span}
    return made + [KeyValue(key=key, value=AnyValue(string_value=value)) for key, value in added.items()]


def _error(fields: Attributes) -> str | None:
    """Return the message of a failure; None when the event tells of none."""
    message = next((to_text(fields[name]) for name in _ERRORS if fields.get(name)), None)
    if message is not None:
        return message
    status = next((fields[name] for name in _STATUS_CODES if name in fields), None)
    failed = to_text(fields.get("success")).lower() == "false" or _number(status) >= _FIRST_ERROR
    return "" if failed else None


def _end_ns(record: LogRecord, fields: Attributes) -> int:
    """Return when the event was told, which is when what it tells of was over."""
    if not record.time_unix_nano:
        with suppress(ValueError):
            told = datetime.fromisoformat(to_text(fields.get("event.timestamp")))
            return min(max(0, to_ns(told if told.tzinfo else told.replace(tzinfo=UTC))), _LAST_NS)
    return record.time_unix_nano or record.observed_time_unix_nano


def _duration_ns(fields: Attributes) -> int:
    return int(_number(fields.get("duration_ms")) * _MS)


def _number(value: Value) -> float:
    """Return a number, which some agents write as text; 0 when it is none that can be."""
    try:
        number = float(value) if isinstance(value, str | int | float) else 0.0
    except (ValueError, OverflowError):
        return 0.0
    return number if 0 <= number < _MOST else 0.0
