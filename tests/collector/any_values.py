"""OTLP values from plain ones."""

from typing import Any

from opentelemetry.proto.common.v1.common_pb2 import AnyValue


def any_value(value: Any) -> AnyValue:
    """Return the value of a text, number, truth, list or mapping of such."""
    made = AnyValue()
    if isinstance(value, dict):
        made.kvlist_value.SetInParent()
        for key, item in value.items():
            made.kvlist_value.values.add(key=key).value.CopyFrom(any_value(item))
    elif isinstance(value, list):
        made.array_value.values.extend(map(any_value, value))
    elif isinstance(value, bool):
        made.bool_value = value
    elif isinstance(value, int):
        made.int_value = value
    elif isinstance(value, float):
        made.double_value = value
    else:
        made.string_value = value
    return made
