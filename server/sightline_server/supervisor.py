"""Tells systemd how far the process is, where it asks for that (`Type=notify`); see sd_notify(3)."""

import os
import socket
from contextlib import suppress


def tell_supervisor(state: str) -> None:
    """Send `READY=1` or `STOPPING=1` to the socket that `NOTIFY_SOCKET` names; without one, do nothing."""
    name = os.environ.get("NOTIFY_SOCKET", "")
    if name:
        # "@" stands for the NUL of a name that is in no file system.
        address = name.replace("@", "\0", 1) if name.startswith("@") else name
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as supervisor:
            supervisor.sendto(state.encode(), address)
