"""Salvage of a request that strict protobuf parsing refuses as a whole because of one bad span.

Parsing fails for the entire request when a single text is not UTF-8 or one value is nested too deeply. Here
the same wire format is read with a schema in which texts are bytes and every span is an unparsed piece, so
that each span is repaired or refused by itself.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import DecodeError, Message
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2
from opentelemetry.proto.common.v1 import common_pb2
from opentelemetry.proto.resource.v1 import resource_pb2
from opentelemetry.proto.trace.v1 import trace_pb2

from sightline_semconv import marks, sightline

_Field = descriptor_pb2.FieldDescriptorProto


@cache
def _lenient_classes() -> tuple[type[Message], type[Message]]:
    """Request and span classes whose texts are bytes; the request's spans are unparsed bytes."""
    pool = descriptor_pool.DescriptorPool()
    for module in (common_pb2, resource_pb2, trace_pb2, trace_service_pb2):
        file = descriptor_pb2.FileDescriptorProto()
        module.DESCRIPTOR.CopyToProto(file)
        for field in _all_fields(file.message_type):
            if field.type == _Field.TYPE_STRING:
                field.type = _Field.TYPE_BYTES
        for message in file.message_type:
            if message.name == "ScopeSpans":
                spans = next(field for field in message.field if field.name == "spans")
                spans.type = _Field.TYPE_BYTES
                spans.ClearField("type_name")
        pool.AddSerializedFile(file.SerializeToString())
    request = pool.FindMessageTypeByName(trace_service_pb2.ExportTraceServiceRequest.DESCRIPTOR.full_name)
    span = pool.FindMessageTypeByName(trace_pb2.Span.DESCRIPTOR.full_name)
    return message_factory.GetMessageClass(request), message_factory.GetMessageClass(span)


def _all_fields(messages: Any) -> Iterator[Any]:
    for message in messages:
        yield from message.field
        yield from _all_fields(message.nested_type)


def salvage(body: bytes) -> tuple[trace_service_pb2.ExportTraceServiceRequest, list[str]]:
    """Return the request without the spans that cannot be read, and why for each of those.

    Repaired spans carry the mark for replaced bytes. Raises `DecodeError` when the body is not OTLP.
    """
    lenient_request, _ = _lenient_classes()
    lenient: Any = lenient_request.FromString(body)
    request = trace_service_pb2.ExportTraceServiceRequest()
    reasons: list[str] = []
    number = 0
    for resource_spans in lenient.resource_spans:
        kept = request.resource_spans.add()
        _copy(resource_spans.resource, kept.resource)
        for scope_spans in resource_spans.scope_spans:
            scope = kept.scope_spans.add()
            _copy(scope_spans.scope, scope.scope)
            for raw in scope_spans.spans:
                try:
                    scope.spans.append(_read_span(raw))
                except DecodeError as error:
                    reasons.append(f"span {number} of the request is not readable: {error}"[:300])
                number += 1
    return request, reasons


def _copy(lenient: Message, strict: Message) -> None:
    _replace_invalid(lenient, strict.DESCRIPTOR)
    strict.MergeFromString(lenient.SerializeToString())


def _read_span(raw: bytes) -> trace_pb2.Span:
    try:
        return _span_from(raw)
    except DecodeError:
        _, lenient_span = _lenient_classes()
        lenient = lenient_span.FromString(raw)
        _replace_invalid(lenient, trace_pb2.Span.DESCRIPTOR)
        span = _span_from(lenient.SerializeToString())
        mark = span.attributes.add(key=sightline.MARKS)
        mark.value.array_value.values.add(string_value=marks.INVALID_UTF8_REPLACED)
        return span


def _span_from(raw: bytes) -> trace_pb2.Span:
    """Parse a span as deep inside a request as it will lie: the parser counts nesting from the outside."""
    request = trace_service_pb2.ExportTraceServiceRequest.FromString(_field(1, _field(2, _field(2, raw))))
    return request.resource_spans[0].scope_spans[0].spans[0]


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
