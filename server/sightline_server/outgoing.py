"""How the server and its commands reach other HTTP servers that the settings name."""

from collections.abc import Mapping

import httpx

from sightline_core.loopback import is_on_this_machine


def client_of(
    base_url: str, headers: Mapping[str, str] | Mapping[bytes, bytes], timeout_s: float
) -> httpx.Client:
    """Return a client, without the proxy of the environment for what is on this machine.

    Raises `httpx.InvalidURL`.
    """
    trust_env = not is_on_this_machine(base_url)
    return httpx.Client(
        base_url=base_url.rstrip("/"), headers=headers, timeout=timeout_s, trust_env=trust_env
    )
