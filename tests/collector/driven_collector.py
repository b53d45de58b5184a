"""A collector whose clock and storing are driven by the test, instead of by its own thread."""

from typing import Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from tests.collector.conftest import NOW_NS, KeptInMemory, authenticate

from sightline_collector import Collector, CollectorConfig
from sightline_collector.trace_request import read_trace_request
from sightline_core.pricing import CataloguePricer

SECOND_NS = 1_000_000_000


class DrivenCollector:
    """A collector on a folder whose journal is filled by hand; blocks are stored when told to."""

    def __init__(self, config: CollectorConfig, writer: KeptInMemory) -> None:
        self.now_ns = NOW_NS
        self.writer = writer
        self.collector = Collector(
            writer,
            config,
            CataloguePricer(),
            authenticate,
            events=writer.events,
            clock_ns=lambda: self.now_ns,
        )

    def send(self, request: Any) -> None:
        """Journal a request of spans or events, as the doors do, and store all that waits."""
        intake, principal = self.collector.intake, authenticate({})
        body = request.SerializeToString()
        if isinstance(request, ExportLogsServiceRequest):
            intake.journal_events(principal, intake.read_events(body, is_json=False)).result(30)
        else:
            intake.journal(principal, read_trace_request(body, is_json=False)).result(30)
        self.flush()

    def flush(self) -> None:
        """Store all that is due."""
        while self.collector.flusher.step():
            pass
