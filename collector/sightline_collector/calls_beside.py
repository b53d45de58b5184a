"""One model call that two instrumentations recorded beside each other, where no response id tells.

A client's own instrumentation and one that does not make its span the current one have the same parent. Their
spans are of one call when they come from different scopes, name the same model (one may name only that which
answered, as Langfuse does), one lies within the other's time, and they say the same usage or one says none.
LlamaIndex's span of a stream ends before anything is asked: when it hands over what will be read.
So are roots of one app that say the same usage, where nothing around the call was being traced. What says
more counts: usage, its parts, an error, an id.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from sightline_collector.counted_calls import CountedCalls, has_usage
from sightline_storage.spans.span_record import SpanRecord

LLAMA_INDEX = "openinference.instrumentation.llama_index"
_HANDED_OVER_NS = 1_000_000_000

_Place = tuple[str, str, str, str]
"""Project, trace, parent and kind; of roots the app and the usage in place of trace and parent."""


class _Call(NamedTuple):
    scope: str
    asked: str
    answered: str
    start_ns: int
    end_ns: int
    usage: tuple[int, int]
    has_id: bool

    def repeats(self, other: "_Call") -> bool:
        """Whether this is the call of the other one, and nothing is lost when that one counts."""
        return (
            self.scope != other.scope
            and self._names_model_of(other)
            and not (self.has_id and other.has_id)
            and (self.usage == other.usage or not any(self.usage))
            and (self._lies_in(other) or other._lies_in(self) or self._hands_over_to(other))
        )

    def _names_model_of(self, other: "_Call") -> bool:
        if self.asked and other.asked:
            return self.asked == other.asked
        return bool({self.asked, self.answered} & {other.asked, other.answered} - {""})

    def _hands_over_to(self, other: "_Call") -> bool:
        says_nothing = not any(self.usage) and not self.has_id
        is_next = 0 <= other.start_ns - self.end_ns <= _HANDED_OVER_NS
        return self.scope == LLAMA_INDEX and says_nothing and other.has_id and is_next

    def _lies_in(self, other: "_Call") -> bool:
        return other.start_ns <= self.start_ns and self.end_ns <= other.end_ns


class CallsBeside:
    """Calls by their place in a trace."""

    def __init__(self) -> None:
        self._counted: CountedCalls[_Place, _Call] = CountedCalls(_call)

    def mark(self, records: Sequence[SpanRecord]) -> None:
        """Set `counted` to 0, in place, on records whose call is counted on another span."""
        by_place: defaultdict[_Place, list[SpanRecord]] = defaultdict(list)
        for record in records:
            model = record.get("request_model") or record.get("response_model")
            if record["counted"] and model and record.get("scope_name") and (place := _place(record)):
                by_place[place].append(record)
        self._counted.settle(by_place)


def _place(record: SpanRecord) -> _Place | None:
    if record["parent_span_id"]:
        return record["project"], record["trace_id"], record["parent_span_id"], record["kind"]
    if not has_usage(record):
        return None
    usage = f"{record.get('input_tokens', 0)} {record.get('output_tokens', 0)}"
    return record["project"], record.get("app", ""), usage, record["kind"]


def _call(record: SpanRecord) -> _Call:
    return _Call(
        record["scope_name"],
        record.get("request_model", ""),
        record.get("response_model", ""),
        record["start_ns"],
        record["start_ns"] + record["duration_ns"],
        (record.get("input_tokens", 0), record.get("output_tokens", 0)),
        record.get("response_id", "") != "",
    )
