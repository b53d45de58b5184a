"""LangChain's LLM cache, traced: `set_llm_cache(TracedCache(InMemoryCache()))`. Needs langchain-core."""

from __future__ import annotations

from typing import Any

from langchain_core.caches import BaseCache  # type: ignore[import-not-found,unused-ignore]

from sightline.chain import cache
from sightline_semconv.kinds import CacheKind


class TracedCache(BaseCache):  # type: ignore[misc,unused-ignore]
    """Passes everything on to another cache and makes a span of every look-up."""

    def __init__(self, inner: BaseCache, *, kind: CacheKind | str = CacheKind.EXACT) -> None:
        self._inner = inner
        self._kind = kind

    def lookup(self, prompt: str, llm_string: str) -> Any:
        """The inner cache's answer; None is a miss."""
        with cache(type(self._inner).__name__, kind=self._kind, query=prompt) as handle:
            found = self._inner.lookup(prompt, llm_string)
            handle.set_lookup(found is not None, saved_tokens=_tokens_of(found))
            return found

    async def alookup(self, prompt: str, llm_string: str) -> Any:
        """As `lookup`."""
        with cache(type(self._inner).__name__, kind=self._kind, query=prompt) as handle:
            found = await self._inner.alookup(prompt, llm_string)
            handle.set_lookup(found is not None, saved_tokens=_tokens_of(found))
            return found

    def update(self, prompt: str, llm_string: str, return_val: Any) -> None:
        """Store in the inner cache."""
        self._inner.update(prompt, llm_string, return_val)

    async def aupdate(self, prompt: str, llm_string: str, return_val: Any) -> None:
        """Store in the inner cache."""
        await self._inner.aupdate(prompt, llm_string, return_val)

    def clear(self, **kwargs: Any) -> None:
        """Empty the inner cache."""
        self._inner.clear(**kwargs)

    async def aclear(self, **kwargs: Any) -> None:
        """Empty the inner cache."""
        await self._inner.aclear(**kwargs)


def _tokens_of(found: Any) -> int | None:
    """Tokens that the stored answers took when they were made; None when they do not say."""
    counts = []
    for generation in found if isinstance(found, list | tuple) else ():
        usage = getattr(getattr(generation, "message", None), "usage_metadata", None)
        total = usage.get("total_tokens") if isinstance(usage, dict) else None
        if isinstance(total, int):
            counts.append(total)
    return sum(counts) if counts else None
