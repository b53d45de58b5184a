"""The app's own spans: steps of a chain and look-ups in a cache, around the model calls."""

from __future__ import annotations

import json
import logging
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from decimal import Decimal
from itertools import islice
from typing import Any

from opentelemetry import context as otel_context
from opentelemetry import trace as otel_trace
from opentelemetry.trace import StatusCode

from sightline.app_context import detach
from sightline.config import ContentPolicy
from sightline.content import ContentWriter
from sightline.describe import error_message
from sightline.runtime import current_settings, current_tracer, standing_attributes
from sightline.verdict_of import name_of
from sightline_semconv import gen_ai, sightline
from sightline_semconv.kinds import CacheKind, GuardrailOutcome, SpanKind

logger = logging.getLogger(__name__)

_OPERATIONS = {
    SpanKind.WORKFLOW: ("invoke_workflow", gen_ai.WORKFLOW_NAME),
    SpanKind.AGENT: ("invoke_agent", gen_ai.AGENT_NAME),
    SpanKind.TOOL: ("execute_tool", gen_ai.TOOL_NAME),
    SpanKind.RETRIEVAL: ("retrieval", gen_ai.DATA_SOURCE_ID),
    SpanKind.GUARDRAIL: ("apply_guardrail", sightline.GUARDRAIL_NAME),
}
_NO_CONTENT = ContentPolicy(on_spans=False)
_DOCUMENT_PREVIEW = 500  # characters
_MAX_DOCUMENTS = 1000  # of one retrieval, the best ones first as a rule


class ChainSpan:
    """Handle on an open span. Every method is safe to call always: while Sightline is off it does nothing."""

    def __init__(self, span: otel_trace.Span | None, policy: ContentPolicy) -> None:
        self._span = span
        self._policy = policy

    @property
    def keeps_content(self) -> bool:
        """Whether content that it is given is kept."""
        return self._span is not None and self._policy.on_spans

    @property
    def trace_id(self) -> str:
        """32 hex digits by which a score or a thumb finds the trace later; "" where no span is sent."""
        return "" if self._span is None else format(self._span.get_span_context().trace_id, "032x")

    @property
    def span_id(self) -> str:
        """16 hex digits, beside `trace_id` for a score on this step alone."""
        return "" if self._span is None else format(self._span.get_span_context().span_id, "016x")

    def set(self, name: str, value: Any) -> None:
        """Set an attribute; anything but plain values and lists of text is stored as JSON text."""
        if self._span is None or value is None:
            return
        try:
            plain = isinstance(value, str | bool | int | float)
            listed = isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)
            self._span.set_attribute(name, value if plain or listed else self._json(value))
        except Exception:
            logger.debug("An attribute could not be set", exc_info=True)

    def set_input(self, value: Any) -> None:
        """What the step was given, by the content policy."""
        self.set_content(sightline.INPUT, value)

    def set_output(self, value: Any) -> None:
        """What the step answered, by the content policy."""
        self.set_content(sightline.OUTPUT, value)

    def set_documents(self, query: str | None, documents: Iterable[Any]) -> None:
        """What a retrieval found: mappings or objects with id, score and content (or page_content, text)."""
        if not self.keeps_content:
            return
        try:
            found = iter(documents)
            shaped = [_document(document) for document in islice(found, _MAX_DOCUMENTS)]
            self.set_content(gen_ai.RETRIEVAL_QUERY_TEXT, query)
            self.set_content(gen_ai.RETRIEVAL_DOCUMENTS, shaped)
            if any(True for _ in found):
                self.set(sightline.CONTENT_TRUNCATED, True)
        except Exception:
            logger.debug("Documents could not be recorded", exc_info=True)

    def set_verdict(
        self,
        outcome: GuardrailOutcome | str,
        *,
        score: float | None = None,
        categories: Iterable[str] = (),
    ) -> None:
        """A guardrail's result: pass, warn, block or error."""
        try:
            self.set(sightline.GUARDRAIL_OUTCOME, name_of(outcome))
            self.set(sightline.GUARDRAIL_SCORE, score)
            self.set(sightline.GUARDRAIL_CATEGORIES, [name_of(found) for found in categories or ()] or None)
        except Exception:
            logger.debug("A verdict could not be recorded", exc_info=True)

    def set_lookup(
        self,
        hit: bool,
        *,
        similarity: float | None = None,
        age_s: int | None = None,
        saved_tokens: int | None = None,
        saved_usd: Decimal | float | None = None,
    ) -> None:
        """Result of a cache look-up, with what a hit saved."""
        try:
            self.set(sightline.CACHE_HIT, bool(hit))
            self.set(sightline.CACHE_SIMILARITY, similarity)
            self.set(sightline.CACHE_AGE_S, age_s)
            self.set(sightline.CACHE_SAVED_TOKENS, saved_tokens)
            self.set(sightline.CACHE_SAVED_USD, None if saved_usd is None else str(saved_usd))
        except Exception:
            logger.debug("A look-up could not be recorded", exc_info=True)

    def fail(self, error: BaseException) -> None:
        """Mark the span failed; the exception itself is the app's to raise."""
        if self._span is None:
            return
        try:
            self._span.set_attribute(gen_ai.ERROR_TYPE, type(error).__qualname__)
            self._span.set_status(StatusCode.ERROR, error_message(str(error), self._policy))
        except Exception:
            logger.debug("An error could not be recorded", exc_info=True)

    @contextmanager
    def running(self, within: otel_context.Context | None = None) -> Generator[None]:
        """Make this the current span for a while, of this context or another; an exception marks it failed
        and passes on."""
        if self._span is None:
            yield
            return
        token = otel_context.attach(otel_trace.set_span_in_context(self._span, within))
        try:
            yield
        except (GeneratorExit, StopIteration, StopAsyncIteration):
            raise
        except BaseException as error:
            if not (isinstance(error, SystemExit) and error.code in (None, 0)):  # the app ends as it should
                self.fail(error)
            raise
        finally:
            detach(token)

    def end(self) -> None:
        """End the span; a broken span processor is not the app's problem."""
        if self._span is None:
            return
        tracer = current_tracer()
        try:
            self._span.end() if tracer is None else tracer.end_span(self._span)
        except Exception:
            logger.debug("A span processor failed", exc_info=True)

    def set_content(self, name: str, value: Any) -> None:
        """Set an attribute that holds content: redacted, cut, or left out, by the policy."""
        if self._span is None or value is None or not self._policy.on_spans:
            return
        try:
            writer = ContentWriter(self._policy)
            self._span.set_attribute(
                name, writer.text(value) if isinstance(value, str) else writer.app_json(value)
            )
            if writer.truncated:
                self._span.set_attribute(sightline.CONTENT_TRUNCATED, True)
        except Exception:
            logger.debug("Content could not be recorded", exc_info=True)

    def _json(self, value: Any) -> str:
        return json.dumps(value, ensure_ascii=False, default=str)


def _document(document: Any) -> dict[str, Any]:
    """Id, score and the beginning of the content, from a mapping, an object, or plain text."""
    if isinstance(document, str):
        return {"content": document[:_DOCUMENT_PREVIEW]}

    def read(*names: str) -> Any:
        for name in names:
            value = document.get(name) if isinstance(document, Mapping) else getattr(document, name, None)
            if value is not None:
                return value
        return None

    content = read("content", "page_content", "text")
    shaped = {"id": read("id", "document_id"), "score": read("score", "similarity")}
    if content is not None:
        binary = isinstance(content, bytes | bytearray | memoryview)
        shaped["content"] = content if binary else str(content)[:_DOCUMENT_PREVIEW]
    return {key: value for key, value in shaped.items() if value is not None}


def _start(name: str, kind: SpanKind) -> ChainSpan:
    tracer, settings = current_tracer(), current_settings()
    if tracer is None or settings is None:
        return ChainSpan(None, _NO_CONTENT)
    try:
        name = str(name)  # the API takes anything, and exporters then fail
        operation, name_attribute = _OPERATIONS.get(kind, ("", ""))
        attributes: dict[str, Any] = standing_attributes()
        if operation:
            attributes |= {gen_ai.OPERATION_NAME: operation, name_attribute: name}
        else:
            attributes[sightline.SPAN_KIND] = str(kind)
        span = tracer.start_span(name, attributes=attributes)
        return ChainSpan(span if span.is_recording() else None, settings.content)
    except Exception:
        logger.debug("A span could not be started", exc_info=True)
        return ChainSpan(None, _NO_CONTENT)


@contextmanager
def span(name: str, kind: SpanKind | str = SpanKind.WORKFLOW, *, input: Any = None) -> Generator[ChainSpan]:
    """One step of a chain; model calls and steps inside become its children.

    `kind` is a `SpanKind` value; an unknown one counts as internal. An exception marks the span and passes
    on.
    """
    handle = open_span(name, kind, input)
    try:
        with handle.running():
            yield handle
    finally:
        handle.end()


def open_span(name: str, kind: SpanKind | str, given: Any) -> ChainSpan:
    """A started span that is not yet current; whoever opens it ends it."""
    handle = _start(name, kind_from(kind))
    handle.set_input(given)
    return handle


def kind_from(given: object) -> SpanKind:
    """The kind of this name; what is none counts as internal."""
    return SpanKind(given) if isinstance(given, str) and given in set(SpanKind) else SpanKind.INTERNAL


@contextmanager
def cache(
    name: str = "cache",
    *,
    kind: CacheKind | str = CacheKind.EXACT,
    key_scope: str | None = None,
    query: Any = None,
) -> Generator[ChainSpan]:
    """A look-up in the app's own cache. Say what came of it with `set_lookup(hit=…, similarity=…,
    age_s=…)`."""
    with span(name, SpanKind.CACHE, input=query) as handle:
        handle.set(sightline.CACHE_KIND, kind)
        handle.set(sightline.CACHE_KEY_SCOPE, key_scope)
        yield handle
