"""Stored spans as OTLP/JSON, which any OTLP receiver takes, ours included.

Source: opentelemetry-proto, `docs/specification.md`, "JSON Protobuf Encoding": ids in hex, 64-bit integers as
texts, enums as numbers.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

import orjson

from sightline_api.otlp_attributes import key_values, objects, span_attributes
from sightline_storage.spans.span_record import SpanRecord

_SPAN_KIND = {"internal": 1, "server": 2, "client": 3, "producer": 4, "consumer": 5}
_STATUS_CODE = {"unset": 0, "ok": 1, "error": 2}


def otlp_json(pages: Iterable[list[SpanRecord]]) -> Iterator[bytes]:
    """Yield one `ExportTraceServiceRequest`, piece by piece."""
    separator = b'{"resourceSpans":['
    for page in pages:
        for resource_spans in _resource_spans(page):
            yield separator + orjson.dumps(resource_spans)
            separator = b",\n"
    yield b"]}" if separator.startswith(b",") else separator + b"]}"


def _resource_spans(page: list[SpanRecord]) -> Iterator[dict[str, Any]]:
    """Yield runs of spans with one resource and scope; their order is kept."""
    for _, run in groupby(
        page, key=lambda span: (span["resource"], span["scope_name"], span["scope_version"])
    ):
        spans = list(run)
        yield {
            "resource": {"attributes": key_values(spans[0]["resource"].items())},
            "scopeSpans": [
                {
                    "scope": {"name": spans[0]["scope_name"], "version": spans[0]["scope_version"]},
                    "spans": [_span(span) for span in spans],
                }
            ],
        }


def _span(record: SpanRecord) -> dict[str, Any]:
    return {
        "traceId": record["trace_id"],
        "spanId": record["span_id"],
        "parentSpanId": record["parent_span_id"],
        "traceState": record["trace_state"],
        "name": record["name"],
        "kind": _SPAN_KIND.get(record["otel_kind"], 1),
        "startTimeUnixNano": str(record["start_ns"]),
        "endTimeUnixNano": str(record["start_ns"] + record["duration_ns"]),
        "status": {"code": _STATUS_CODE.get(record["status"], 0), "message": record["status_message"]},
        "attributes": key_values(span_attributes(record)),
        "events": [
            {
                "name": event.get("name", ""),
                "timeUnixNano": str(event.get("time_ns", 0)),
                "attributes": key_values(event.get("attributes", {}).items()),
            }
            for event in objects(record["events"])
        ],
        "links": [
            {
                "traceId": link.get("trace_id", ""),
                "spanId": link.get("span_id", ""),
                "attributes": key_values(link.get("attributes", {}).items()),
            }
            for link in objects(record["links"])
        ],
    }
