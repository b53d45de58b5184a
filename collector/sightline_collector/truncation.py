"""Content over a limit is shortened with a mark inside; JSON messages stay valid JSON."""

import re
from typing import Any

from sightline_semconv.dialects.flattened import dump_json, parse_json

_MIN_SHARE = 200
_CUT = re.compile(r"… \[\d{1,12} characters cut\]")


def truncate_text(text: str, limit: int) -> str:
    """Return at most about `limit` characters; what is cut is said at the end. Twice cuts no more."""
    if len(text) <= limit or _CUT.fullmatch(text, limit):
        return text
    return f"{text[:limit]}… [{len(text) - limit} characters cut]"


def truncate_content(text: str, limit: int) -> str:
    """Return content of about `limit` characters; inside JSON the longest texts are cut first.

    Structure that is itself too large (a million messages) ends as plain cut text.
    """
    if len(text) <= limit:
        return text
    value = parse_json(text)
    if isinstance(value, str):
        return truncate_text(text, limit)
    share = limit
    while share >= _MIN_SHARE:
        shortened = dump_json(_shorten(value, share))
        if len(shortened) <= limit + limit // 10:
            return shortened
        share //= 4
    return truncate_text(text, limit)


def cut_depth(value: Any, depth: int) -> tuple[Any, bool]:
    """Return the value with at most `depth` levels of lists and objects, and whether anything was cut."""
    if not isinstance(value, list | dict):
        return value, False
    if depth == 0:
        return f"… [{len(value)} nested too deeply]", True
    if isinstance(value, list):
        items = [cut_depth(item, depth - 1) for item in value]
        return [item for item, _ in items], any(cut for _, cut in items)
    fields = {key: cut_depth(item, depth - 1) for key, item in value.items()}
    return {key: item for key, (item, _) in fields.items()}, any(cut for _, cut in fields.values())


def _shorten(value: Any, share: int) -> Any:
    if isinstance(value, str):
        return truncate_text(value, share)
    if isinstance(value, list):
        return [_shorten(item, share) for item in value]
    if isinstance(value, dict):
        return {key: _shorten(item, share) for key, item in value.items()}
    return value
