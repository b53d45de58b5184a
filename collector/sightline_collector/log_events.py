"""OTLP log records that are GenAI events: what they say of a span, and which are refused."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord

from sightline_collector.any_value import to_attributes, to_python, to_text
from sightline_core.errors import CallerError
from sightline_core.nanoseconds import DAY_NS, time_of
from sightline_semconv import gen_ai, log_events
from sightline_semconv.dialects import Attributes, Value
from sightline_semconv.dialects.flattened import parse_json
from sightline_storage.scores.score_record import Score, ScoreValue, score_type_of

_EVENT_NAME = "event.name"
MAX_RESPONSE_ID = 1_000


@dataclass(frozen=True, slots=True)
class LogEvent:
    """`fields` are the attributes together with the body's fields; ids are hex, "" when there is none.

    Without a trace id, an evaluation's result says by `response_id` which call it is about.
    """

    name: str
    trace_id: str
    span_id: str
    time_ns: int
    fields: Attributes

    @property
    def response_id(self) -> str:
        """The id of the model's answer; "" when it is not said."""
        return to_text(self.fields.get(gen_ai.RESPONSE_ID))[:MAX_RESPONSE_ID]


def read_event(record: LogRecord, received_ns: int) -> LogEvent:
    """Return the event; raises `CallerError`, with the reason, when it is none that is stored."""
    fields = to_attributes(record.attributes)
    # Codex gives the place in its source as the name, and the name as the attribute that it once was.
    told = to_text(fields.get(_EVENT_NAME))
    name = told if record.event_name not in log_events.ALL and told else record.event_name
    if name not in log_events.ALL:
        raise CallerError(f"log record {name[:80]!r} is not a GenAI event; other logs are not stored")
    has_trace = len(record.trace_id) == 16 and any(record.trace_id)
    has_span = has_trace and len(record.span_id) == 8 and any(record.span_id)
    if name == gen_ai.EVALUATION_RESULT_EVENT:
        if not has_trace and not fields.get(gen_ai.RESPONSE_ID):
            raise CallerError(f"event {name}: it has no trace id and no {gen_ai.RESPONSE_ID}")
    elif not has_span:
        missing = "span id" if has_trace else "trace id"
        raise CallerError(f"event {name}: it has no {missing}, so its span is not known")
    body = _opened(to_python(record.body))
    if isinstance(body, dict):
        fields.update(body)
    elif body is not None:
        fields.setdefault("content", body)
    fields[_EVENT_NAME] = name
    time_ns = record.time_unix_nano or record.observed_time_unix_nano or received_ns
    trace_id = record.trace_id.hex() if has_trace else ""
    return LogEvent(name, trace_id, record.span_id.hex() if has_span else "", time_ns, fields)


def _opened(body: Value) -> Value:
    """Return the message, or the choice, that Semantic Kernel writes into a body as JSON."""
    if isinstance(body, str) and ('"role"' in body or '"message"' in body):
        parsed = parse_json(body)
        if isinstance(parsed, dict) and ("role" in parsed or "message" in parsed):
            return parsed
    return body


def score_of(event: LogEvent, received_ns: int) -> Score:
    """Return the score that an evaluation's result is; raises `CallerError` when it says none.

    The event has a trace id, be it that of the call which its response id was found to name.
    Of a result with a number and a label the number is the value, and the label leads the comment.
    """
    number, label = (
        event.fields.get(gen_ai.EVALUATION_SCORE_VALUE),
        event.fields.get(gen_ai.EVALUATION_SCORE_LABEL),
    )
    explanation = to_text(event.fields.get(gen_ai.EVALUATION_EXPLANATION))
    value: ScoreValue
    if isinstance(number, int | float):
        value = number
        comment = ": ".join(text for text in (to_text(label), explanation) if text)
    elif isinstance(label, str) and label:
        value, comment = label, explanation
    else:
        raise CallerError("an evaluation's result has neither a value nor a label")
    # A clock that is far off would make a month of its own, or win over every later score.
    at_ns = event.time_ns if abs(event.time_ns - received_ns) < _YEAR_NS else received_ns
    return Score(
        trace_id=event.trace_id,
        span_id=event.span_id,
        session="",
        name=to_text(event.fields.get(gen_ai.EVALUATION_NAME)),
        source="code",
        author="",
        value_type=score_type_of(value),
        value=value,
        comment=comment,
        scored_at=time_of(at_ns),
    )


_YEAR_NS = 366 * DAY_NS
_SOME_TRACE = "0" * 32


def check_events(records: list[LogRecord], received_ns: int) -> Iterator[str | None]:
    """Yield, for each record, why it is refused, or None when it can be stored."""
    for record in records:
        try:
            event = read_event(record, received_ns)
            if event.name == gen_ai.EVALUATION_RESULT_EVENT:
                score_of(replace(event, trace_id=event.trace_id or _SOME_TRACE), received_ns)
        except CallerError as error:
            yield str(error)
        else:
            yield None
