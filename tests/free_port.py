"""Ports for servers that bind them later, in a process of their own."""

from __future__ import annotations

import random
import socket

# Linux takes ports for outgoing connections and for port 0 from 32768 on, others from higher up. One of those
# that is free now may belong to a connection by the time that a server on a busy machine has started.
_PORTS = range(20_000, 32_000)
_random = random.SystemRandom()  # each worker its own; hypothesis sets the seed of the other


def free_port() -> int:
    """Return a port of loopback that nobody listens on, and that the system gives to nobody unasked."""
    while True:
        port = _random.choice(_PORTS)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
