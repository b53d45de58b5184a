"""Sentry's SDKs: answers, tool calls and offered tools under `gen_ai.` names of its own.

Source: getsentry/sentry-conventions, `model/attributes/gen_ai`.
"""

from typing import Any

from sightline_semconv import gen_ai
from sightline_semconv.dialects.content import is_model_call, take_content, to_conversation
from sightline_semconv.dialects.dialect import Attributes, Dialect
from sightline_semconv.dialects.flattened import parse_json, set_missing
from sightline_semconv.dialects.tool_definitions import tool_definitions

_TEXT, _CALLS, _TOOLS = "gen_ai.response.text", "gen_ai.response.tool_calls", "gen_ai.request.available_tools"
_TOOL_INPUT, _TOOL_OUTPUT, _EMBEDDED = "gen_ai.tool.input", "gen_ai.tool.output", "gen_ai.embeddings.input"


def _restructure(attributes: Attributes) -> None:
    tools = parse_json(attributes.get(_TOOLS))
    if isinstance(tools, list) and gen_ai.TOOL_DEFINITIONS not in attributes:
        del attributes[_TOOLS]
        attributes[gen_ai.TOOL_DEFINITIONS] = tool_definitions(tools)
    if is_model_call(attributes) and gen_ai.OUTPUT_MESSAGES not in attributes:
        _read_answer(attributes)
    take_content(attributes, [_TOOL_INPUT, _EMBEDDED], [_TOOL_OUTPUT, _TEXT])


def _read_answer(attributes: Attributes) -> None:
    """Texts and calls are attributes of their own, but one message; of a stream of OpenAI's Responses API
    the calls are all items of the answer, its text among them."""
    text, calls = parse_json(attributes.get(_TEXT)), parse_json(attributes.get(_CALLS))
    items = [call for call in calls if isinstance(call, dict)] if isinstance(calls, list) else []
    content: list[Any] = [item for item in items if item.get("type") == "reasoning"]
    content += [
        said for said in (text if isinstance(text, list) else [text]) if isinstance(said, str) and said
    ]
    content += [item for item in items if item.get("type") not in ("reasoning", "message")]
    if not content:
        return
    for name in (_TEXT, _CALLS):
        attributes.pop(name, None)
    said = to_conversation([{"role": "assistant", "content": content}], "assistant")
    set_missing(attributes, gen_ai.OUTPUT_MESSAGES, said)


SENTRY = Dialect(
    name="sentry",
    prefixes=(_TEXT, _CALLS, _TOOLS, _TOOL_INPUT, _TOOL_OUTPUT, _EMBEDDED),
    renames={
        "gen_ai.request.messages": gen_ai.INPUT_MESSAGES,
        "gen_ai.response.streaming": gen_ai.REQUEST_STREAM,
    },
    restructure=_restructure,
)
