"""Searches that a provider makes for an answer and bills one by one, beside the tokens."""

from collections.abc import Mapping, Sequence
from typing import Any

from sightline_semconv import sightline

_SEARCHES = {
    "web_search_call": sightline.USAGE_WEB_SEARCHES,
    "file_search_call": sightline.USAGE_FILE_SEARCHES,
}
"""Type of an item of OpenAI's Responses API → the attribute with their number."""


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
