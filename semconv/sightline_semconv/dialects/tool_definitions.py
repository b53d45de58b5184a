"""Tools offered to a model, as each provider's API has them → GenAI's flat form.

The flat form is `{"type": "function", "name", "description", "parameters"}`. Flattening twice equals once.
"""

from typing import Any

from sightline_semconv import gen_ai
from sightline_semconv.dialects.dialect import Attributes
from sightline_semconv.dialects.flattened import dump_json, parse_json

_HOLDS_ONE = ("function", "toolSpec")  # OpenAI's chat API; Bedrock
_HOLDS_MANY = ("function_declarations", "functionDeclarations")  # Gemini
_SCHEMAS = ("parameters", "input_schema", "inputSchema", "parameters_json_schema", "parametersJsonSchema")

_NOT_FLAT = tuple(f'"{key}":' for key in (*_HOLDS_ONE, *_HOLDS_MANY, *_SCHEMAS[1:]))


def tool_definitions(tools: list[Any]) -> str:
    """Return tools in the flat form as JSON. What is no tool of a known kind is kept as it is."""
    waiting = tools[::-1]
    found = []
    while waiting:
        tool = parse_json(waiting.pop())
        if not isinstance(tool, dict):
            found.append(tool)
        elif inner := next((tool[key] for key in _HOLDS_ONE if isinstance(tool.get(key), dict)), None):
            waiting.append(inner)
        elif declared := next((tool[key] for key in _HOLDS_MANY if isinstance(tool.get(key), list)), None):
            waiting += declared[::-1]
        else:
            found.append(_flat(tool))
    return dump_json(found)


def _flat(tool: dict[str, Any]) -> dict[str, Any]:
    key = next((key for key in _SCHEMAS if key in tool), None)
    if key is None:
        return {"type": "function", **tool} if "name" in tool else tool
    schema = parse_json(tool[key])
    if key == "inputSchema" and isinstance(schema, dict) and isinstance(schema.get("json"), dict):
        schema = schema["json"]  # Bedrock says how it is written
    rest = {name: value for name, value in tool.items() if name != key}
    return {"type": "function", **rest, "parameters": schema}


def is_tool_definition(value: Any) -> bool:
    """Return whether an object defines a tool in one of the known forms."""
    return isinstance(value, dict) and any(key in value for key in (*_HOLDS_ONE, *_HOLDS_MANY, *_SCHEMAS))


def flatten_tool_definitions(attributes: Attributes) -> None:
    """Make tools flat that an emitter set under the GenAI name in the form of its provider."""
    said = attributes.get(gen_ai.TOOL_DEFINITIONS)
    if isinstance(said, str) and any(mark in said for mark in _NOT_FLAT):
        tools = parse_json(said)
        if isinstance(tools, list):
            attributes[gen_ai.TOOL_DEFINITIONS] = tool_definitions(tools)
