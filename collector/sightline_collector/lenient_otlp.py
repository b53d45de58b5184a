"""Salvage of a request that strict protobuf parsing refuses as a whole because of one bad span or log record.

Parsing fails for the entire request when a single text is not UTF-8 or one value is nested too deeply. Here
the same wire format is read with a schema in which texts are bytes and every item is an unparsed piece, so
that each is repaired or refused by itself.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import DecodeError, Message
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1 import common_pb2
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.resource.v1 import resource_pb2
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from sightline_semconv import marks, sightline

_Field = descriptor_pb2.FieldDescriptorProto


@dataclass(frozen=True, slots=True)
class _Shape:
    """Names on the way from a request through resources (field 1), scopes (field 2) and items (field 2)."""

    request: type[Message]
    resources: str
    scopes: str
    items: str
    item: type[Message]
    called: str


_TRACES = _Shape(ExportTraceServiceRequest, "resource_spans", "scope_spans", "spans", Span, "span")
_LOGS = _Shape(
    ExportLogsServiceRequest, "resource_logs", "scope_logs", "log_records", LogRecord, "log record"
)


@cache
def _lenient_classes(shape: _Shape) -> tuple[type[Message], type[Message]]:
    """Request and item classes whose texts are bytes; the request's items are unparsed bytes."""
    pool = descriptor_pool.DescriptorPool()
    item_file, request_file = shape.item.DESCRIPTOR.file, shape.request.DESCRIPTOR.file
    for descriptor in (common_pb2.DESCRIPTOR, resource_pb2.DESCRIPTOR, item_file, request_file):
        file = descriptor_pb2.FileDescriptorProto()
        descriptor.CopyToProto(file)
        for field in _all_fields(file.message_type):
            if field.type == _Field.TYPE_STRING:
                field.type = _Field.TYPE_BYTES
            if field.name == shape.items:
                field.type = _Field.TYPE_BYTES
                field.ClearField("type_name")
        pool.AddSerializedFile(file.SerializeToString())
    request = pool.FindMessageTypeByName(shape.request.DESCRIPTOR.full_name)
    item = pool.FindMessageTypeByName(shape.item.DESCRIPTOR.full_name)
    return message_factory.GetMessageClass(request), message_factory.GetMessageClass(item)


def _all_fields(messages: Any) -> Iterator[Any]:
    for message in messages:
        yield from message.field
        yield from _all_fields(message.nested_type)


def salvage(body: bytes) -> tuple[ExportTraceServiceRequest, list[str]]:
    """Return the request without the spans that cannot be read, and why for each of those.

    Repaired spans carry the mark for replaced bytes. Raises `DecodeError` when the body is not OTLP.
    """
    request = ExportTraceServiceRequest()
    return request, _salvage(_TRACES, body, request)


def salvage_logs(body: bytes) -> tuple[ExportLogsServiceRequest, list[str]]:
    """As `salvage`, for log records."""
    request = ExportLogsServiceRequest()
    return request, _salvage(_LOGS, body, request)


def _salvage(shape: _Shape, body: bytes, request: Message) -> list[str]:
    """Fill in the request and return why items were left out."""
    lenient_request, _ = _lenient_classes(shape)
    lenient: Any = lenient_request.FromString(body)
    reasons: list[str] = []
    number = 0
    for resource in getattr(lenient, shape.resources):
        kept = getattr(request, shape.resources).add()
        _copy(resource.resource, kept.resource)
        for scope in getattr(resource, shape.scopes):
            kept_scope = getattr(kept, shape.scopes).add()
            _copy(scope.scope, kept_scope.scope)
            for raw in getattr(scope, shape.items):
                try:
                    getattr(kept_scope, shape.items).append(_read_item(shape, raw))
                except DecodeError as error:
                    reasons.append(f"{shape.called} {number} of the request is not readable: {error}"[:300])
                number += 1
    return reasons


def _copy(lenient: Message, strict: Message) -> None:
    _replace_invalid(lenient, strict.DESCRIPTOR)
    strict.MergeFromString(lenient.SerializeToString())


def _read_item(shape: _Shape, raw: bytes) -> Any:
    try:
        return _item_from(shape, raw)
    except DecodeError:
        _, lenient_item = _lenient_classes(shape)
        lenient = lenient_item.FromString(raw)
        _replace_invalid(lenient, shape.item.DESCRIPTOR)
        item = _item_from(shape, lenient.SerializeToString())
        mark = item.attributes.add(key=sightline.MARKS)
        mark.value.array_value.values.add(string_value=marks.INVALID_UTF8_REPLACED)
        return item


def _item_from(shape: _Shape, raw: bytes) -> Any:
    """Parse an item as deep inside a request as it will lie: the parser counts nesting from the outside."""
    request = shape.request.FromString(_field(1, _field(2, _field(2, raw))))
    scope = getattr(getattr(request, shape.resources)[0], shape.scopes)[0]
    return getattr(scope, shape.items)[0]


def _field(number: int, payload: bytes) -> bytes:
    """One length-delimited protobuf field."""
    size = len(payload)
    length = bytearray()
    while size > 0x7F:
        length.append(size & 0x7F | 0x80)
        size >>= 7
    return bytes((number << 3 | 2, *length, size)) + payload


def _replace_invalid(lenient: Message, strict: Any) -> None:
    """Make every text valid UTF-8, in place; what is bytes in the real schema stays as it is."""
    fields = strict.fields_by_number
    for field, value in lenient.ListFields():
        real = fields[field.number]
        if real.type == FieldDescriptor.TYPE_STRING:
            setattr(lenient, field.name, value.decode("utf-8", "replace").encode())
        elif real.type == FieldDescriptor.TYPE_MESSAGE:
            for item in value if real.is_repeated else (value,):
                _replace_invalid(item, real.message_type)
