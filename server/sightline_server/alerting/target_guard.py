"""Which addresses alerts may be sent to: the public internet, and networks that the operator allows.

A webhook's address is written by a user of the page, the request is made by the server. Unchecked, it would
reach what only the server can reach: cloud metadata, databases, the network behind the firewall. The name is
resolved here and the connection is made to the very address that was checked, so that a name cannot change in
between. Where the operator has alerts leave by a proxy, that resolves what is not ours to reach, and may know
names that are unknown here; what is private here is refused all the same.
"""

import ipaddress
import socket
from collections.abc import Sequence
from urllib.parse import urlsplit

from sightline_core.errors import CallerError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


# IPv4-compatible, -mapped and -translated (RFC 4291, RFC 2765), and NAT64 (RFC 6052).
_ENDING_IN_IPV4 = [
    ipaddress.IPv6Network(prefix) for prefix in ("::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96")
]

# Not globally reachable by IANA's registries, though some versions of Python say so: NAT64 of a network's own
# (RFC 8215), protocol assignments, documentation, segment routing.
_NOT_PUBLIC = [
    ipaddress.ip_network(block) for block in ("64:ff9b:1::/48", "192.0.0.0/24", "3fff::/20", "5f00::/16")
]


class _UnknownHost(CallerError):
    """No address is known of the host."""


class TargetGuard:
    """Checks addresses before they are saved and each time before they are connected to."""

    def __init__(self, allowed: Sequence[Network], *, proxy: str = "") -> None:
        """`proxy` is the URL of what leads to everything but the `allowed` networks; "": nothing does."""
        self._allowed = tuple(allowed)
        self.proxy = proxy

    def check_url(self, url: str) -> Address | None:
        """Return the address to connect to for an http(s) URL; None: ask the proxy for it.

        Raises `CallerError` when it must not be reached.
        """
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError as error:
            raise CallerError("the address is not a URL") from error
        if parts.scheme not in ("http", "https") or not host:
            raise CallerError("the address must begin with https:// or http:// and name a host")
        if parts.username is not None:
            raise CallerError("the address must not carry a user name or password")
        port = port or (443 if parts.scheme == "https" else 80)
        if not self.proxy:
            return self.check_host(host, port)
        try:
            address = self.check_host(host, port)
        except _UnknownHost:
            return None
        return address if self._is_allowed(address) else None

    def check_host(self, host: str, port: int) -> Address:
        """Return the address of the host; `CallerError` unless every address it has may be reached."""
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise _UnknownHost(f"the host {host[:100]!r} cannot be resolved") from error
        addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
        # All of them: a name with one public and one private address would be a way around the check.
        for address in addresses:
            if not self._may_reach(address):
                raise CallerError(
                    f"the host {host[:100]!r} is a private address; the operator can allow its network "
                    "with SIGHTLINE_ALERT_NETWORKS"
                )
        return addresses[0]

    def _is_allowed(self, address: Address) -> bool:
        both = (address, _reached(address))
        return any(each in network for each in both for network in self._allowed)

    def _may_reach(self, address: Address) -> bool:
        if self._is_allowed(address):
            return True
        reached = _reached(address)
        is_local = isinstance(reached, ipaddress.IPv6Address) and reached.is_site_local
        if any(reached in network for network in _NOT_PUBLIC):
            return False
        return reached.is_global and not reached.is_multicast and not is_local


def _reached(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 address leads to by its form, which a gateway may translate."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if any(address in network for network in _ENDING_IN_IPV4):
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.sixtofour or address


def parse_networks(text: str) -> list[Network]:
    """Return the networks of a comma-separated list such as `10.0.0.0/8, ::1`; raises `ValueError`."""
    return [ipaddress.ip_network(part.strip(), strict=False) for part in text.split(",") if part.strip()]
