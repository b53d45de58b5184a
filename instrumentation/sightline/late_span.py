"""Spans that are described when somebody first looks, which is seldom the thread that made the call."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Hashable, Mapping
from functools import lru_cache
from typing import Any

from opentelemetry.attributes import BoundedAttributes
from opentelemetry.sdk.trace import (
    ConcurrentMultiSpanProcessor,
    Event,
    ReadableSpan,
    Span,
    SynchronousMultiSpanProcessor,
)
from opentelemetry.trace import Status, StatusCode

from sightline.facts import Facts

logger = logging.getLogger(__name__)

_GROUPS = (SynchronousMultiSpanProcessor, ConcurrentMultiSpanProcessor)

_PLAIN = (int, float, bool)

_LONGEST_READING_S = 5

Describe = Callable[[Mapping[str, Any]], Facts]
"""From the attributes a span began with to the facts of its call; an error's message is ready to be shown."""


class LateSpan(ReadableSpan):
    """An ended span that reads its call when its attributes, events or status are first asked for.

    A processor that only queues spans leaves the reading to the thread that exports them; one that looks at
    once sees the span whole. The three fields are those that every property and encoder of the SDK goes
    through; processors that assign to them, to redact, work too. Any thread may be the first to look.
    """

    def __init__(self, ended: ReadableSpan, describe: Describe, held_bytes: int) -> None:
        self.__dict__.update(ended.__dict__)
        for name in ("_events", "_links"):  # the SDK's empty lists take more than all else of a span
            if not self.__dict__[name]:
                self.__dict__[name] = ()
        self.held_bytes = held_bytes  # by the call, until it is read
        self._describe: Describe | None = describe
        self._is_read = False
        self._reading = threading.RLock()  # also whoever interrupts the reader (a signal) may look

    def __reduce_ex__(self, protocol: Any) -> Any:
        """Copies, also those for other processes, are spans as the SDK makes them."""
        plain = ReadableSpan.__new__(ReadableSpan)
        ours = {"held_bytes", "_describe", "_is_read", "_reading"}
        plain.__dict__.update({name: value for name, value in self._read().items() if name not in ours})
        return plain.__reduce_ex__(protocol)

    def _read(self) -> dict[str, Any]:
        held = self.__dict__
        # A fork may leave the lock with a reader that does not exist: nobody waits for it for ever.
        if not self._is_read and self._reading.acquire(timeout=_LONGEST_READING_S):
            try:
                self._read_once(held)
            finally:
                self._reading.release()
        return held

    def _read_once(self, held: dict[str, Any]) -> None:
        describe, self._describe = self._describe, None
        if describe is None:
            return
        try:
            self._add(describe(held["_attributes"] or {}))
        except Exception:
            logger.debug("A span stays without the description of its call", exc_info=True)
        finally:
            self._is_read = True

    def _add(self, facts: Facts) -> None:
        held = self.__dict__
        held["_attributes"] = _bounded(held["_attributes"], facts.attributes)
        if facts.events:
            added = (Event(name, attributes, self.end_time) for name, attributes in facts.events)
            held["_events"] = [*held["_events"], *added]
        if facts.error is not None:
            held["_status"] = Status(StatusCode.ERROR, facts.error[1])

    @property
    def _attributes(self) -> Any:
        return self._read()["_attributes"]

    @_attributes.setter
    def _attributes(self, value: Any) -> None:
        self._read()["_attributes"] = value

    @property
    def _events(self) -> Any:
        return self._read()["_events"]

    @_events.setter
    def _events(self, value: Any) -> None:
        self._read()["_events"] = value

    @property
    def _status(self) -> Any:
        return self._read()["_status"]

    @_status.setter
    def _status(self, value: Any) -> None:
        self._read()["_status"] = value


def _bounded(started_with: Any, added: Mapping[str, Any]) -> Mapping[str, Any]:
    """All attributes of a span, under the limits that the app set on its provider."""
    merged = dict(started_with or ())
    for name, value in added.items():
        merged[name] = value if type(value) in _PLAIN else _plain(value)
    count = getattr(started_with, "maxlen", None)
    length = getattr(started_with, "max_value_len", None)
    if length is None and (count is None or len(merged) <= count):
        return merged
    return BoundedAttributes(count, merged, True, length)


def _plain(value: Any) -> Any:
    """A value as the SDK would store it, and that can be encoded: JSON may hold half a surrogate pair."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")
    return tuple(_plain(item) for item in value) if isinstance(value, list | tuple) else value


def can_end_late(span: object) -> bool:
    """Whether `end_late` works: for spans of the SDK itself, unless a processor takes part in ending them."""
    if not isinstance(span, Span) or not hasattr(span, "_readable_span"):
        return False  # a wrapper of another library
    processors = getattr(getattr(span, "_span_processor", None), "_span_processors", ())
    return not any(_takes_part(processor.__class__) for processor in processors)


@lru_cache(maxsize=64)
def _takes_part(processor: Hashable) -> bool:
    """An experiment of the SDK: such processors may still write to the span, so they must find it whole. The
    SDK's own simple and batch processors have the hook and do nothing in it."""
    if processor in _GROUPS:
        return True
    module = getattr(getattr(processor, "_on_ending", None), "__module__", None)
    return module not in {None, "opentelemetry.sdk.trace", "opentelemetry.sdk.trace.export"}


def end_late(span: Span, end_ns: int, describe: Describe, held_bytes: int, made: list[ReadableSpan]) -> None:
    """End a span now and let its processors see a `LateSpan`, which is added to `made` first."""
    make: Callable[[], ReadableSpan] = span._readable_span
    overridden: Any = span

    def late() -> ReadableSpan:
        made.append(LateSpan(make(), describe, held_bytes))
        return made[-1]

    overridden._readable_span = late
    try:
        span.end(end_ns)
    finally:
        del overridden._readable_span  # it holds the span itself
