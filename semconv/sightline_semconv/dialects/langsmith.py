"""LangSmith's OTLP attributes (langsmith SDK with OpenTelemetry on). Content is under `gen_ai.prompt`."""

from typing import Any

from sightline_semconv import gen_ai, sightline
from sightline_semconv.dialects.api_body import read_usage
from sightline_semconv.dialects.content import is_model_call, printed_object, take_content
from sightline_semconv.dialects.dialect import Attributes, Dialect
from sightline_semconv.dialects.flattened import as_text, parse_json
from sightline_semconv.kinds import SpanKind


def _restructure(attributes: Attributes) -> None:
    details = ("input_token_details", "output_token_details")
    read_usage(attributes, {name: _take_counts(attributes, f"gen_ai.usage.{name}") for name in details})
    if is_model_call(attributes):
        # Of a stream of its SDK for JavaScript this is all that says what it used.
        read_usage(attributes, printed_object(attributes.get("langsmith.usage_metadata")))
    else:
        _open_results(attributes)
    take_content(
        attributes, ["gen_ai.prompt", "langsmith.inputs"], ["gen_ai.completion", "langsmith.outputs"]
    )
    tags = attributes.get(sightline.TAGS)
    if isinstance(tags, str):
        attributes[sightline.TAGS] = [tag.strip() for tag in tags.split(",") if tag.strip()]


def _open_results(attributes: Attributes) -> None:
    """What a traced function returns is sent as the only value of an object."""
    for name in ("gen_ai.completion", "langsmith.outputs"):
        match parse_json(attributes.get(name)):
            case {"output": result, **more} | {"outputs": result, **more} if not more and result is not None:
                attributes[name] = as_text(result)


def _take_counts(attributes: Attributes, name: str) -> dict[str, Any]:
    """Remove and return an object of counts; older versions wrote it as JSON."""
    counts = printed_object(attributes.get(name))
    if counts:
        del attributes[name]
    return counts


LANGSMITH = Dialect(
    name="langsmith",
    prefixes=("langsmith.",),
    renames={
        "langsmith.metadata.session_id": sightline.SESSION_ID,
        "langsmith.metadata.thread_id": sightline.SESSION_ID,
        "langsmith.metadata.conversation_id": sightline.SESSION_ID,
        "langsmith.metadata.user_id": sightline.USER_ID,
        "langsmith.metadata.ls_provider": gen_ai.PROVIDER_NAME,
        "langsmith.metadata.ls_model_name": gen_ai.REQUEST_MODEL,
        "langsmith.span.tags": sightline.TAGS,
        "langsmith.request.streaming": gen_ai.REQUEST_STREAM,
    },
    kind_attribute="langsmith.span.kind",
    kinds={
        "llm": SpanKind.LLM,
        "chain": SpanKind.WORKFLOW,
        "tool": SpanKind.TOOL,
        "retriever": SpanKind.RETRIEVAL,
        "embedding": SpanKind.EMBEDDING,
        "prompt": SpanKind.INTERNAL,
        "parser": SpanKind.INTERNAL,
    },
    restructure=_restructure,
)
