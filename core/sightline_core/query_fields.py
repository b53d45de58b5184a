"""What a query can ask about: fields, their types and aliases, and facts for `has:`.

One list for the parser, the SQL compiler, completion and `docs/query-language.md`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NewType

from sightline_semconv.failure_category import FailureCategory
from sightline_semconv.kinds import CostState, SpanKind

FieldName = NewType("FieldName", str)
"""The canonical name of a known field, or `attr.` and the exact name of an attribute."""

ATTRIBUTE_PREFIX: Final = "attr."


class FieldType(StrEnum):
    """How values of a field are written and compared. An attribute can be text or a number."""

    TEXT = "text"
    NUMBER = "number"
    DURATION = "duration"
    MONEY = "money"
    ATTRIBUTE = "attribute"


@dataclass(frozen=True, slots=True)
class Field:
    """A field. `of_trace` marks fields that a list of traces takes from the whole trace, not from any span.

    `trace_only` fields do not exist on a single span. `values` are all that there are, in small letters;
    empty where emitters choose them.
    """

    name: FieldName
    type: FieldType
    meaning: str
    aliases: tuple[str, ...] = ()
    of_trace: bool = False
    trace_only: bool = False
    values: tuple[str, ...] = ()


def _text(
    name: str,
    meaning: str,
    *aliases: str,
    of_trace: bool = False,
    values: Iterable[str] = (),
) -> Field:
    return Field(
        FieldName(name),
        FieldType.TEXT,
        meaning,
        aliases,
        of_trace=of_trace,
        values=tuple(map(str, values)),
    )


def _measure(
    name: str, type_: FieldType, meaning: str, *aliases: str, of_trace: bool = False, trace_only: bool = False
) -> Field:
    return Field(FieldName(name), type_, meaning, aliases, of_trace=of_trace, trace_only=trace_only)


FIELDS: Final[tuple[Field, ...]] = (
    _text("app", "app that the span belongs to"),
    _text("env", "environment: production, staging, …", "environment"),
    _text("version", "version of the app"),
    _text("service", "OpenTelemetry service name"),
    _text(
        "status", "error, or ok, also where nobody set one; of a trace: that of its root", of_trace=True,
        values=("error", "ok", "unset"),
    ),
    _text("kind", ", ".join(SpanKind), values=SpanKind),
    _text("name", "name of a span"),
    _text("model", "model that answered, else the one that was asked for"),
    _text("request_model", "model that was asked for"),
    _text("provider", "openai, anthropic, …"),
    _text("operation", "GenAI operation: chat, embeddings, execute_tool, …"),
    _text("session", "session or conversation"),
    _text("user", "user of the app"),
    _text("tag", "tag given by the app", "tags"),
    _text("error", "type of the error, for example RateLimitError", "error_type"),
    _text("failure", "failure category", "category", values=FailureCategory),
    _text("fingerprint", "fingerprint of the failure"),
    _text("agent", "name of the agent"),
    _text("tool", "name of the tool"),
    _text("prompt", "name of the prompt template"),
    _text("prompt_version", "version of the prompt template"),
    _text("finish", "reason why the model stopped", "finish_reason"),
    _text("guardrail", "name of the guardrail"),
    _text("verdict", "pass, warn, block or error: outcome of a guardrail"),
    _text("cache", "kind of cache that was asked: provider, exact, semantic, gateway"),
    _text("stream", "how a stream ended: complete, abandoned, cut, error, cancelled"),
    _text("cost_state", "priced, estimated, unpriced or none", values=CostState),
    _text("tier", "service tier", "service_tier"),
    _text("system_fingerprint", "the provider's fingerprint of its system"),
    _text("prompt_fingerprint", "fingerprint of the prompt with its variables masked"),
    _text("request_fingerprint", "fingerprint of the whole request"),
    _text("dialect", "whose attribute names the span came with"),
    _text("trace", "trace id", "trace_id"),
    _text("span", "span id", "span_id"),
    _text("response_id", "the provider's id of the answer"),
    _text("request_id", "the provider's id of the request"),
    _measure(
        "latency", FieldType.DURATION, "how long it took; of a trace: first start to last end", "duration",
        of_trace=True,
    ),
    _measure("ttft", FieldType.DURATION, "time to the first token of a stream", "time_to_first_token"),
    _measure("cost", FieldType.MONEY, "cost in USD; of a trace: the sum", of_trace=True),
    _measure("tokens", FieldType.NUMBER, "input and output tokens; of a trace: the sum", of_trace=True),
    _measure("input_tokens", FieldType.NUMBER, "input tokens, cached ones included", of_trace=True),
    _measure("output_tokens", FieldType.NUMBER, "output tokens, reasoning included", of_trace=True),
    _measure("cached_tokens", FieldType.NUMBER, "input tokens that the provider had cached", of_trace=True),
    _measure("reasoning_tokens", FieldType.NUMBER, "output tokens spent on reasoning", of_trace=True),
    _measure("spans", FieldType.NUMBER, "spans of the trace", trace_only=True, of_trace=True),
    _measure("errors", FieldType.NUMBER, "spans of the trace with an error", trace_only=True, of_trace=True),
    _measure("llm_calls", FieldType.NUMBER, "model calls of the trace", trace_only=True, of_trace=True),
    _measure("http", FieldType.NUMBER, "HTTP status of the answer", "http_status"),
    _measure("retries", FieldType.NUMBER, "retries inside one call"),
    _measure("retrieved", FieldType.NUMBER, "documents that a retrieval returned"),
    _measure("similarity", FieldType.NUMBER, "similarity of a semantic cache's entry, 0 to 1"),
)  # fmt: skip

FACTS: Final[dict[str, str]] = {
    "error": "a span with an error",
    "failure": "a failing span that is the cause, not only an ancestor of it",
    "guardrail": "a guardrail looked",
    "guardrail.warn": "a guardrail warned",
    "guardrail.block": "a guardrail blocked",
    "cache": "a cache was asked",
    "cache.hit": "a cache had the answer",
    "cache.miss": "a cache did not have the answer",
    "tool": "a tool ran",
    "retrieval": "documents were looked up",
    "stream": "the answer was streamed",
    "retry": "a call was retried",
    "invalid_output": "the answer did not fit its declared format",
    "unpriced": "a model call without a price",
    "mark": "something had to be changed to store a span",
    "session": "the span belongs to a session",
    "user": "the user is known",
    "prompt": "a named prompt was used",
}
"""Names for `has:`, with their meaning. Beside these, `has:attr.NAME`."""

FIELD_OF: Final[dict[str, Field]] = {name: field for field in FIELDS for name in (field.name, *field.aliases)}
"""Every accepted name of a field."""


def find_field(name: str) -> Field | None:
    """Return the field of a name or alias; every `attr.…` is one; None when there is no such field."""
    if name.startswith(ATTRIBUTE_PREFIX) and len(name) > len(ATTRIBUTE_PREFIX):
        meaning = f"attribute {name.removeprefix(ATTRIBUTE_PREFIX)}"
        return Field(FieldName(name), FieldType.ATTRIBUTE, meaning)
    return FIELD_OF.get(name)


def is_of_trace(name: str) -> bool:
    """Return whether a list of traces takes the field from the whole trace, not from any span of it."""
    return name in FIELD_OF and FIELD_OF[name].of_trace
