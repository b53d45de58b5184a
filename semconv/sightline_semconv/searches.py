"""Searches that a provider makes for an answer and bills one by one, beside the tokens."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sightline_semconv import sightline

_SEARCHES = {
    "web_search_call": sightline.USAGE_WEB_SEARCHES,
    "file_search_call": sightline.USAGE_FILE_SEARCHES,
}
"""Type of an item of OpenAI's Responses API → the attribute with their number."""

_COUNTED = {
    "web_search_calls": sightline.USAGE_WEB_SEARCHES,
    "x_search_calls": sightline.USAGE_WEB_SEARCHES,
    "file_search_calls": sightline.USAGE_FILE_SEARCHES,
    "document_search_calls": sightline.USAGE_FILE_SEARCHES,
    "num_search_queries": sightline.USAGE_WEB_SEARCHES,
}
"""xAI's usage says what was made (docs.x.ai, "Tool Usage Details"), the last but one in its collections; that
of Perplexity's deep research does, too."""

_ONE_FOR_A_PROMPT = re.compile(r"gemini-[12][.-]")
"""Models whose searches Google bills as one, however many they are (ai.google.dev, "Grounding")."""

_ALWAYS = ("-search-preview", "-search-api", "sonar-deep-research", "sonar-pro-search")
"""Models that search for each answer, which does not say how often (of OpenAI's chat API, of Perplexity)."""

_FREE_SHARE = frozenset({"gcp.gemini", "gcp.gen_ai", "gcp.vertex_ai"})


def count_searches(output: Sequence[Any]) -> dict[str, int]:
    """Return the searches among the items of a response by attribute, without those that were not made.

    To open a page that was found, or to look for a text in it, is an action of a web search that costs
    nothing (developers.openai.com, "Web search").
    """
    found: dict[str, int] = {}
    for item in output:
        name = _SEARCHES.get(str(item.get("type"))) if isinstance(item, Mapping) else None
        if name is None or item.get("status") == "failed":
            continue
        action = item.get("action")
        if not isinstance(action, Mapping) or action.get("type", "search") == "search":
            found[name] = found.get(name, 0) + 1
    return found


def counted_searches(usage: Mapping[str, Any]) -> dict[str, int]:
    """Return the searches that the usage of xAI and Perplexity counts by attribute; a kind without any is
    left out."""
    details, found = usage.get("server_side_tool_usage_details"), dict[str, int]()
    said = details if isinstance(details, Mapping) else usage
    for key, name in _COUNTED.items():
        count = said.get(key)
        if isinstance(count, int) and count > 0:
            found[name] = found.get(name, 0) + count
    return found


def count_queries(grounding: Any, model: str) -> int:
    """Return how many searches Google bills for an answer with this metadata; empty ones are not billed."""
    if not isinstance(grounding, Mapping):
        return 0
    queries = grounding.get("webSearchQueries") or grounding.get("web_search_queries")
    made = {query for query in queries if isinstance(query, str)} if isinstance(queries, list) else set()
    made.discard("")
    return min(len(made), 1) if _ONE_FOR_A_PROMPT.search(model) else len(made)


def always_searches(model: str) -> bool:
    """Return whether each answer of a model has searches that are billed, whatever it says of them."""
    return "sear" in model and any(part in model for part in _ALWAYS)


def has_free_share(provider: str) -> bool:
    """Return whether a provider, by its GenAI name, gives some searches of a day or month for nothing."""
    return provider in _FREE_SHARE
