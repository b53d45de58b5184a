"""Whether an answer keeps to the format that its call declared, where the span says which.

Schemas are content of strangers: nothing is fetched, patterns are not run (a regular expression can take for
ever), and a check that takes too many steps, or depends on what is not run, says nothing.
"""

import re
import threading
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import orjson
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend
from referencing import Registry

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


class _Undecided(Exception):
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
    _progress.steps = _progress.deciding = 0
    try:
        validator = _validator(orjson.dumps(schema, option=orjson.OPT_SORT_KEYS))
        error = next(iter(validator.iter_errors(value)), None) if validator else None
    except Exception:  # the library raises whatever it stumbles over, where a reference leads to no schema
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
        case "additionalProperties":
            return "has properties that are not declared"
        case "enum" | "const":
            return "is none of the values that are allowed"
        case keyword:
            return f"breaks {keyword}"


@lru_cache(maxsize=256)
def _validator(schema: bytes) -> Any:
    """Return the validator of a schema; `None` for one that is none, which is as dear to find out."""
    # What it names as its dialect would be checked by rules of that dialect, which have no bounds.
    parsed = orjson.loads(_DIALECT.sub(b'"$comment":', schema))
    try:
        Draft202012Validator.check_schema(parsed)
    except Exception:  # SchemaError, or what its regular expressions raise
        return None
    return _Bounded(parsed, registry=Registry())


_DIALECT = re.compile(rb'"\$schema":(?=")')


class _Progress(threading.local):
    """How often the present check went deeper (schemas can make it branch without end), and where it is.

    `deciding` counts the keywords around it under which what fits too much makes an answer wrong.
    """

    steps = 0
    deciding = 0


_progress = _Progress()


def _not_run(*_: object) -> Iterator[ValidationError]:
    if _progress.deciding:
        raise _Undecided
    return iter(())


def _bounded(keyword: str) -> Any:
    check = Draft202012Validator.VALIDATORS[keyword]

    def bounded(validator: Any, rule: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
        _progress.steps += 1
        if _progress.steps > _MAX_STEPS:
            raise _Undecided
        if keyword not in _DECIDING:
            return check(validator, rule, instance, schema) or iter(())
        _progress.deciding += 1
        errors = list(check(validator, rule, instance, schema) or ())
        _progress.deciding -= 1
        return iter(errors)

    return bounded


def _additional_properties(validator: Any, rule: Any, instance: Any, schema: Any) -> Any:
    if "patternProperties" in schema:  # which properties are additional is for its patterns to say
        return _not_run()
    return Draft202012Validator.VALIDATORS["additionalProperties"](validator, rule, instance, schema)


_DECIDING = frozenset({"not", "oneOf", "if", "contains"})
_NOT_RUN = ("pattern", "patternProperties", "uniqueItems", "unevaluatedItems", "unevaluatedProperties")
_Bounded: Any = extend(  # type: ignore[no-untyped-call]
    Draft202012Validator,
    {
        **dict.fromkeys(_NOT_RUN, _not_run),
        **{keyword: _bounded(keyword) for keyword in (*_DECIDING, "$ref", "$dynamicRef", "anyOf", "allOf")},
        "additionalProperties": _additional_properties,
    },
)
