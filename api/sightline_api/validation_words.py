"""What is wrong with a parameter or a body, in words: pydantic's own speak of its schema and parser."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AwareDatetime, BeforeValidator, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

_SHOWN_CHARS = 40
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d.*")
_A_MOMENT = "a time with its zone, such as 2026-11-26T12:00:00Z; in an address a plus sign is written %2B"
_WORDS = {
    "missing": "is missing",
    "extra_forbidden": "is not known here",
    "json_invalid": "the body is not JSON at this character",
    "string_too_short": "has at least {min_length} characters",
    "string_too_long": "has at most {max_length} characters",
    "too_short": "has at least {min_length} entries",
    "too_long": "has at most {max_length} entries",
    "greater_than": "is more than {gt}",
    "greater_than_equal": "is at least {ge}",
    "less_than": "is less than {lt}",
    "less_than_equal": "is at most {le}",
    "finite_number": "is a finite number",
    "literal_error": "is {expected}",
    "value_error": "{error}",
    "string_unicode": "is a text of whole characters",
    "none_required": "is null",
    **dict.fromkeys(("string_type", "string_sub_type"), "is a text"),
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float", "int_parsing_size"), "is a whole number"),
    **dict.fromkeys(("float_type", "float_parsing"), "is a number"),
    **dict.fromkeys(("bool_type", "bool_parsing"), "is true or false"),
    **dict.fromkeys(("list_type", "tuple_type"), "is a list"),
    **dict.fromkeys(("dict_type", "model_type", "model_attributes_type"), "is an object"),
    **dict.fromkeys(
        (
            "timezone_aware",
            "datetime_type",
            "datetime_parsing",
            "datetime_from_date_parsing",
            "datetime_object_invalid",
        ),
        f"is {_A_MOMENT}",
    ),
}
"""By the type of pydantic's error; what is in braces is of its context."""

_WITHOUT_INPUT = frozenset({"missing", "extra_forbidden", "json_invalid", "string_too_short", "too_short"})


def in_words(error: Mapping[str, Any]) -> str:
    """Return what one of pydantic's errors means to whoever sent the value, with the value if it is short."""
    words = _WORDS.get(error["type"])
    if words is None:
        return str(error["msg"])
    given = error.get("input")
    told = words.format_map(error.get("ctx", {}))
    if error["type"] in _WITHOUT_INPUT or not isinstance(given, str | int | float) or given == "":
        return told
    text = repr(given)
    return f"{told}, not {text}" if len(text) <= _SHOWN_CHARS else told


@dataclass(frozen=True, slots=True)
class Shape:
    """A pattern that a text has, and what it asks for in words: `Annotated[str, Shape(…, "hex digits")]`."""

    pattern: str
    words: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._checked, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {**handler(schema), "pattern": f"^{self.pattern}$"}

    def _checked(self, text: str) -> str:
        if re.fullmatch(self.pattern, text) is None:
            raise ValueError(f"is {self.words}")
        return text


def _written_out(value: object) -> object:
    # A bare number would be taken for seconds since 1970, `2026` for half past midnight of that year.
    if isinstance(value, str) and _MOMENT.fullmatch(value):
        return value
    raise ValueError(f"is {_A_MOMENT}")


Moment = Annotated[AwareDatetime, BeforeValidator(_written_out, json_schema_input_type=AwareDatetime)]
"""A time as RFC 3339 writes it."""

HexId = Annotated[str, Shape("[0-9a-f]{32}", "32 hex digits")]
