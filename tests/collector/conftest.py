"""A collector on a real HTTP server, with a writer that keeps what it gets in memory."""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
import uvicorn
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from starlette.applications import Starlette
from starlette.routing import BaseRoute
from tests.collector.any_values import any_value

from sightline_collector import Collector, CollectorConfig, EventStores
from sightline_core.auth import Principal
from sightline_core.errors import BackendError, Unauthenticated
from sightline_core.ids import DEFAULT_PROJECT
from sightline_core.limits import IngestLimits
from sightline_core.pricing import CataloguePricer
from sightline_storage.scores.score_record import Score
from sightline_storage.spans.span_record import SpanRecord
from sightline_storage.spans.span_table import RECORD_KEYS, default_of

NOW_NS = 1_790_000_000_000_000_000


@dataclass
class KeptScores:
    """A score writer."""

    scores: list[Score]

    def write(self, project: str, scores: Sequence[Score]) -> None:
        """Keep the scores."""
        self.scores += scores


@dataclass
class KeptBlock:
    """A block of a span writer."""

    writer: "KeptInMemory"
    records: list[SpanRecord] = field(default_factory=list)

    def add(self, records: Sequence[SpanRecord]) -> None:
        """Take the spans."""
        self.records += records

    def store(self, *, token: str) -> None:
        """Keep them."""
        self.writer.write(self.records, token=token)


@dataclass
class KeptInMemory:
    """A span writer. While `down` is set it refuses, as a store that cannot be reached."""

    blocks: dict[str, list[SpanRecord]] = field(default_factory=dict)
    scores: list[Score] = field(default_factory=list)
    down: bool = False
    refused: threading.Event = field(default_factory=threading.Event)
    weighed: list[str] = field(default_factory=list)
    """Traces whose weights were asked for."""

    def block(self) -> "KeptBlock":
        """Return an empty block."""
        return KeptBlock(self)

    def write(self, records: Sequence[SpanRecord], *, token: str) -> None:
        """Keep a block once, whatever happens to the journal."""
        if self.down:
            self.refused.set()
            raise BackendError("the store is down")
        self.blocks.setdefault(token, list(records))

    def find(self, project: str, keys: Iterable[tuple[str, str]]) -> list[SpanRecord]:
        """Return whole spans, the newest version of each, as the store does."""
        if self.down:
            raise BackendError("the store is down")
        wanted = set(keys)
        newest = {
            (record["trace_id"], record["span_id"]): record
            for record in sorted(self.records, key=lambda record: record["ingested_ns"])
            if record["project"] == project
        }
        return [_whole(record) for key, record in newest.items() if key in wanted]

    def find_starts(self, project: str, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
        """Return when spans start, the first of several copies, as the store does."""
        return {
            (record["trace_id"], record["span_id"]): record["start_ns"]
            for record in sorted(self._stored_of(project), key=lambda record: -record["start_ns"])
            if (record["trace_id"], record["span_id"]) in set(keys)
        }

    def find_weights(self, project: str, trace_ids: Sequence[str]) -> dict[str, float]:
        """Return the largest weight of a span of each trace, as the store does."""
        self.weighed += trace_ids
        weights: dict[str, float] = {}
        for record in self._stored_of(project):
            if record["trace_id"] in trace_ids:
                weight = record.get("sample_weight", 1.0)
                weights[record["trace_id"]] = max(weight, weights.get(record["trace_id"], weight))
        return weights

    def _stored_of(self, project: str) -> list[SpanRecord]:
        if self.down:
            self.refused.set()
            raise BackendError("the store is down")
        return [record for record in self.records if record["project"] == project]

    def find_versions(self, project: str, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
        """Return the newest version of each span, as the store does."""
        found = self.find(project, keys)
        return {(record["trace_id"], record["span_id"]): record["ingested_ns"] for record in found}

    def find_calls(
        self, project: str, response_ids: Sequence[str], start_ns: int, end_ns: int
    ) -> dict[str, tuple[str, str]]:
        """Return calls by the id of their response, the newest of several, as the store does."""
        if self.down:
            raise BackendError("the store is down")
        return {
            record["response_id"]: (record["trace_id"], record["span_id"])
            for record in sorted(self.records, key=lambda record: record["start_ns"])
            if record["project"] == project
            and record.get("response_id") in response_ids
            and record.get("counted", 1)
            and start_ns <= record["start_ns"] < end_ns
        }

    @property
    def events(self) -> EventStores:
        """What a collector needs besides the writer."""
        return EventStores(spans=self, scores=KeptScores(self.scores))

    @property
    def records(self) -> list[SpanRecord]:
        """All records in the order of their blocks."""
        return [record for block in self.blocks.values() for record in block]


@dataclass
class Running:
    """A collector behind a loopback address."""

    collector: Collector
    writer: KeptInMemory
    client: httpx.Client

    def post(
        self, body: bytes, *, kind: str = "application/x-protobuf", headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """Send a body to /v1/traces."""
        return self.client.post("/v1/traces", content=body, headers={"content-type": kind, **(headers or {})})

    def stored(self) -> list[SpanRecord]:
        """Drain and return everything that was stored. The collector takes nothing after this."""
        self.collector.stop()
        return self.writer.records


def _whole(record: SpanRecord) -> SpanRecord:
    defaults: dict[str, Any] = {key: default_of(key) for key in RECORD_KEYS}
    return cast(SpanRecord, {**defaults, **record})


def authenticate(headers: Mapping[str, str]) -> Principal:
    """Any key but a wrong one."""
    if headers.get("authorization") == "Bearer wrong":
        raise Unauthenticated("the key is not known")
    return Principal(DEFAULT_PROJECT, "test", can_write=headers.get("authorization") != "Bearer reader")


@contextmanager
def serving(collector: Collector, *others: BaseRoute) -> Iterator[httpx.Client]:
    """Serve a collector's routes on a free port, and others beside them."""
    app = Starlette(routes=[*collector.routes(), *others])
    config = uvicorn.Config(app, port=0, log_level="warning", lifespan="off")
    server = uvicorn.Server(config)
    socket = config.bind_socket()
    socket.listen()  # a request that comes before the loop runs waits in the backlog
    thread = threading.Thread(target=server.run, kwargs={"sockets": [socket]})
    thread.start()
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{socket.getsockname()[1]}", timeout=30) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join()
        socket.close()


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    """A collector with small limits and a clock that stands still."""
    writer = KeptInMemory()
    config = CollectorConfig(
        tmp_path, limits=IngestLimits(max_body_size=8_000_000, max_decompressed_size=8_000_000)
    )
    collector = Collector(
        writer, config, CataloguePricer(), authenticate, events=writer.events, clock_ns=lambda: NOW_NS
    )
    collector.start()
    with serving(collector) as client:
        yield Running(collector, writer, client)
    collector.stop()


@pytest.fixture
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Storing begins again soon after each failure, for tests that wait for several in a row."""
    for module in ("flusher", "retrying"):
        monkeypatch.setattr(f"sightline_collector.{module}.FIRST_PAUSE_S", 0.02)


@pytest.fixture
def span() -> Callable[..., Span]:
    """A maker of spans."""
    return make_span


@pytest.fixture
def request_of() -> Callable[..., ExportTraceServiceRequest]:
    """A maker of requests from spans."""
    return make_request


def make_span(number: int = 1, name: str = "chat gpt-4o", **attributes: str | int | float | bool) -> Span:
    """Return a span of one second that ended when the tests' clock stands."""
    span = Span(
        trace_id=number.to_bytes(16, "big"),
        span_id=number.to_bytes(8, "big"),
        name=name,
        start_time_unix_nano=NOW_NS - 1_000_000_000,
        end_time_unix_nano=NOW_NS,
    )
    for key, value in attributes.items():
        span.attributes.add(key=key).value.CopyFrom(any_value(value))
    return span


def make_request(*spans: Span, service: str = "shop") -> ExportTraceServiceRequest:
    """Return one request with all spans under one resource and scope."""
    request = ExportTraceServiceRequest()
    resource_spans = request.resource_spans.add()
    name = resource_spans.resource.attributes.add(key="service.name")
    name.value.string_value = service
    scope_spans = resource_spans.scope_spans.add()
    scope_spans.scope.name = "tests"
    scope_spans.spans.extend(spans)
    return request
