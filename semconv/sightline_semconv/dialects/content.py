"""Steps that several dialects share: a whole input or output as one attribute, usage as one JSON object."""

from collections.abc import Iterable, Mapping
from typing import Any

from sightline_semconv import gen_ai, sightline
from sightline_semconv.dialects.api_body import read_request, read_response
from sightline_semconv.dialects.dialect import Attributes, Value
from sightline_semconv.dialects.flattened import as_text, dump_json, parse_json, set_missing, unquote
from sightline_semconv.dialects.messages import text_message, to_messages
from sightline_semconv.kinds import COUNTED_KINDS, KIND_OF_OPERATION, SpanKind

Number = int | float


def is_model_call(attributes: Attributes) -> bool:
    """Return whether the span is a call of a chat or completion model, by what is canonical so far."""
    return _kind(attributes) == SpanKind.LLM


def is_counted_call(attributes: Attributes) -> bool:
    """Return whether the span is a call of a model whose tokens count, by what is canonical so far."""
    return _kind(attributes) in COUNTED_KINDS


def _kind(attributes: Attributes) -> str | None:
    kind = attributes.get(sightline.SPAN_KIND)
    if kind is None:
        operation = attributes.get(gen_ai.OPERATION_NAME)
        kind = KIND_OF_OPERATION.get(operation) if isinstance(operation, str) else None
    return kind if isinstance(kind, str) else None


def take_content(attributes: Attributes, inputs: Iterable[str], outputs: Iterable[str]) -> None:
    """Move the first attribute present of each list to the content of the span.

    Model calls get messages; retrievals get documents; for other spans the emitter's own text or JSON is
    kept. What a whole body of a model's API says beside its content is read. Nothing that is already there is
    replaced.
    """
    kind = _kind(attributes)
    for names, messages, plain, role in (
        (inputs, gen_ai.INPUT_MESSAGES, sightline.INPUT, "user"),
        (outputs, gen_ai.OUTPUT_MESSAGES, sightline.OUTPUT, "assistant"),
    ):
        target = messages if kind == SpanKind.LLM else plain
        for name in names:
            value = attributes.get(name)
            if value in (None, "") or attributes.get(target) not in (None, ""):
                continue
            del attributes[name]
            body = parse_json(value) if kind in _KINDS_WITH_BODIES else None
            said = _conversation(body, value, role) if kind == SpanKind.LLM else as_text(value)
            set_missing(attributes, target, said)
            if kind == SpanKind.RETRIEVAL and role == "assistant":
                set_missing(attributes, gen_ai.RETRIEVAL_DOCUMENTS, _documents(body))
            elif kind in COUNTED_KINDS and isinstance(body, dict):
                (read_request if role == "user" else read_response)(attributes, body)


_KINDS_WITH_BODIES = COUNTED_KINDS | {SpanKind.RETRIEVAL}


def _documents(found: Any) -> str:
    """Return documents as LangChain and its like have them in the GenAI shape; "" when there are none."""
    if isinstance(found, dict):
        found = found.get("documents", found.get("output"))
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        return ""
    documents = []
    for item in found:
        text = next((item[key] for key in ("page_content", "pageContent") if key in item), None)
        rest = {key: value for key, value in item.items() if key in ("id", "score", "metadata") and value}
        documents.append({**rest, "content": text} if text is not None else item)
    return dump_json(documents)


def to_conversation(value: Value, role: str) -> str:
    """Return any content as messages in JSON; text that is no conversation becomes one message.

    Nothing said is "": an object of nulls, or messages with neither a part nor a reason why they end.
    """
    return _conversation(parse_json(value), value, role)


def _conversation(body: Any, value: Value, role: str) -> str:
    if isinstance(body, dict) and all(inner is None for inner in body.values()):
        return ""
    messages = to_messages(body, role=role) or text_message(role, as_text(value))
    said = any(message["parts"] or "finish_reason" in message for message in messages)
    return dump_json(messages) if said else ""


def name_assistant(attributes: Attributes) -> None:
    """Give an answer whose role is unknown to its emitter (OpenLLMetry, of streams) to the assistant."""
    said = attributes.get(gen_ai.OUTPUT_MESSAGES) or ""
    messages = to_messages(said, role="assistant") if '"unknown"' in as_text(said) else None
    nameless = [message for message in messages or [] if message["role"] == "unknown"]
    if nameless:
        for message in nameless:
            message["role"] = "assistant"
        attributes[gen_ai.OUTPUT_MESSAGES] = dump_json(messages)


def take_object(attributes: Attributes, name: str) -> dict[str, Any]:
    """Remove an attribute that holds a JSON object and return it; {} when it does not hold one."""
    value = parse_json(attributes.get(name))
    if not isinstance(value, dict):
        return {}
    del attributes[name]
    return value


def printed_object(value: Value) -> dict[str, Any]:
    """Return an object of counts that is written as Python prints it, or as JSON; {} when it is neither."""
    text = value.replace("'", '"').replace("None", "null") if isinstance(value, str) else value
    found = parse_json(text)
    return found if isinstance(found, dict) else {}


def set_numbers(attributes: Attributes, source: Mapping[str, Any], names: Mapping[str, str]) -> None:
    """Set canonical attributes from the numbers of an object, unless they are set."""
    for key, target in names.items():
        value = source.get(key)
        if isinstance(value, int | float) and not isinstance(value, bool) and target not in attributes:
            attributes[target] = value


def open_tags(attributes: Attributes) -> None:
    """Make a list of tags that are written as JSON, or of one that stands alone."""
    tags = attributes.get(sightline.TAGS)
    if isinstance(tags, str):
        parsed = parse_json(tags)
        attributes[sightline.TAGS] = parsed if isinstance(parsed, list) else [tags]


def take_quoted(attributes: Attributes, said: str, answered: str) -> None:
    """`take_content` of two attributes whose texts may be JSON string literals."""
    for name in (said, answered):
        if name in attributes:
            attributes[name] = unquote(attributes[name])
    take_content(attributes, [said], [answered])
