"""What the collector counts about itself, from its start on."""

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Counts since the start of the process, and the state of the queue at one moment. Times are seconds."""

    spans_received: int
    spans_journaled: int
    spans_written: int
    spans_rejected: Mapping[str, int]
    requests_refused: Mapping[str, int]
    events: Mapping[str, int]
    blocks_written: int
    flush_s: float
    store_errors: int
    storing_failures: int
    queue_spans: int
    queue_bytes: int
    queue_age_s: float


class Counters:
    """Counts from the threads that receive and from the one that stores."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._received = self._journaled = self._written = self._blocks = self._store_errors = 0
        self._storing_failures = 0
        self._flush_s = 0.0
        self._rejected: Counter[str] = Counter()
        self._refused: Counter[str] = Counter()
        self._events: Counter[str] = Counter()
        self._storing_since_ns: int | None = None

    def received(self, spans: int, invalid: int) -> None:
        """Count a request that was parsed: spans that can be stored, and those that cannot."""
        with self._lock:
            self._received += spans + invalid
            if invalid:
                self._rejected["invalid"] += invalid

    def journaled(self, spans: int) -> None:
        """Count spans that are durable."""
        with self._lock:
            self._journaled += spans

    def refused(self, reason: str) -> None:
        """Count a request that was refused as a whole."""
        with self._lock:
            self._refused[reason] += 1

    def events(self, outcome: str, count: int) -> None:
        """Count log events: `journaled`, and what became of them (`joined` counts their spans)."""
        if count:
            with self._lock:
                self._events[outcome] += count

    def storing(self, received_ns: int) -> None:
        """Note when the oldest span of the block that is now being stored was received."""
        with self._lock:
            self._storing_since_ns = received_ns

    def store_refused(self) -> None:
        """Count one attempt that the store did not take."""
        with self._lock:
            self._store_errors += 1

    def storing_failed(self) -> None:
        """Count a turn of the storing thread that a defect ended."""
        with self._lock:
            self._storing_failures += 1

    def set_aside(self, spans: int) -> None:
        """Count spans that went to the dead letters."""
        with self._lock:
            self._rejected["dead_letter"] += spans

    def sampled_out(self, spans: int) -> None:
        """Count spans that tail sampling let go."""
        if spans:
            with self._lock:
                self._rejected["sampled_out"] += spans

    def written(self, spans: int, flush_s: float) -> None:
        """Count a block that is stored, and how long decoding and storing it took, waits included."""
        with self._lock:
            self._written += spans
            self._blocks += 1
            self._flush_s += flush_s
            self._storing_since_ns = None

    def snapshot(
        self, *, queue_spans: int, queue_bytes: int, waiting_since_ns: int | None, now_ns: int
    ) -> Snapshot:
        """Return all counts together with the given state of the queue."""
        with self._lock:
            since = (self._storing_since_ns, waiting_since_ns)
            since_ns = min((moment for moment in since if moment is not None), default=None)
            return Snapshot(
                spans_received=self._received,
                spans_journaled=self._journaled,
                spans_written=self._written,
                spans_rejected=dict(self._rejected),
                requests_refused=dict(self._refused),
                events=dict(self._events),
                blocks_written=self._blocks,
                flush_s=self._flush_s,
                store_errors=self._store_errors,
                storing_failures=self._storing_failures,
                queue_spans=queue_spans,
                queue_bytes=queue_bytes,
                queue_age_s=0.0 if since_ns is None else max(0, now_ns - since_ns) / 1e9,
            )
