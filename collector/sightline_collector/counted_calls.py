"""Which span of a model call counts that several instrumentations recorded: the first that says most."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Generic, Protocol, Self, TypeVar

from sightline_semconv import sightline
from sightline_storage.spans.span_record import SpanRecord

_REMEMBERED = 10_000
_NEWEST = 16
_NONE: dict[str, float] = {}


class Call(Protocol):
    """What of a span tells whether another one is of the same call."""

    def repeats(self, other: Self, /) -> bool:
        """Whether this is the call of the other one, which counts."""


_Key = TypeVar("_Key", bound=Hashable)
_Call = TypeVar("_Call", bound=Call)


class CountedCalls(Generic[_Key, _Call]):
    """Remembers calls that count by what their spans share, so that these need not arrive together."""

    def __init__(self, call_of: Callable[[SpanRecord], _Call]) -> None:
        self._call_of = call_of
        self._counted: OrderedDict[_Key, list[_Call]] = OrderedDict()

    def settle(self, alike: Mapping[_Key, Sequence[SpanRecord]]) -> None:
        """Set `counted` to 0, in place, on records whose call is counted on another one of the same key."""
        for key, records in alike.items():
            counted = self._counted.setdefault(key, [])
            for record in sorted(records, key=_says, reverse=True) if len(records) > 1 else records:
                call = self._call_of(record)
                if any(map(call.repeats, counted)):
                    record["counted"] = 0
                else:
                    counted.append(call)
                    del counted[:-_NEWEST]
        while len(self._counted) > _REMEMBERED:
            self._counted.popitem(last=False)


def _says(record: SpanRecord) -> tuple[bool, int, bool, bool]:
    """What makes it the one that counts of the spans of a call, in this order."""
    is_error, has_id = record["status"] == "error", record.get("response_id", "") != ""
    return has_usage(record), parts_said(record), is_error, has_id


def has_usage(record: SpanRecord) -> bool:
    """Return whether an emitter says how many tokens went in or out."""
    return bool(record.get("input_tokens") or record.get("output_tokens"))


def parts_said(record: SpanRecord) -> int:
    """Of how many of the parts that have prices of their own an emitter says how many tokens they were."""
    return sum(
        bool(count)
        for count in (
            record.get("cached_input_tokens"),
            record.get("cache_write_tokens"),
            record.get("reasoning_tokens"),
            record.get("audio_input_tokens"),
            record.get("audio_output_tokens"),
            record.get("image_input_tokens"),
            record.get("image_output_tokens"),
            record.get("attributes_num", _NONE).get(sightline.USAGE_CACHE_WRITE_1H),
        )
    )
