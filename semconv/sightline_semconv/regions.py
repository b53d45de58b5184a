"""Where a provider bills tokens higher than elsewhere, and what of a call tells it (November 2026)."""

import re
from functools import lru_cache
from typing import NamedTuple


class Region(NamedTuple):
    """`factor`: what each token costs more by, in decimal digits; "" where not all models cost more there,
    or nobody knows by how much."""

    name: str
    factor: str


_HOSTS = {
    "us.api.x.ai": "1.1",  # docs.x.ai, "Regional Endpoints"
    "us-api.together.ai": "1.25",  # docs.together.ai, "Geo-specific inference"
    "ca-api.together.ai": "1.25",
}
_GEOGRAPHIES = {("anthropic", "us"): "1.1"}
"""Provider and geography of its usage; older models have none (platform.claude.com, "Data residency")."""

_OPENAI = re.compile(r"[a-z]{2}\.api\.openai\.com")
"""10 % more for models since March 2026 (developers.openai.com, "Data residency")."""
_VERTEX = re.compile(r"[a-z0-9-]+-aiplatform\.googleapis\.com|aiplatform\.[a-z]+\.rep\.googleapis\.com")
"""10 % more for Claude since Sonnet 4.5 (platform.claude.com, "Pricing")."""


@lru_cache(maxsize=4096)
def find_region(provider: str, model: str, host: str, geography: str) -> Region | None:
    """Return the region of a call that is not billed like the rest of the world; None for all others.

    `host` is the server's address, `geography` where the answer says that it was made; "" when unknown.
    """
    host, geography = host.strip().lower(), geography.strip().lower()
    if factor := _GEOGRAPHIES.get((provider, geography)):
        return Region(geography, factor)
    if factor := _HOSTS.get(host):
        return Region(host, factor)
    if _OPENAI.fullmatch(host) or ("claude" in model and _VERTEX.fullmatch(host)):
        return Region(host, "")
    return None
