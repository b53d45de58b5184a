"""An OTLP/HTTP collector on loopback that remembers spans and answers as it is told."""

from __future__ import annotations

import gzip
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTracePartialSuccess,
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)


class FakeCollector:
    """`status` and `rejects` decide the next answers; `posts` holds (path, headers, raw body).

    A body over `max_size` is answered 413 and not kept. `page`, where set, is the whole answer.
    """

    def __init__(self) -> None:
        self.status = 200
        self.max_size = 1 << 30
        self.rejects = 0
        self.page = b""
        self.posts: list[tuple[str, dict[str, str], bytes]] = []
        self.arrived = threading.Event()
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, format: str, *args: Any) -> None:
                """Quiet."""

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                if len(body) > fake.max_size:
                    self.send_error(413)
                    return
                fake.posts.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
                fake.arrived.set()
                partial = ExportTracePartialSuccess(rejected_spans=fake.rejects, error_message="no")
                answer = ExportTraceServiceResponse(partial_success=partial if fake.rejects else None)
                payload = fake.page or answer.SerializeToString()
                self.send_response(fake.status)
                self.send_header("content-length", str(len(payload)))
                self.end_headers()
                self.wfile.write(payload)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(
            target=self._server.serve_forever, daemon=True, kwargs={"poll_interval": 0.02}
        ).start()

    @property
    def endpoint(self) -> str:
        """Base address."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def spans(self) -> list[tuple[dict[str, str], Any]]:
        """(resource attributes, span) of every accepted request."""
        found = []
        for path, headers, body in self.posts:
            if path == "/v1/traces":
                raw = gzip.decompress(body) if headers.get("content-encoding") == "gzip" else body
                for resource_spans in ExportTraceServiceRequest.FromString(raw).resource_spans:
                    resource = {a.key: a.value.string_value for a in resource_spans.resource.attributes}
                    found += [
                        (resource, span) for scope in resource_spans.scope_spans for span in scope.spans
                    ]
        return found

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
