"""Answers are held against the format that their call declared, and hostile schemas decide nothing."""

from typing import Any, cast

import orjson
import pytest

from sightline_analysis.failures.declared_format import declared_schema, find_violation
from sightline_analysis.failures.detection import detect
from sightline_storage import SpanRecord

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "city": {"type": "string"},
        "days": {"type": "array", "items": {"$ref": "#/$defs/day"}},
        "unit": {"enum": ["C", "F"]},
    },
    "required": ["city"],
    "additionalProperties": False,
    "$defs": {"day": {"type": "object", "properties": {"high": {"type": "number"}}}},
}
DECLARED = orjson.dumps(
    {"temperature": 0, "response_format": {"type": "json_schema", "json_schema": {"schema": SCHEMA}}}
).decode()


def _failure(text: str, declared: str = DECLARED, **columns: Any) -> tuple[str, str] | None:
    message = [{"role": "assistant", "parts": [{"type": "text", "content": text}]}]
    record: dict[str, Any] = {
        "kind": "llm",
        "status": "ok",
        "output": orjson.dumps(message).decode(),
        "output_preview": text[:100],
        "attributes": {"llm.invocation_parameters": declared},
        **columns,
    }
    failure = detect(cast(SpanRecord, record))
    return (failure.category.value, failure.message) if failure else None


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ('{"city": "Rome", "days": [{"high": 31}]}', None),
        ("Sure! Here you are: {}", ("invalid_json", "the answer is not JSON")),
        ('{"days": []}', ("schema_violation", "$: 'city' is a required property")),
        ('{"city": 7}', ("schema_violation", "$.city: is not of type string")),
        (
            '{"city": "Rome", "days": [{"high": "hot"}]}',
            ("schema_violation", "$.days[].high: is not of type number"),
        ),
        (
            '{"city": "Rome", "unit": "K"}',
            ("schema_violation", "$.unit: is none of the values that are allowed"),
        ),
        ('{"city": "Rome", "x": 1}', ("schema_violation", "$: has properties that are not declared")),
    ],
)
def test_an_answer_has_to_fit_its_declared_schema(answer: str, expected: tuple[str, str] | None) -> None:
    assert _failure(answer) == expected


def test_what_the_sdk_has_checked_is_not_checked_again() -> None:
    assert _failure("no JSON", output_valid=1) is None


def test_any_json_fits_where_only_json_was_declared() -> None:
    declared = '{"response_format": {"type": "json_object"}}'
    assert _failure("[1]", declared) is None
    assert _failure("one", declared) == ("invalid_json", "the answer is not JSON")
    assert _failure("one", '{"response_format": {"type": "text"}}') is None


@pytest.mark.parametrize(
    "attributes",
    [
        {"gen_ai.request.structured_output_schema": orjson.dumps(SCHEMA).decode()},
        {"ai.schema": orjson.dumps(SCHEMA).decode()},
        {
            "request_data": orjson.dumps(
                {"text": {"format": {"type": "json_schema", "schema": SCHEMA}}}
            ).decode()
        },
        {"invocation_params": orjson.dumps({"generation_config": {"response_schema": SCHEMA}}).decode()},
    ],
)
def test_the_schema_is_found_where_instrumentations_put_it(attributes: dict[str, str]) -> None:
    assert declared_schema(attributes) == SCHEMA


def test_arguments_of_a_tool_have_to_fit_its_parameters() -> None:
    tools = [{"type": "function", "name": "weather", "parameters": SCHEMA}]
    call = [{"parts": [{"type": "tool_call", "name": "weather", "arguments": {"city": 7}}]}]
    record: SpanRecord = {
        "kind": "llm",
        "output": orjson.dumps(call).decode(),
        "tool_definitions": orjson.dumps(tools).decode(),
    }
    failure = detect(record)
    assert failure is not None
    assert failure.category == "malformed_tool_call"
    assert failure.message == "arguments of tool 'weather' do not fit: $.city: is not of type string"


def _branching(depth: int) -> dict[str, Any]:
    definitions: dict[str, Any] = {f"n{depth}": {"type": "string"}}
    for level in range(depth):
        definitions[f"n{level}"] = {"anyOf": [{"$ref": f"#/$defs/n{level + 1}"}] * 2}
    return {"$ref": "#/$defs/n0", "$defs": definitions}


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#"},
        {"$ref": "http://127.0.0.1:9/schema.json"},
        {"type": "no such type"},
        {"pattern": "(a+)+$"},
        {"pattern": "a{99999999999999}"},
        {"oneOf": [{"type": "integer"}, {"type": "string", "pattern": "^b"}, {"pattern": "^a"}]},
        {"allOf": [{"not": {"pattern": "^b"}}]},
        {"properties": 7},
        {"$ref": "#/somewhere", "somewhere": {"$ref": 7}},
        {"$ref": "#/required", "required": ["city"]},
        _branching(60),
        {"allOf": [{"$schema": "http://json-schema.org/draft-07/schema#", "pattern": "(a+)+$"}]},
    ],
)
def test_a_schema_that_cannot_be_used_decides_nothing(schema: dict[str, Any]) -> None:
    assert find_violation("a" * 5_000 + "!", schema) == ""
    assert find_violation(7, schema) == ""


@pytest.mark.timeout(20)
@pytest.mark.parametrize("rule", ["additionalProperties", "unevaluatedProperties"])
def test_patterns_of_properties_are_not_run_to_tell_which_are_declared(rule: str) -> None:
    schema = {"patternProperties": {"^(a+)+$": {}}, "properties": {"days": {"type": "integer"}}, rule: False}
    assert find_violation({"a" * 5_000 + "!": 1}, schema) == ""
    assert find_violation({"days": "two"}, schema) == "$.days: is not of type integer"


def test_alternatives_are_told_apart_by_what_is_checked() -> None:
    named = [{"properties": {"kind": {"const": kind}}, "required": ["kind"]} for kind in ("cat", "dog")]
    assert find_violation({"kind": "cat"}, {"oneOf": named}) == ""
    assert find_violation({"kind": "cow"}, {"oneOf": named}) == "$: breaks oneOf"
