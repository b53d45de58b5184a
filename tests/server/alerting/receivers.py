"""Receivers of alerts on loopback: HTTP and SMTP, each with and without TLS."""

import json
import socketserver
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_string
from email.message import EmailMessage
from email.policy import default as default_policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class HttpReceiver:
    """Keeps what was posted; answers with the next of `answers`, then 202, once as many ask `together`.

    `arrived` is called with the path before.
    """

    url: str = ""
    arrived: Callable[[str], object] = lambda path: None
    together: threading.Barrier = field(default_factory=lambda: threading.Barrier(1))
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)

    def bodies(self) -> list[Any]:
        return [json.loads(body) for _, _, body in self.requests]


@contextmanager
def http_receiver(tls: ssl.SSLContext | None = None) -> Iterator[HttpReceiver]:
    """An HTTP server on loopback that keeps what is posted, over TLS when a context is given."""
    received = HttpReceiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            received.requests.append((self.path, headers, body))
            received.arrived(self.path)
            received.together.wait(5)
            status, extra = received.answers.pop(0) if received.answers else (202, {})
            self.send_response(status)
            for name, value in {"content-length": "0", **extra}.items():
                self.send_header(name, value)
            self.end_headers()

        do_PUT = do_POST

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    with _serving(server) as port:
        received.url = f"http{'' if tls is None else 's'}://127.0.0.1:{port}"
        yield received


@contextmanager
def endless_receiver(head: bytes = b"") -> Iterator[str]:
    """The address of an HTTP server on loopback whose answer, a refusal, has no end.

    With `head` that is sent again and again, a little later each, and the answer never begins.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            with suppress(OSError):  # the client has read enough
                while head:
                    self.wfile.write(head)
                    time.sleep(0.02)
                self.send_response(500)
                self.end_headers()
                while True:
                    self.wfile.write(b"no " * 10_000)

        def log_message(self, format: str, *args: object) -> None:
            return

    with _serving(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as port:
        yield f"http://127.0.0.1:{port}"


@dataclass
class Mailbox:
    """Keeps mails."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    over_tls: list[bool] = field(default_factory=list)


@contextmanager
def smtp_receiver(tls: ssl.SSLContext | None = None) -> Iterator[Mailbox]:
    """An SMTP server on loopback that keeps mails; with a context it offers STARTTLS."""
    box = Mailbox()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self._say("220 ready")
            while line := self.rfile.readline().decode().strip():
                command = line.upper()
                if command.startswith("EHLO") and tls is not None:
                    self._say("250-here\r\n250 STARTTLS")
                    continue
                if command == "STARTTLS" and tls is not None:
                    self._say("220 go on")
                    self._encrypt(tls)
                    continue
                if command == "DATA":
                    self._say("354 go on")
                    box.over_tls.append(isinstance(self.connection, ssl.SSLSocket))
                    box.mails.append(message_from_string(self._read_mail(), policy=default_policy))
                self._say("221 bye" if command == "QUIT" else "250 ok")
                if command == "QUIT":
                    return

        def _encrypt(self, context: ssl.SSLContext) -> None:
            self.connection = context.wrap_socket(
                self.connection, server_side=True, do_handshake_on_connect=False
            )
            with suppress(ssl.SSLError):  # a client that does not trust us hangs up
                self.connection.do_handshake()
            self.rfile = self.connection.makefile("rb")
            self.wfile = self.connection.makefile("wb", buffering=0)

        def finish(self) -> None:
            super().finish()
            self.connection.close()

        def _read_mail(self) -> str:
            lines: list[str] = []
            while (line := self.rfile.readline().decode().rstrip("\r\n")) != ".":
                lines.append(line)
            return "\n".join(lines)

        def _say(self, line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

    with _serving(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)) as port:
        box.port = port
        yield box


@contextmanager
def _serving(server: socketserver.TCPServer) -> Iterator[int]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield int(server.server_address[1])
    server.shutdown()
    thread.join()
    server.server_close()
