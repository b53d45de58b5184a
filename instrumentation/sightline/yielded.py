"""What a generator of the app gave, as the result of its span: bounded, and only where content is kept."""

from __future__ import annotations

import gc
import sys
from itertools import islice, pairwise
from typing import Any

from sightline.chain import ChainSpan
from sightline_semconv import sightline

_MAX_ITEMS = 1000
_MAX_BYTES = 1024 * 1024  # of those items
_MAX_NEAR = 100  # references of one object that are followed to tell its size


class Yielded:
    """Items so far; `last` is kept always."""

    def __init__(self, handle: ChainSpan) -> None:
        self.items: list[Any] = []
        self.last: Any = None
        self._handle = handle
        self._keeps = handle.keeps_content
        self._room = _MAX_BYTES
        self._cut = False

    def add(self, item: Any) -> None:
        """Take one more."""
        self.last = item
        if not self._keeps:
            return
        if self._room > 0 and len(self.items) < _MAX_ITEMS:
            self.items.append(item)
            self._room -= _held_bytes(item)
        else:
            self._cut = True

    def keep(self) -> None:
        """As the output of a span whose generator failed or was left before its end."""
        if self.items:
            self._handle.set_output(self.whole())

    def whole(self) -> Any:
        """Pieces of text as one text, the newest of texts that grow (Gradio's), anything else as a list."""
        texts = [item for item in (*self.items, self.last) if isinstance(item, str)]
        are_texts = self.items != [] and len(texts) == len(self.items) + 1
        if are_texts and _grow(texts):
            return self.last
        if self._cut:
            self._handle.set(sightline.CONTENT_TRUNCATED, True)
        return "".join(self.items) if are_texts else self.items


def _grow(texts: list[str]) -> bool:
    """Whether each is the one before and more; twice at least, as two pieces may look so by chance."""
    pairs = list(pairwise(texts))
    longer = sum(len(sooner) < len(later) for sooner, later in pairs)
    return longer > 1 and all(later.startswith(sooner) for sooner, later in pairs)


def _held_bytes(item: Any, depth: int = 2) -> int:
    """About what an item keeps in memory: its own size and that of some of what it refers to."""
    if isinstance(item, str | bytes | bytearray):
        return len(item)
    try:
        size = sys.getsizeof(item, 0)
        if depth:
            near = islice(gc.get_referents(item), _MAX_NEAR)
            size += sum(_held_bytes(inner, depth - 1) for inner in near if not isinstance(inner, type))
    except Exception:
        return _MAX_BYTES  # nobody knows
    return size
