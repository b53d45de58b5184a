"""OTLP `AnyValue` → Python, and Python → the text that is stored."""

from base64 import b64encode
from typing import TYPE_CHECKING, Any

from opentelemetry.proto.common.v1.common_pb2 import AnyValue

from sightline_semconv.dialects import Attributes, Value
from sightline_semconv.dialects.flattened import dump_json

if TYPE_CHECKING:
    from collections.abc import Iterable

    from opentelemetry.proto.common.v1.common_pb2 import KeyValue


def to_python(value: AnyValue) -> Value:
    """Return the value; `None` when none is set. Bytes become base64 text, as in OTLP/JSON."""
    kind = value.WhichOneof("value")
    if kind == "string_value":
        return value.string_value
    if kind == "int_value":
        return value.int_value
    if kind == "double_value":
        return value.double_value
    if kind == "bool_value":
        return value.bool_value
    if kind == "array_value":
        return [item.string_value or to_python(item) for item in value.array_value.values]
    if kind == "kvlist_value":
        return {item.key: to_python(item.value) for item in value.kvlist_value.values}
    if kind == "bytes_value":
        return b64encode(value.bytes_value).decode("ascii")
    return None


def to_attributes(pairs: "Iterable[KeyValue]") -> Attributes:
    """Return attributes by name. Of a repeated name the last value counts, as in the OTLP data model."""
    # Texts and numbers are nearly all there is: spare them the call.
    return {
        pair.key: (value := pair.value).string_value or value.int_value or to_python(value) for pair in pairs
    }


def to_text(value: Any) -> str:
    """Return the stored text of an attribute: true/false, numbers in decimal, structures as JSON."""
    if isinstance(value, str):
        return value
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, int | float):
        return repr(value)
    return "" if value is None else dump_json(value)
