"""Requests of the journal → records, a few requests at a time. What cannot be decoded is set aside."""

from collections.abc import Iterator, Sequence

from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from sightline_collector.event_join import EventJoin
from sightline_collector.refused_requests import part_of
from sightline_collector.repeated_calls import RepeatedCalls
from sightline_collector.segment import Entry, Signal
from sightline_collector.set_aside import SetAside
from sightline_collector.span_decoder import SpanDecoder, Undecodable
from sightline_storage.spans.span_record import SpanRecord

_BATCH_SPANS = 512
# So that a request of an SDK is not divided: its calls are best compared with each other.
_LARGEST_BATCH = 2 * _BATCH_SPANS


class BlockDecoder:
    """Used by the flusher's thread only."""

    def __init__(self, decoder: SpanDecoder, events: EventJoin, set_aside: SetAside) -> None:
        self._decoder = decoder
        self._events = events
        self._set_aside = set_aside
        self._repeated_calls = RepeatedCalls()

    def batches_of(self, entries: Sequence[Entry]) -> Iterator[list[SpanRecord]]:
        """Yield the records of a few requests at a time, or of a part of a large one.

        A whole block does not fit the caches, and a request of many small spans not the memory. Events are
        taken before the first.
        """
        for entry in entries:
            if entry.signal is not Signal.TRACES:
                self._take_events(entry)
        records: list[SpanRecord] = []
        for entry in entries:
            if entry.signal is not Signal.TRACES:
                continue
            for record in self._decode(entry):
                records.append(record)
                if len(records) == _LARGEST_BATCH:
                    yield self._marked(records)
                    records = []
            if len(records) >= _BATCH_SPANS:
                yield self._marked(records)
                records = []
        yield self._marked(records)

    def _marked(self, records: list[SpanRecord]) -> list[SpanRecord]:
        self._repeated_calls.mark(records)
        return records

    def _decode(self, entry: Entry) -> Iterator[SpanRecord]:
        try:
            request = ExportTraceServiceRequest.FromString(entry.payload)
        except DecodeError as error:
            self._set_aside.undecodable(entry, f"the request cannot be parsed: {error}", can_be_sent=False)
            return
        outcomes = self._decoder.decode(request, entry.project, entry.received_ns)
        for number, outcome in enumerate(outcomes):
            if isinstance(outcome, Undecodable):
                self._set_aside.undecodable(part_of(entry, number, number + 1), outcome.reason)
            else:
                yield outcome

    def _take_events(self, entry: Entry) -> None:
        try:
            self._events.take(entry)
        except Exception as error:
            self._set_aside.undecodable(
                entry, f"the events cannot be read: {type(error).__name__}: {error}"[:500]
            )
