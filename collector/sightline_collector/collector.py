"""The collector put together: routes in front, journal in the middle, the store behind."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from starlette.routing import BaseRoute

from sightline_collector.block_ledger import Backlog
from sightline_collector.config import CollectorConfig
from sightline_collector.counters import Counters, Snapshot
from sightline_collector.dead_letters import DeadLetters
from sightline_collector.enrich import Enricher, mark_error_status
from sightline_collector.event_join import EventJoin, EventStores
from sightline_collector.flusher import Flusher
from sightline_collector.held_events import HeldEvents
from sightline_collector.intake import Intake
from sightline_collector.journal import Journal
from sightline_collector.receiver import Receiver
from sightline_collector.span_decoder import SpanDecoder
from sightline_collector.stored_block import StoredBlock
from sightline_core.auth import Authenticate
from sightline_core.errors import BackendError
from sightline_core.limits import MAX_CONNECTIONS
from sightline_core.pricing import Pricer
from sightline_storage.contract import SpanWriter
from sightline_storage.spans.span_record import SpanRecord

if TYPE_CHECKING:
    from sightline_collector.grpc_receiver import GrpcReceiver


class Collector:
    """OTLP in, rows out. What was acknowledged survives a crash; what was stored is not stored again."""

    def __init__(
        self,
        writer: SpanWriter,
        config: CollectorConfig,
        pricer: Pricer,
        authenticate: Authenticate,
        *,
        events: EventStores,
        clock_ns: Callable[[], int] = time.time_ns,
        mark_failure: Callable[[SpanRecord], None] = mark_error_status,
        check_ready: Callable[[], None] = lambda: None,
        observe_block: Callable[[StoredBlock], None] = lambda _block: None,
    ) -> None:
        """Open the journal and repair what a crash left. Nothing is stored before `start`.

        `mark_failure` fills a record's failure columns in place, when the span failed. `check_ready` raises
        `BackendError` while prices and limits are not known: spans wait in the journal. `observe_block` is
        called by the thread that stores, after each block.
        """
        self._config = config
        self._clock_ns = clock_ns
        self._counters = Counters()
        self.dead_letters = DeadLetters(config.journal_dir / "dead-letters")
        try:
            self.journal = Journal(
                config.journal_dir,
                max_size=config.max_journal,
                segment_size=config.segment_size,
                dead_letters=self.dead_letters,
            )
        except OSError as error:
            raise BackendError(f"the journal cannot be opened: {error}") from error
        decoder = SpanDecoder(config, Enricher(pricer, mark_failure))
        held = HeldEvents(config.journal_dir / "held-events")
        join = EventJoin(
            held, decoder, writer, events, clock_ns, self._counters, lambda: self.journal.backlog().since_ns
        )
        self.flusher = Flusher(
            config,
            self.journal,
            decoder,
            writer,
            join,
            events.spans,
            self.dead_letters,
            clock_ns,
            self._counters,
            check_ready,
            observe_block,
        )
        self.intake = Intake(config, self.journal, authenticate, clock_ns, self._counters)
        self._receiver = Receiver(config, self.intake)
        self._grpc: GrpcReceiver | None = None

    def start(self) -> None:
        """Begin to store, first what an earlier process acknowledged and did not get to."""
        self.flusher.start()

    def listen_grpc(self, host: str, port: int, *, max_connections: int = MAX_CONNECTIONS) -> None:
        """Take OTLP/gRPC too, until `stop`; raises `ConfigurationError` when the address cannot be had."""
        # Only who uses gRPC pays for its library: 0.2 s and 20 MB.
        from sightline_collector.grpc_receiver import GrpcReceiver

        self._grpc = GrpcReceiver(self._config, self.intake)
        self._grpc.start(host, port, max_connections)

    def stop(self) -> bool:
        """Stop accepting and store what waits; False when the store did not take all of it."""
        if self._grpc is not None:
            self._grpc.stop()
        self.journal.close()
        stored = self.flusher.drain(self._config.drain_timeout_s)
        self.journal.save_position()
        return stored

    def routes(self) -> list[BaseRoute]:
        """Return Starlette routes for `/v1/…`."""
        return self._receiver.routes()

    def backlog(self) -> Backlog:
        """Return what is acknowledged and not yet stored."""
        return self.journal.backlog()

    def check(self) -> None:
        """Raise `BackendError` when journal or disk are full, or a defect keeps spans from being stored."""
        self.flusher.check()
        self.journal.check()

    def snapshot(self) -> Snapshot:
        """Return what was counted since the start, and how far storing is behind."""
        backlog = self.journal.backlog()
        return self._counters.snapshot(
            queue_spans=backlog.spans,
            queue_bytes=backlog.size,
            waiting_since_ns=backlog.since_ns,
            now_ns=self._clock_ns(),
        )
