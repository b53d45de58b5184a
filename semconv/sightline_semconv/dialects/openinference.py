"""OpenInference (Arize Phoenix and the many `openinference-instrumentation-*` packages).

Source: Arize-ai/openinference, `spec/semantic_conventions.md` (November 2026).
"""

from typing import Any

from sightline_semconv import gen_ai, sightline
from sightline_semconv.dialects.api_body import read_parameters, read_response
from sightline_semconv.dialects.content import is_counted_call, is_model_call
from sightline_semconv.dialects.dialect import Attributes, Dialect, Value
from sightline_semconv.dialects.flattened import (
    as_text,
    dump_json,
    move_missing,
    parse_json,
    set_missing,
    take_tree,
)
from sightline_semconv.dialects.messages import message_list, text_message, to_messages
from sightline_semconv.dialects.tool_definitions import tool_definitions
from sightline_semconv.kinds import GuardrailOutcome, SpanKind

_KINDS = {
    "llm": SpanKind.LLM,
    "embedding": SpanKind.EMBEDDING,
    "retriever": SpanKind.RETRIEVAL,
    "reranker": SpanKind.RETRIEVAL,
    "tool": SpanKind.TOOL,
    "agent": SpanKind.AGENT,
    "chain": SpanKind.WORKFLOW,
    "guardrail": SpanKind.GUARDRAIL,
    "evaluator": SpanKind.EVALUATION,
    "prompt": SpanKind.INTERNAL,
    "decision": SpanKind.INTERNAL,
    "unknown": SpanKind.INTERNAL,
}

_RENAMES = {
    "llm.provider": gen_ai.PROVIDER_NAME,
    "llm.model_name": gen_ai.RESPONSE_MODEL,
    "llm.response.model_name": gen_ai.RESPONSE_MODEL,
    "llm.request.model_name": gen_ai.REQUEST_MODEL,
    "embedding.model_name": gen_ai.REQUEST_MODEL,
    "reranker.model_name": gen_ai.REQUEST_MODEL,
    "llm.finish_reason": gen_ai.RESPONSE_FINISH_REASONS,
    "llm.token_count.prompt": gen_ai.USAGE_INPUT_TOKENS,
    "llm.token_count.completion": gen_ai.USAGE_OUTPUT_TOKENS,
    "llm.token_count.prompt_details.cache_read": gen_ai.USAGE_CACHE_READ_INPUT_TOKENS,
    "llm.token_count.prompt_details.cache_write": gen_ai.USAGE_CACHE_WRITE_INPUT_TOKENS,
    "llm.token_count.prompt_details.audio": gen_ai.USAGE_AUDIO_INPUT_TOKENS,
    "llm.token_count.completion_details.reasoning": gen_ai.USAGE_REASONING_OUTPUT_TOKENS,
    "llm.token_count.completion_details.audio": gen_ai.USAGE_AUDIO_OUTPUT_TOKENS,
    "llm.cost.total": sightline.EMITTER_COST_USD,
    "llm.prompt_template.version": gen_ai.PROMPT_VERSION,
    "tool.name": gen_ai.TOOL_NAME,
    "tool_call.function.name": gen_ai.TOOL_NAME,
    "tool.description": gen_ai.TOOL_DESCRIPTION,
    "tool.id": gen_ai.TOOL_CALL_ID,
    "tool_call.id": gen_ai.TOOL_CALL_ID,
    "tool_call.function.arguments": gen_ai.TOOL_CALL_ARGUMENTS,
    "agent.name": gen_ai.AGENT_NAME,
    "tag.tags": sightline.TAGS,
}


def _restructure(attributes: Attributes) -> None:
    # `llm.system` is the model's maker, `llm.provider` the host; the host decides the price.
    if gen_ai.PROVIDER_NAME not in attributes and isinstance(attributes.get("llm.system"), str):
        attributes[gen_ai.PROVIDER_NAME] = attributes.pop("llm.system")
    _read_agents_and_guardrails(attributes)
    _read_parameters(attributes)
    is_call = is_model_call(attributes)
    answer = parse_json(attributes.get("output.value")) if is_call else None
    if isinstance(answer, dict):
        read_response(attributes, answer)
    _read_messages(attributes, "llm.input_messages", "input.value", gen_ai.INPUT_MESSAGES, "user", is_call)
    _read_messages(
        attributes, "llm.output_messages", "output.value", gen_ai.OUTPUT_MESSAGES, "assistant", is_call
    )
    if not is_call:
        move_missing(attributes, "input.value", sightline.INPUT)
        move_missing(attributes, "output.value", sightline.OUTPUT)
    for name in ("input.mime_type", "output.mime_type"):
        attributes.pop(name, None)
    tools = take_tree(attributes, "llm.tools")
    if isinstance(tools, list):
        set_missing(attributes, gen_ai.TOOL_DEFINITIONS, tool_definitions([_tool(item) for item in tools]))
    _read_documents(attributes)
    _read_metadata(attributes)


def _read_agents_and_guardrails(attributes: Attributes) -> None:
    """Instrumentations of OpenAI's Agents name an agent as a node of the graph, and a guardrail as a tool."""
    kind, triggered = attributes.get(sightline.SPAN_KIND), attributes.get("guardrail.triggered")
    if kind == SpanKind.AGENT:
        set_missing(
            attributes, gen_ai.AGENT_NAME, attributes.get("graph.node.name", attributes.get("graph.node.id"))
        )
    elif kind == SpanKind.GUARDRAIL and isinstance(triggered, bool):
        outcome = GuardrailOutcome.BLOCK if triggered else GuardrailOutcome.PASS
        set_missing(attributes, sightline.GUARDRAIL_OUTCOME, outcome.value)
        move_missing(attributes, gen_ai.TOOL_NAME, sightline.GUARDRAIL_NAME)


def _read_parameters(attributes: Attributes) -> None:
    """Parameters become attributes of their own; the original text stays, it may hold more."""
    parameters = parse_json(attributes.get("llm.invocation_parameters"))
    if isinstance(parameters, dict):
        read_parameters(attributes, parameters)


def _read_messages(
    attributes: Attributes, prefix: str, whole: str, name: str, role: str, is_call: bool
) -> None:
    tree = take_tree(attributes, prefix)
    is_list = isinstance(tree, list)
    if is_list and '"reasoning"' in str(attributes.get(whole)):
        _name_thoughts(tree)
    messages = message_list(tree, role=role) if is_list else to_messages(tree, role=role)
    if is_call and role == "assistant" and messages:
        messages = _with_thoughts(messages, attributes.get(whole))
    if messages:
        set_missing(attributes, name, dump_json(messages))
        if is_call:
            # The same conversation once more, as the framework's own JSON.
            attributes.pop(whole, None)
    elif is_call and name not in attributes and attributes.get(whole) not in (None, ""):
        raw = attributes.pop(whole)
        attributes[name] = dump_json(to_messages(raw, role=role) or text_message(role, as_text(raw)))


def _with_thoughts(messages: list[dict[str, Any]], whole: Value) -> list[dict[str, Any]]:
    """What OpenAI's Agents thought before an answer is in the whole body of it alone."""
    if '"reasoning"' not in str(whole) or _thinks(messages):
        return messages
    body = parse_json(whole)
    said = to_messages(body, role="assistant") if isinstance(body, dict) else None
    return said if said and _thinks(said) else messages


def _thinks(messages: list[dict[str, Any]]) -> bool:
    return any(
        part.get("type") == "reasoning" and part.get("content")
        for message in messages
        for part in message["parts"]
    )


def _name_thoughts(items: list[Any]) -> None:
    """What a model thought at an earlier turn has no role in JavaScript, and is of the type of any text."""
    for item in items:
        message = item.get("message") if isinstance(item, dict) else None
        if isinstance(message, dict) and "role" not in message and isinstance(message.get("contents"), list):
            message["role"] = "assistant"
            for content in message["contents"]:
                part = content.get("message_content") if isinstance(content, dict) else None
                if isinstance(part, dict) and part.get("type") == "text":
                    part["type"] = "reasoning"


def _tool(item: Any) -> Any:
    """What a tool's `json_schema` says, which has the form of the provider's API."""
    tool = item.get("tool") if isinstance(item, dict) else item
    schema = parse_json(tool.get("json_schema") if isinstance(tool, dict) else tool)
    return schema if isinstance(schema, dict) else {"type": "function", "name": "", "schema": schema}


def _read_documents(attributes: Attributes) -> None:
    for prefix in ("retrieval.documents", "reranker.output_documents"):
        tree = take_tree(attributes, prefix)
        if isinstance(tree, list):
            documents = [_document(item) for item in tree]
            set_missing(attributes, gen_ai.RETRIEVAL_DOCUMENTS, dump_json(documents))


def _document(item: Any) -> Any:
    document = item.get("document", item) if isinstance(item, dict) else item
    if isinstance(document, dict) and "metadata" in document:
        document = {**document, "metadata": parse_json(document["metadata"])}
    return document


def _read_metadata(attributes: Attributes) -> None:
    """LangChain's user and session and its model's host can be in its metadata alone, which stays."""
    metadata = attributes.get("metadata")
    if not isinstance(metadata, str) or not any(mark in metadata for mark in _IN_METADATA):
        return
    said = parse_json(metadata)
    if not isinstance(said, dict):
        return
    for key, name in _IDENTITIES.items():
        if isinstance(said.get(key), str | int):
            set_missing(attributes, name, str(said[key]))
    if isinstance(said.get("ls_provider"), str) and is_counted_call(attributes):
        set_missing(attributes, gen_ai.PROVIDER_NAME, said["ls_provider"])


_IDENTITIES = {
    "user_id": sightline.USER_ID,
    "userId": sightline.USER_ID,
    "session_id": sightline.SESSION_ID,
    "sessionId": sightline.SESSION_ID,
}
_IN_METADATA = (*(f'"{key}"' for key in _IDENTITIES), '"ls_provider"')

OPENINFERENCE = Dialect(
    name="openinference",
    prefixes=(
        "openinference.",
        "llm.input_messages.",
        "llm.output_messages.",
        "llm.tools.",
        "llm.token_count.",
        "retrieval.documents.",
        "reranker.",
        "embedding.",
        # Of the app's own spans by hand, often all that they say.
        "input.value",
        "output.value",
    ),
    renames=_RENAMES,
    kind_attribute="openinference.span.kind",
    kinds=_KINDS,
    restructure=_restructure,
)
