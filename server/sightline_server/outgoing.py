"""How the server and its commands reach other HTTP servers that the settings name."""

import httpx
from pydantic import SecretStr

from sightline_core.loopback import is_on_this_machine


def client_of(base_url: str, key: SecretStr | None, timeout_s: float) -> httpx.Client:
    """Return a client that sends the key, without the proxy of the environment for what is on this machine.

    Raises `httpx.InvalidURL`.
    """
    headers = {b"authorization": f"Bearer {key.get_secret_value()}".encode()} if key else {}
    trust_env = not is_on_this_machine(base_url)
    return httpx.Client(
        base_url=base_url.rstrip("/"), headers=headers, timeout=timeout_s, trust_env=trust_env
    )
