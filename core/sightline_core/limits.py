"""What one project may send: the server's limits, and a project's own."""

from collections.abc import Mapping
from dataclasses import dataclass

from sightline_core.errors import CallerError

MAX_REQUEST_SPANS = 65_536
"""Spans of one request, or log records, unless the server's settings say otherwise. SDKs send 512."""
MAX_REQUEST_PARTS = 1_000_000
"""Attributes, events, links and values in lists of one request: 15 for each span, where there are most."""
MAX_HELD_SIZE = 256 * 1024 * 1024
"""Bytes of all requests that are not answered yet, over HTTP and as much over gRPC."""
MAX_CONNECTIONS = 4_096
"""Open at once, over HTTP and as many over gRPC, where the process may open enough files."""
MAX_ID = 1_000
"""Characters of the id of a session or user: it is part of addresses."""


@dataclass(frozen=True, slots=True)
class IngestLimits:
    """Sizes of bodies are in bytes, those of attributes and content in characters."""

    max_spans_per_s: int = 0
    """0 is no limit."""
    max_body_size: int = 16 * 1024 * 1024
    max_decompressed_size: int = 64 * 1024 * 1024
    max_attributes: int = 1_000
    max_attribute_size: int = 64 * 1024
    max_attribute_depth: int = 32
    max_content_size: int = 1024 * 1024

    def lowered(self, own: Mapping[str, int | None]) -> "IngestLimits":
        """Return what holds for a project with limits of its own; None: it has none of this name.

        The server's are the most that a project may have, except for spans per second, where they are what
        holds for projects that do not say.
        """
        lowered = {name: _lower(getattr(self, name), own.get(name)) for name in LIMIT_NAMES}
        rate = own.get("max_spans_per_s")
        return IngestLimits(**{**lowered, "max_spans_per_s": self.max_spans_per_s if rate is None else rate})


LIMIT_NAMES: tuple[str, ...] = tuple(IngestLimits.__slots__)


def check_own_limits(own: Mapping[str, int | None]) -> None:
    """Raise `CallerError` for a size of 0: who means no limit by it would have everything refused or cut."""
    for name in LIMIT_NAMES:
        if name != "max_spans_per_s" and own.get(name) == 0:
            raise CallerError(f"{name} is 1 or more; to have no limit but the server's, unset it")


def _lower(server: int, own: int | None) -> int:
    return server if own is None else min(server, own)
