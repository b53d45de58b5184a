"""What gateways say in response headers: request ids, cache look-ups, cost."""

from __future__ import annotations

from collections.abc import Mapping

from sightline.facts import Facts
from sightline_semconv import sightline
from sightline_semconv.kinds import CacheKind

_REQUEST_IDS = ("x-request-id", "apim-request-id", "request-id", "x-groq-request-id", "cf-ray")
# Header → the values that mean a hit; any other value is a miss.
_CACHE_HEADERS: tuple[tuple[str, frozenset[str]], ...] = (
    ("helicone-cache", frozenset({"hit"})),
    ("x-portkey-cache-status", frozenset({"hit", "semantic hit"})),
    ("cf-aig-cache-status", frozenset({"hit"})),
    ("x-openrouter-cache-status", frozenset({"hit"})),
    ("x-cache-status", frozenset({"hit"})),
)
_LITELLM_CACHE_KEY = "x-litellm-cache-key"
_COST_HEADER = "x-litellm-response-cost"


def read_headers(headers: Mapping[str, str], facts: Facts) -> None:
    """Request id of the provider, cache state and cost of LiteLLM, Helicone, Portkey, Cloudflare,
    OpenRouter."""
    request_id = next((headers[name] for name in _REQUEST_IDS if headers.get(name)), None)
    facts.put(sightline.REQUEST_ID, request_id)
    _read_cache(headers, facts)
    cost = headers.get(_COST_HEADER)
    if cost and _is_amount(cost):
        facts.put(sightline.COST_USD, cost)


def _read_cache(headers: Mapping[str, str], facts: Facts) -> None:
    for name, hits in _CACHE_HEADERS:
        state = (headers.get(name) or "").strip().lower()
        if state:
            semantic = "semantic" in state
            facts.put(sightline.CACHE_KIND, CacheKind.SEMANTIC if semantic else CacheKind.GATEWAY)
            facts.put(sightline.CACHE_HIT, state in hits)
            break
    else:
        if headers.get(_LITELLM_CACHE_KEY):  # sent on hits only
            facts.put(sightline.CACHE_KIND, CacheKind.GATEWAY)
            facts.put(sightline.CACHE_HIT, True)
    age = headers.get("age", "")
    if facts.attributes.get(sightline.CACHE_HIT) and age.isascii() and age.isdigit():
        facts.put(sightline.CACHE_AGE_S, int(age))


def _is_amount(text: str) -> bool:
    try:
        return 0 <= float(text) < 1e9
    except ValueError:
        return False
