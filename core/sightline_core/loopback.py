"""Which names are those of this machine itself."""

import ipaddress
from urllib.parse import urlsplit


def is_loopback(name: str | None) -> bool:
    """Return whether a host, without a port, is localhost, a name below it or a loopback address."""
    if not name:
        return False
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def is_on_this_machine(url: str) -> bool:
    """Return whether an address leads to this machine. Proxies of the environment lead elsewhere with it."""
    try:
        return is_loopback(urlsplit(url).hostname)
    except ValueError:
        return False
