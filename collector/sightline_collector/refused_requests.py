"""Finding the requests that keep others from being stored.

The cause may also be the store, or a defect that meets every request. So a request is at fault only when it
was refused alone, others were stored, and it was refused once more.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from sightline_collector.segment import Entry, Signal


@dataclass(frozen=True, slots=True)
class RefusedRequest:
    """A request of events, or the refused spans of one, and what was raised for the first."""

    entry: Entry
    error: Exception


def store_without_refused(
    entries: Sequence[Entry], store: Callable[[Sequence[Entry]], int]
) -> list[RefusedRequest]:
    """Store what can be, and return the requests that are at fault.

    `store` takes all of what it is given and returns how many spans that were, or raises. When nothing was
    stored and something was refused, the last refusal is raised.
    """
    stored, refused = _store_by_halves(entries, store)
    if refused and not stored:
        raise refused[-1].error
    again = [one for request in refused for one in _store_by_halves([request.entry], store)[1]]
    return [_joined(list(parts)) for _, parts in groupby(again, _request_of)]


def _request_of(refused: RefusedRequest) -> tuple[str, Signal, int]:
    return refused.entry.project, refused.entry.signal, refused.entry.received_ns


def _joined(parts: Sequence[RefusedRequest]) -> RefusedRequest:
    """Return one request of all: protobuf of several, one after the other, is that."""
    spans = sum(part.entry.span_count for part in parts)
    payload = b"".join(part.entry.payload for part in parts)
    return RefusedRequest(replace(parts[0].entry, span_count=spans, payload=payload), parts[0].error)


def _store_by_halves(
    entries: Sequence[Entry], store: Callable[[Sequence[Entry]], int]
) -> tuple[int, list[RefusedRequest]]:
    try:
        return store(entries), []
    except Exception as error:
        halves = _halves(entries)
        if halves is None:
            return 0, [RefusedRequest(entries[0], error)]
    results = [_store_by_halves(half, store) for half in halves]
    return sum(stored for stored, _ in results), [one for _, refused in results for one in refused]


def _halves(entries: Sequence[Entry]) -> tuple[Sequence[Entry], Sequence[Entry]] | None:
    """Return the requests in two parts, a single one by its spans; None when there is nothing to divide."""
    if len(entries) > 1:
        middle = len(entries) // 2
        return entries[:middle], entries[middle:]
    (entry,) = entries
    if entry.signal is not Signal.TRACES or entry.span_count < 2:
        return None
    middle = entry.span_count // 2
    return [part_of(entry, 0, middle)], [part_of(entry, middle, entry.span_count)]


def part_of(entry: Entry, first: int, end: int) -> Entry:
    """Return a request of spans with these of them only, by their numbers."""
    request = ExportTraceServiceRequest.FromString(entry.payload)
    passed = 0
    for resource_spans in request.resource_spans:
        for scope_spans in resource_spans.scope_spans:
            spans = list(scope_spans.spans)
            del scope_spans.spans[:]
            scope_spans.spans.extend(spans[max(0, first - passed) : max(0, end - passed)])
            passed += len(spans)
    return replace(entry, span_count=end - first, payload=request.SerializeToString())
