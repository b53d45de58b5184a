"""Counting what reaches the app out of `openai.Stream`: the stream object stays the app's own.

Only its private iterator is replaced, by one that passes every item on unchanged. What the items hold is read
from the bytes of the response (`http_tap`), later and elsewhere.
"""

from __future__ import annotations

from typing import Any

from sightline.call import Call
from sightline.http_tap import outcome_of
from sightline_semconv.kinds import StreamOutcome


class SyncItems:
    """Iterator over the items of a `Stream`."""

    __slots__ = ("_call", "_inner")

    def __init__(self, inner: Any, call: Call) -> None:
        self._inner = inner
        self._call = call

    def __iter__(self) -> SyncItems:
        return self

    def __next__(self) -> Any:
        call = self._call
        call.reading = True
        try:
            item = next(self._inner)
            while call.hides_usage and _is_usage_only(item):
                item = next(self._inner)
        except StopIteration:
            call.finish(StreamOutcome.COMPLETE)
            raise
        except BaseException as error:
            call.finish(outcome_of(error), error)
            raise
        finally:
            call.reading = False
        call.consumed += 1
        return item

    def close(self) -> None:
        """Close the iterator underneath, as closing a generator would."""
        self._inner.close()
        self._call.finish(StreamOutcome.ABANDONED)

    def __del__(self) -> None:
        self._call.leave()


class AsyncItems:
    """Iterator over the items of an `AsyncStream`."""

    __slots__ = ("_call", "_inner")

    def __init__(self, inner: Any, call: Call) -> None:
        self._inner = inner
        self._call = call

    def __aiter__(self) -> AsyncItems:
        return self

    async def __anext__(self) -> Any:
        call = self._call
        call.reading = True
        try:
            item = await anext(self._inner)
            while call.hides_usage and _is_usage_only(item):
                item = await anext(self._inner)
        except StopAsyncIteration:
            call.finish(StreamOutcome.COMPLETE)
            raise
        except BaseException as error:
            call.finish(outcome_of(error), error)
            raise
        finally:
            call.reading = False
        call.consumed += 1
        return item

    async def aclose(self) -> None:
        """Close the iterator underneath, as closing a generator would."""
        await self._inner.aclose()
        self._call.finish(StreamOutcome.ABANDONED)

    def __del__(self) -> None:
        self._call.leave()


def _is_usage_only(item: Any) -> bool:
    """The extra last chunk of `stream_options.include_usage`: no choices, but usage."""
    return getattr(item, "choices", None) == [] and getattr(item, "usage", None) is not None
