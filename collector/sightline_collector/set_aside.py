"""What becomes of spans that are not stored: a dead letter, a count and a line in the log."""

import logging

from sightline_collector.counters import Counters
from sightline_collector.dead_letters import About, DeadLetters
from sightline_collector.segment import Entry, Signal
from sightline_storage.spans.span_record import SpanRecord

logger = logging.getLogger(__name__)


class SetAside:
    """Used by the flusher's thread only."""

    def __init__(self, letters: DeadLetters, counters: Counters) -> None:
        self._letters = letters
        self._counters = counters

    def keep(self, entry: Entry, reason: str) -> None:
        """Return once the request is kept; raises `OSError` or `BackendError` when it cannot be."""
        if self._letters.keep(entry.payload, **_about(entry, reason, entry.signal.path)):
            self._tell(entry, reason)

    def undecodable(self, entry: Entry, reason: str, *, can_be_sent: bool = True) -> None:
        """Keep a request if that can be; `can_be_sent` is False when it does not even parse."""
        path = entry.signal.path if can_be_sent else ""
        if self._letters.add(entry.payload, **_about(entry, reason, path)):
            self._tell(entry, reason)

    def unwritable(self, record: SpanRecord, reason: str) -> None:
        """Keep a record if that can be."""
        content, when_ns = repr(record).encode(), record["ingested_ns"]
        if self._letters.add(content, reason=reason, project=record["project"], when_ns=when_ns):
            self._counters.set_aside(1)
            logger.warning("a span was set aside", extra={"reason": reason})

    def _tell(self, entry: Entry, reason: str) -> None:
        if entry.signal is Signal.TRACES:
            self._counters.set_aside(entry.span_count)
        else:
            self._counters.events("dead_letter", entry.span_count)
        logger.warning("a request was set aside", extra={"reason": reason})


def _about(entry: Entry, reason: str, path: str) -> About:
    return {"reason": reason, "project": entry.project, "when_ns": entry.received_ns, "path": path}
