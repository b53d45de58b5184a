"""Whether an answer has the form that was asked for: JSON, the declared schema, callable tools.

The schema check covers the keywords that OpenAI's structured outputs accept (type, enum, const, properties,
required, additionalProperties, items, prefixItems, anyOf, allOf, $ref); others are ignored, never failed.
"""

from __future__ import annotations

import json
from typing import Any

from sightline.facts import Facts
from sightline.readers.json_values import JsonObject, as_object, as_objects, as_text
from sightline.readers.messages import message_text

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "null": (type(None),),
    "number": (int, float),
    "integer": (int, float),
}
_MAX_DEPTH = 64
_MAX_STEPS = 10_000  # schemas that refer to themselves twice ask for 2^64 within that depth


def check_output(facts: Facts) -> tuple[bool, str] | None:
    """(valid, what is wrong); None where nothing was declared or there is no answer to check."""
    for message in facts.output_messages:
        for part in as_objects(message.get("parts")):
            if part.get("type") == "tool_call" and (problem := _check_tool_call(part, facts.tools)):
                return False, problem
    texts = [message_text(message) for message in facts.output_messages if not _calls_or_refuses(message)]
    if not facts.expects_json or not any(texts):
        called = any(part.get("type") == "tool_call" for m in facts.output_messages for part in m["parts"])
        return (True, "") if called and facts.tools else None
    for text in texts:
        try:
            value = json.loads(text)
        except (ValueError, RecursionError) as error:
            return False, f"not JSON: {error}"
        if facts.output_schema and (problem := find_violation(value, facts.output_schema)):
            return False, problem
    return True, ""


def _calls_or_refuses(message: JsonObject) -> bool:
    return any(part.get("type") in {"tool_call", "refusal"} for part in as_objects(message.get("parts")))


def _check_tool_call(part: JsonObject, tools: list[JsonObject]) -> str:
    name = as_text(part.get("name"))
    offered = {as_text(tool.get("name")): tool for tool in tools}
    if offered and name not in offered:
        return f"tool {name!r} was not offered"
    tool = offered.get(name, {})
    schema = as_object(tool.get("parameters"))
    arguments = part.get("arguments")
    if tool.get("type") == "custom" or arguments is None or (arguments == "" and not schema.get("required")):
        return ""
    if isinstance(arguments, str):
        return f"arguments of tool {name!r} are not JSON"
    problem = find_violation(arguments, schema) if schema else ""
    return f"arguments of tool {name!r}: {problem}" if problem else ""


def find_violation(value: Any, schema: JsonObject) -> str:
    """The first place where a value breaks the schema, as `path: reason`; "" when none is found.

    What takes too many steps is not looked at to its end.
    """
    return _violation(value, schema, _Check(schema), "$", 0)


class _Check:
    """What one check refers to, and how much of it may still be done."""

    __slots__ = ("root", "steps_left")

    def __init__(self, root: JsonObject) -> None:
        self.root = root
        self.steps_left = _MAX_STEPS


def _violation(value: Any, schema: Any, check: _Check, path: str, depth: int) -> str:
    check.steps_left -= 1
    if check.steps_left < 0 or depth > _MAX_DEPTH:
        return ""
    if schema is False:
        return f"{path}: is not allowed"
    if not isinstance(schema, dict):
        return ""
    if isinstance(reference := schema.get("$ref"), str):
        return _violation(value, _resolve(reference, check.root), check, path, depth + 1)
    if (problem := _type_problem(value, schema.get("type"))) or (problem := _enum_problem(value, schema)):
        return f"{path}: {problem}"
    if branches := as_objects(schema.get("anyOf")):
        problems = [_violation(value, branch, check, path, depth + 1) for branch in branches]
        if all(problems):
            return problems[0]
    for branch in as_objects(schema.get("allOf")):
        if problem := _violation(value, branch, check, path, depth + 1):
            return problem
    if isinstance(value, dict):
        return _object_violation(value, schema, check, path, depth)
    if isinstance(value, list):
        first = schema.get("prefixItems")
        prefix = first if isinstance(first, list) else []
        for index, item in enumerate(value):
            rule = prefix[index] if index < len(prefix) else schema.get("items")
            if problem := _violation(item, rule, check, f"{path}[{index}]", depth + 1):
                return problem
    return ""


def _object_violation(value: JsonObject, schema: JsonObject, check: _Check, path: str, depth: int) -> str:
    properties = as_object(schema.get("properties"))
    required = schema.get("required")
    for name in required if isinstance(required, list) else []:
        if name not in value:
            return f"{path}: {name!r} is a required property"
    for name, item in value.items():
        rule = properties.get(name, schema.get("additionalProperties", True))
        if rule is False:
            return f"{path}: {name!r} is not a declared property"
        if problem := _violation(item, rule, check, f"{path}.{name}", depth + 1):
            return problem
    return ""


def _type_problem(value: Any, declared: Any) -> str:
    names = [declared] if isinstance(declared, str) else declared if isinstance(declared, list) else []
    known = [name for name in names if name in _TYPES]
    if not known or any(_has_type(value, name) for name in known):
        return ""
    return f"{type(value).__name__} is not of type {' or '.join(known)}"


def _has_type(value: Any, name: str) -> bool:
    if isinstance(value, bool):
        return name == "boolean"
    if name == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, _TYPES[name])


def _enum_problem(value: Any, schema: JsonObject) -> str:
    allowed = schema.get("enum")
    if isinstance(allowed, list) and value not in allowed:
        return "is not one of the declared values"
    return "is not the declared value" if "const" in schema and value != schema["const"] else ""


def _resolve(reference: str, root: JsonObject) -> Any:
    """A local JSON pointer (RFC 6901); one that leads nowhere allows everything."""
    target: Any = root
    for step in reference.removeprefix("#").split("/")[1:]:
        target = as_object(target).get(step.replace("~1", "/").replace("~0", "~"), True)
    return target
