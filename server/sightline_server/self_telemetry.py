"""The server's own spans: a trace for each block that the collector stores, sent by OTLP to any endpoint."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sightline_collector import StoredBlock
from sightline_core.loopback import is_on_this_machine
from sightline_core.settings import Settings

_TIMEOUT_S = 2.0  # the end of the process waits for the last try, which may be to itself


@contextmanager
def watched_blocks(settings: Settings) -> Iterator[Callable[[StoredBlock], None]]:
    """Yield what the collector tells of its blocks; without an endpoint in the settings that is nothing.

    The endpoint may be this very server: a block of its own spans makes one more small block, seconds later.
    """
    if not settings.self_traces_url:
        yield lambda _block: None
        return
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from requests import Session

    session = Session()
    session.trust_env = not is_on_this_machine(settings.self_traces_url)
    key = settings.self_traces_key
    exporter = OTLPSpanExporter(
        f"{settings.self_traces_url.rstrip('/')}/v1/traces",
        headers={"authorization": f"Bearer {key.get_secret_value()}"} if key else None,
        timeout=_TIMEOUT_S,
        session=session,
    )
    provider = TracerProvider(resource=Resource.create({"service.name": "sightline-server"}))
    provider.add_span_processor(BatchSpanProcessor(exporter))
    tracer = provider.get_tracer("sightline_server")

    def tell(block: StoredBlock) -> None:
        root = tracer.start_span(
            "store block",
            start_time=block.begun_ns,
            attributes={
                "sightline.block.spans": block.spans,
                "sightline.block.stored": block.stored,
                "sightline.block.refusals": block.refusals,
                "sightline.block.queue_age_s": max(0, block.begun_ns - block.oldest_ns) / 1e9,
            },
        )
        within = trace.set_span_in_context(root)
        for name, start_ns, end_ns in (
            ("decode", block.begun_ns, block.decoded_ns),
            ("write", block.decoded_ns, block.stored_ns),
        ):
            tracer.start_span(name, within, start_time=start_ns).end(end_ns)
        root.end(block.stored_ns)

    try:
        yield tell
    finally:
        provider.shutdown()
