"""OTLP/JSON → the same protobuf messages.

Ids are hex. Programs that print protobuf's own JSON mapping send base64, which has another length and is
read, too.
"""

import base64
import json
import re
from typing import Any

import orjson
from google.protobuf.json_format import ParseDict, ParseError
from google.protobuf.message import Message
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from sightline_collector.garbage import no_garbage_collection
from sightline_collector.item_count import DEEPEST, check_json_parts, count_json, refuse_over
from sightline_core.errors import CallerError
from sightline_core.limits import MAX_REQUEST_SPANS

_IDS = ("traceId", "spanId", "parentSpanId", "trace_id", "span_id", "parent_span_id")
_SPANS = (("resourceSpans", "resource_spans"), ("scopeSpans", "scope_spans"), ("spans", "spans"))
_LOGS = (("resourceLogs", "resource_logs"), ("scopeLogs", "scope_logs"), ("logRecords", "log_records"))
_METRICS = (
    ("resourceMetrics", "resource_metrics"),
    ("scopeMetrics", "scope_metrics"),
    ("metrics", "metrics"),
)
_METRIC_DATA = ("gauge", "sum", "histogram", "exponentialHistogram", "exponential_histogram", "summary")
_SURROGATE = re.compile("[\ud800-\udfff]")
# How deep those lie that are read one by one, counted from the outside.
_RESOURCE, _SCOPE, _ITEM, _PART = 2, 3, 3, 4
_OBJECTS = frozenset({"status", "value", "body"})
_STATUS_CODES = frozenset(Status.StatusCode.keys())
_LEVEL = re.compile(r"Failed to parse (\w+) field: ")


def parse_trace_json(
    body: bytes, max_spans: int = MAX_REQUEST_SPANS
) -> tuple[ExportTraceServiceRequest, list[str]]:
    """Return the request without unreadable spans, and why for each.

    Raises `CallerError` when it is not OTLP/JSON, and `PayloadTooLarge` when it has too many spans.
    """
    resources, scopes, items = _SPANS
    document = _document(body, resources)
    refuse_over(max_spans, count_json(document, _SPANS, max_spans), "spans")
    request = ExportTraceServiceRequest()
    reasons: list[str] = []
    number = 0
    for resource_spans in _items(document, *resources):
        kept = request.resource_spans.add()
        _fill(resource_spans.get("resource"), kept.resource, _RESOURCE)
        for scope_spans in _items(resource_spans, *scopes):
            scope = kept.scope_spans.add()
            _fill(scope_spans.get("scope"), scope.scope, _SCOPE)
            for span in _items(scope_spans, *items):
                try:
                    scope.spans.append(_span(span))
                except (CallerError, ParseError, ValueError, TypeError, RecursionError) as error:
                    named = str(span.get("name"))[:80]
                    reasons.append(f"span {number} ({named!r}) is not readable: {_reason(error)}"[:300])
                number += 1
    return request, reasons


def parse_logs_json(
    body: bytes, max_records: int = MAX_REQUEST_SPANS
) -> tuple[ExportLogsServiceRequest, list[str]]:
    """As `parse_trace_json`, of log records."""
    resources, scopes, items = _LOGS
    document = _document(body, resources)
    refuse_over(max_records, count_json(document, _LOGS, max_records), "log records")
    request = ExportLogsServiceRequest()
    reasons: list[str] = []
    for resource_logs in _items(document, *resources):
        kept = request.resource_logs.add()
        _fill(resource_logs.get("resource"), kept.resource, _RESOURCE)
        for scope_logs in _items(resource_logs, *scopes):
            scope = kept.scope_logs.add()
            _fill(scope_logs.get("scope"), scope.scope, _SCOPE)
            for record in _items(scope_logs, *items):
                try:
                    scope.log_records.append(_log_record(record))
                except (ParseError, ValueError, TypeError, RecursionError) as error:
                    reasons.append(f"a log record is not readable: {_reason(error)}"[:300])
    return request, reasons


def count_points_json(body: bytes) -> int:
    """Return how many data points an export of metrics holds; raises `CallerError` when it is none."""
    resources, scopes, items = _METRICS
    document = _document(body, resources)
    return sum(
        len(_items(data, "dataPoints", "data_points"))
        for resource_metrics in _items(document, *resources)
        for scope_metrics in _items(resource_metrics, *scopes)
        for metric in _items(scope_metrics, *items)
        for name in _METRIC_DATA
        if isinstance(data := metric.get(name), dict)
    )


def _log_record(value: dict[str, Any]) -> LogRecord:
    record = LogRecord()
    plain = {name: item for name, item in value.items() if name not in _IDS}
    _read(plain, record, _ITEM)
    record.trace_id = _id(value.get("traceId", value.get("trace_id")))
    record.span_id = _id(value.get("spanId", value.get("span_id")))
    return record


def _document(body: bytes, names: tuple[str, str]) -> dict[str, Any]:
    """Return what was sent, which may be empty; another signal or format would be taken for empty, too."""
    document = _load(body)
    if not isinstance(document, dict):
        raise CallerError("the body is not an OTLP/JSON object")
    if document and document.keys().isdisjoint(names):
        raise CallerError(f"the body has {next(iter(document))!r:.60} where OTLP/JSON has {names[0]!r} here")
    return document


def _load(body: bytes) -> Any:
    check_json_parts(body)
    try:
        with no_garbage_collection():
            return orjson.loads(body)
    except orjson.JSONDecodeError:
        # orjson is strict about encodings, lone surrogates and bare NaN; the standard parser is not.
        try:
            document = json.loads(body.decode("utf-8-sig", "replace"), parse_constant=str)
            return orjson.loads(_SURROGATE.sub("\ufffd", json.dumps(document, ensure_ascii=False)))
        except (ValueError, RecursionError) as error:
            raise CallerError(f"the body is not JSON: {error}"[:300]) from error


def _items(holder: dict[str, Any], name: str, other: str) -> list[dict[str, Any]]:
    value = holder.get(name, holder.get(other)) or []
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise CallerError(f"{name} is not a list of objects")
    return value


def _read(value: dict[str, Any], message: Message, level: int) -> None:
    """Read what lies at this level of a request; raises `ParseError`, also where the journal could not be."""
    if not isinstance(value, dict):
        raise ParseError(_no_object(value))
    for name in _OBJECTS & value.keys():
        if isinstance(value[name], str):
            raise ParseError(f"Failed to parse {name} field: {_no_object(value[name])}")
    ParseDict(value, message, ignore_unknown_fields=True, max_recursion_depth=DEEPEST - level + 1)


def _no_object(value: Any) -> str:
    """Protobuf takes a text in an object's place for an object of fields that it does not know."""
    return f"{value!r:.40} is no object"


def _fill(value: Any, message: Message, level: int) -> None:
    if value:
        try:
            _read(value, message, level)
        except (ParseError, ValueError, TypeError, RecursionError) as error:
            raise CallerError(f"the body is not OTLP/JSON: {_reason(error)}"[:300]) from error


def _span(value: dict[str, Any]) -> Span:
    ids = {name: value[name] for name in _IDS if name in value}
    plain = {name: item for name, item in value.items() if name not in _IDS}
    links = _items(plain, "links", "links")
    plain.pop("links", None)
    attributes = _items(plain, "attributes", "attributes")
    plain.pop("attributes", None)
    status = plain.get("status")
    if isinstance(status, dict) and isinstance(status.get("code"), str):
        plain["status"] = {**status, "code": _status_code(status["code"])}
    span = Span()
    _read(plain, span, _ITEM)
    for attribute in attributes:
        _fill_attribute(attribute, span.attributes.add())
    span.trace_id = _own_id("trace id", ids.get("traceId", ids.get("trace_id")))
    span.span_id = _own_id("span id", ids.get("spanId", ids.get("span_id")))
    span.parent_span_id = _id(ids.get("parentSpanId", ids.get("parent_span_id")))
    for link in links:
        rest = {name: item for name, item in link.items() if name not in _IDS}
        kept = Span.Link()
        _read(rest, kept, _PART)
        kept.trace_id = _id(link.get("traceId", link.get("trace_id")))
        kept.span_id = _id(link.get("spanId", link.get("span_id")))
        span.links.append(kept)
    return span


def _status_code(name: str) -> int | str:
    """Return what a name means, also a short one; protobuf would take one that it does not know for unset."""
    full = name if name.startswith("STATUS_CODE_") else f"STATUS_CODE_{name.upper()}"
    if full in _STATUS_CODES:
        return full
    try:
        return int(name)
    except ValueError as error:
        raise ParseError(f"Failed to parse status field: {name!r:.40} is no code") from error


def _fill_attribute(value: dict[str, Any], attribute: KeyValue) -> None:
    match value:
        case {"key": str(key), "value": {"stringValue": str(text), **more}} if not more:
            # Protobuf would look through long texts for lone surrogates, of which orjson leaves none, at 25
            # ns a character and without letting any other thread run.
            attribute.key, attribute.value.string_value = key, text
        case _:
            try:
                _read(value, attribute, _PART)
            except ParseError as error:
                raise ParseError(f"Failed to parse attributes field: {error}") from error


def _own_id(label: str, text: Any) -> bytes:
    raw = _id(text)
    if text and not raw:
        raise ValueError(f"its {label} {text!r:.60} is neither hex nor base64")
    return raw


def _id(text: Any) -> bytes:
    """Return the bytes; what is no id at all becomes none."""
    if not isinstance(text, str):
        return b""
    try:
        return bytes.fromhex(text)
    except ValueError:
        try:
            return base64.b64decode(text, validate=True)
        except ValueError:
            return b""


def _reason(error: Exception) -> str:
    """Protobuf names every level on its way out, with a dot for each; keep the first, and what is wrong."""
    text = str(error)
    levels = ".".join(_LEVEL.findall(text)[:4])
    problem = _LEVEL.sub("", text).rstrip(".")
    return f"{levels}: {problem}" if levels else problem
