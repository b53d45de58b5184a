"""Whether an answer keeps to the format that its call declared, where the span says which.

Schemas are content of strangers: nothing is fetched, patterns are not run (a regular expression can take for
ever), and a check that takes too many steps says nothing.
"""

import threading
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import orjson
from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, ValidationError
from jsonschema.validators import extend
from referencing import Registry
from referencing.exceptions import Unresolvable

MAX_SCHEMA_CHARS = 100_000
MAX_ANSWER_CHARS = 500_000
_MAX_STEPS = 20_000
_MAX_DEPTH = 6

SCHEMA_ATTRIBUTES = (
    "gen_ai.request.response_format",
    "gen_ai.request.structured_output_schema",
    "gen_ai.openai.request.response_format",
    "llm.invocation_parameters",
    "llm.request.structured_output_schema",
    "invocation_params",
    "request_data",
    "response_format",
    "ai.schema",
)
"""Attributes in which instrumentations keep the declared format: as a schema, or as the request around it."""
_SCHEMA_ATTRIBUTES = frozenset(SCHEMA_ATTRIBUTES)

_INSIDE = (
    "response_format",
    "format",
    "text",
    "json_schema",
    "generation_config",
    "generationConfig",
    "config",
)
_SCHEMA_KEYS = ("schema", "response_schema", "responseSchema", "responseJsonSchema", "response_json_schema")


class _TooManySteps(Exception):
    """The check was given up."""


def declared_schema(attributes: Mapping[str, str]) -> dict[str, Any] | None:
    """Return the schema that an answer has to fit, `{}` for any JSON; `None` when none was declared."""
    if _SCHEMA_ATTRIBUTES.isdisjoint(attributes):
        return None
    for name in SCHEMA_ATTRIBUTES:
        text = attributes.get(name)
        if not text or len(text) > MAX_SCHEMA_CHARS:
            continue
        try:
            value = orjson.loads(text)
        except orjson.JSONDecodeError:
            continue
        found = _schema_in(value, 0)
        if found is not None:
            return found
    return None


def _schema_in(value: object, depth: int) -> dict[str, Any] | None:
    if not isinstance(value, dict) or depth > _MAX_DEPTH:
        return None
    if value.get("type") in ("json_object", "json") or value.get("response_mime_type") == "application/json":
        declared = _first_schema(value, depth)
        return {} if declared is None else declared
    if isinstance(value.get("properties"), dict) or "$schema" in value:
        return value
    return _first_schema(value, depth)


def _first_schema(value: dict[str, Any], depth: int) -> dict[str, Any] | None:
    for key in _SCHEMA_KEYS:
        if isinstance(value.get(key), dict):
            schema: dict[str, Any] = value[key]
            return schema
    return next(
        (found for key in _INSIDE if (found := _schema_in(value.get(key), depth + 1)) is not None), None
    )


def find_violation(value: object, schema: Mapping[str, Any]) -> str:
    """Return the first place where a JSON value breaks the schema, as `path: reason`; "" when it fits.

    Also "" for a schema that is none, is recursive without end, or refers to what is not inside it.
    """
    _steps.taken = 0
    try:
        validator = _validator(orjson.dumps(schema, option=orjson.OPT_SORT_KEYS))
        error = next(iter(validator.iter_errors(value)), None)
    except (SchemaError, Unresolvable, RecursionError, _TooManySteps, TypeError, ValueError):
        return ""
    return "" if error is None else f"{_path(error)}: {_reason(error)}"


def _path(error: ValidationError) -> str:
    """Where it is; positions in lists vary from answer to answer and are left out."""
    return "$" + "".join("[]" if isinstance(part, int) else f".{part}" for part in error.absolute_path)


def _reason(error: ValidationError) -> str:
    """What is wrong, without the value: values differ from answer to answer and may be long."""
    match error.validator:
        case "required" | "dependentRequired":
            return str(error.message)
        case "type":
            wanted: Any = error.validator_value
            return f"is not of type {wanted if isinstance(wanted, str) else ' or '.join(map(str, wanted))}"
        case "additionalProperties" | "unevaluatedProperties":
            return "has properties that are not declared"
        case "enum" | "const":
            return "is none of the values that are allowed"
        case keyword:
            return f"breaks {keyword}"


@lru_cache(maxsize=256)
def _validator(schema: bytes) -> Any:
    parsed = orjson.loads(schema)
    Draft202012Validator.check_schema(parsed)
    return _Bounded(parsed, registry=Registry())


def _nothing(*_: object) -> Iterator[ValidationError]:
    return iter(())


def _counted(keyword: str) -> Any:
    check = Draft202012Validator.VALIDATORS[keyword]

    def counted(validator: Any, rule: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
        _steps.taken += 1
        if _steps.taken > _MAX_STEPS:
            raise _TooManySteps
        return check(validator, rule, instance, schema) or iter(())

    return counted


class _Steps(threading.local):
    """How often the present check went deeper; schemas can make it branch without end."""

    taken = 0


_steps = _Steps()
_Bounded: Any = extend(  # type: ignore[no-untyped-call]
    Draft202012Validator,
    {
        **dict.fromkeys(("pattern", "patternProperties", "format", "uniqueItems"), _nothing),
        **{
            keyword: _counted(keyword)
            for keyword in ("$ref", "$dynamicRef", "anyOf", "oneOf", "allOf", "not", "if")
        },
    },
)
