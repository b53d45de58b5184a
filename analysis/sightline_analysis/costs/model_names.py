"""One name for a model that an app, a provider's answer and its invoice spell differently."""

import re

_SNAPSHOT = re.compile(r"-(?:\d{4}-\d{2}-\d{2}|20\d{6}|latest|preview-\d{2}-\d{2}|\d{4}-preview)$")
_SEPARATOR = re.compile(r"[\s_.]+")


def canonical_model(name: str) -> str:
    """Return the name in lower case without its publisher, its snapshot and other separators than dashes.

    "Claude Sonnet 4.5" and "claude-sonnet-4-5-20250929" are the same; so are "gpt-4o" and
    "gpt-4o-2024-08-06".
    """
    plain = _SEPARATOR.sub("-", name.strip().lower()).rpartition("/")[2]
    return _SNAPSHOT.sub("", plain)
