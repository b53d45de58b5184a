"""Log events join their spans by id, whichever comes first; results of evaluations become scores.

An event waits until its span is decoded here, and its span is looked for in the store meanwhile: it may have
come before, or through another collector. A stored span is written again under a newer version. For a while,
each further copy of the span gets its events too: it takes the place of the one that had them.
"""

import logging
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Protocol, Self

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord

from sightline_collector.counters import Counters
from sightline_collector.event_content import add_events
from sightline_collector.held_events import EventTarget, HeldEvents
from sightline_collector.log_events import LogEvent, read_event, score_of
from sightline_collector.segment import Entry
from sightline_collector.span_decoder import SpanDecoder
from sightline_collector.span_key import span_key
from sightline_core.errors import BackendError, CallerError, RowsRefused
from sightline_core.ids import ProjectId
from sightline_core.nanoseconds import DAY_NS
from sightline_core.outage import Outage
from sightline_semconv import gen_ai
from sightline_storage import Store
from sightline_storage.contract import SpanWriter
from sightline_storage.scores.score_record import Score
from sightline_storage.scores.score_writer import ScoreWriter
from sightline_storage.spans.span_record import SpanRecord
from sightline_storage.traces.span_lookup import SpanLookup

logger = logging.getLogger(__name__)

_LOOK_UPS = 500
_CALL_AGE_NS = 30 * DAY_NS


class StoredSpans(Protocol):
    """Where spans that are stored already are found; `SpanLookup`."""

    def find_versions(self, project: str, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
        """See `SpanLookup.find_versions`."""

    def find(self, project: str, keys: Iterable[tuple[str, str]]) -> list[SpanRecord]:
        """See `SpanLookup.find`."""

    def find_starts(self, project: str, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
        """See `SpanLookup.find_starts`."""

    def find_weights(self, project: str, trace_ids: Sequence[str]) -> dict[str, float]:
        """See `SpanLookup.find_weights`."""

    def find_calls(
        self, project: str, response_ids: Sequence[str], start_ns: int, end_ns: int
    ) -> dict[str, tuple[str, str]]:
        """See `SpanLookup.find_calls`."""


class Scores(Protocol):
    """Where scores go; `ScoreWriter`."""

    def write(self, project: ProjectId, scores: Sequence[Score]) -> None:
        """See `ScoreWriter.write`."""


@dataclass(frozen=True, slots=True)
class EventStores:
    """What the collector needs of the store besides its writer of spans."""

    spans: StoredSpans
    scores: Scores

    @classmethod
    def of(cls, store: Store) -> Self:
        """Return those of an open store."""
        return cls(SpanLookup(store.engine), ScoreWriter(store.engine))


class EventJoin:
    """Used by the flusher's thread only. A block is taken, completed, stored and settled, in this order."""

    def __init__(
        self,
        held: HeldEvents,
        decoder: SpanDecoder,
        writer: SpanWriter,
        stores: EventStores,
        clock_ns: Callable[[], int],
        counters: Counters,
        unread_since_ns: Callable[[], int | None] = lambda: None,
    ) -> None:
        """`unread_since_ns` returns when what the journal holds and nobody took began to come."""
        self._held = held
        self._decoder = decoder
        self._writer = writer
        self._stores = stores
        self._clock_ns = clock_ns
        self._counters = counters
        self._unread_since_ns = unread_since_ns
        self._outage = Outage(logger, "events wait for the store", "events are joined again")
        self._scores: dict[str, list[Score]] = defaultdict(list)
        # With the version of the span that has the events.
        self._completed: dict[EventTarget, int] = {}

    def take(self, entry: Entry) -> None:
        """Take a journaled request of events."""
        request = ExportLogsServiceRequest.FromString(entry.payload)
        for resource_logs in request.resource_logs:
            for scope_logs in resource_logs.scope_logs:
                for record in scope_logs.log_records:
                    self._take(entry, record)

    def _take(self, entry: Entry, record: LogRecord) -> None:
        try:
            event = read_event(record, entry.received_ns)
            if event.name == gen_ai.EVALUATION_RESULT_EVENT and event.trace_id:
                self._scores[entry.project].append(score_of(event, entry.received_ns))
                return
        except CallerError as error:
            logger.warning("an event was journaled that cannot be used", extra={"reason": str(error)})
            return
        key = (entry.project, event.trace_id, event.span_id if event.trace_id else event.response_id)
        if not self._held.add(key, record.SerializeToString(), entry.received_ns):
            self._counters.events("over_limit", 1)

    def complete(self, records: Sequence[SpanRecord]) -> None:
        """Add to each record, in place, what events say of it; give scores to calls by their response id."""
        if not self._held:
            return
        for record in records:
            key = span_key(record)
            events = self._events_of(key)
            if events:
                add_events(self._decoder, record, events, had_more=self._held.had_more(key))
                self._completed[key] = record["ingested_ns"]
            # A wrapper repeats the response id of the call inside it; the score is on the one that counts.
            response_id = record.get("response_id", "")
            if response_id and record.get("counted", 1):
                self._score_call((key[0], "", response_id), (key[1], key[2]))

    def _score_call(self, response: EventTarget, span: tuple[str, str]) -> None:
        if self._held.waits(response) and response not in self._completed:
            self._scores[response[0]] += self._scores_of(response, span)
            self._completed[response] = self._clock_ns()

    def _scores_of(self, response: EventTarget, span: tuple[str, str]) -> list[Score]:
        trace_id, span_id = span
        return [
            score_of(
                replace(
                    read_event(LogRecord.FromString(payload), received_ns), trace_id=trace_id, span_id=span_id
                ),
                received_ns,
            )
            for payload, received_ns in self._held.of(response)
        ]

    def store_scores(self) -> None:
        """Store the scores among the events that were taken; raises `BackendError`."""
        for project in list(self._scores):
            self._stores.scores.write(ProjectId(project), self._scores[project])
            self._counters.events("score", len(self._scores.pop(project)))

    def forget_block(self) -> None:
        """The block is not stored, and will be taken again."""
        self._scores.clear()
        self._completed.clear()

    def settle(self) -> None:
        """The block is stored: make durable which events are held, and which of them still wait.

        Raises `OSError` when the disk does not take them.
        """
        now_ns = self._clock_ns()
        self._counters.events("joined", sum(map(self._held.waits, self._completed)))
        for key, version in self._completed.items():
            self._held.joined(key, version, now_ns)
        self._completed.clear()
        # After an outage, the span of an event that is old by now may be in the next block.
        read_up_to_ns = min(now_ns, self._unread_since_ns() or now_ns)
        self._counters.events("no_span", self._held.forget_old(read_up_to_ns))
        self._held.save(now_ns)

    def look_up(self) -> None:
        """Join events to spans that are stored already; a store that is down is asked again later."""
        by_project: dict[str, list[EventTarget]] = defaultdict(list)
        for key in self._held.due(self._clock_ns(), _LOOK_UPS):
            by_project[key[0]].append(key)
        for project, keys in by_project.items():
            self._join_stored(project, keys)
        if by_project:
            with suppress(OSError):  # what came is saved; with the next block this is, too
                self.settle()

    def _join_stored(self, project: str, keys: Sequence[EventTarget]) -> None:
        try:
            self._complete_stored(project, [key for key in keys if key[1]])
            self._score_stored(project, [key[2] for key in keys if not key[1] and self._held.waits(key)])
        except BackendError as error:
            if isinstance(error, RowsRefused) and len(keys) > 1:
                for some in (keys[: len(keys) // 2], keys[len(keys) // 2 :]):
                    self._join_stored(project, some)
            else:
                self._outage.met(error)
        else:
            self._outage.over()

    def _complete_stored(self, project: str, keys: Sequence[EventTarget]) -> None:
        versions = self._stores.spans.find_versions(project, [key[1:] for key in keys])
        lacking = [ids for ids, version in versions.items() if self._held.lacks((project, *ids), version)]
        found = self._stores.spans.find(project, lacking)
        changed: list[SpanRecord] = []
        for record in found:
            key = (project, record["trace_id"], record["span_id"])
            if add_events(self._decoder, record, self._events_of(key), had_more=self._held.had_more(key)):
                record["ingested_ns"] = max(self._clock_ns(), record["ingested_ns"] + 1)
                changed.append(record)
        if changed:
            self._writer.write(changed, token=f"events-{uuid.uuid4().hex}")
        for record in found:
            self._completed[project, record["trace_id"], record["span_id"]] = record["ingested_ns"]

    def _score_stored(self, project: str, response_ids: Sequence[str]) -> None:
        if not response_ids:
            return
        now_ns = self._clock_ns()
        found = self._stores.spans.find_calls(project, response_ids, now_ns - _CALL_AGE_NS, now_ns + DAY_NS)
        responses = [(project, "", response_id) for response_id in found]
        scores = [score for key in responses for score in self._scores_of(key, found[key[2]])]
        if scores:
            self._stores.scores.write(ProjectId(project), scores)
            self._counters.events("score", len(scores))
        self._completed.update(dict.fromkeys(responses, now_ns))

    def _events_of(self, key: EventTarget) -> list[LogEvent]:
        events = [
            read_event(LogRecord.FromString(payload), received_ns)
            for payload, received_ns in self._held.of(key)
        ]
        return sorted(events, key=lambda event: event.time_ns)
