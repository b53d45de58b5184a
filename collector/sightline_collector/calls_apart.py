"""One model call that two instrumentations recorded in a trace each, as the outer span was not current.

A client's own instrumentation (Anthropic's SDK) then begins a trace below one that does not make its span the
current one (OpenLLMetry, those of LangChain for JavaScript). Such a root is of a call of another trace when
both come from different scopes of one app, have one response id and were at work at one time: a cache that
replays an answer does so later. Roots without an id: `calls_beside`.
Claude Code's calls have no id but that of their request, and an event of one may name another trace than its
span is in: of those with one request id neither need be a root.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from sightline_collector.counted_calls import CountedCalls
from sightline_storage.spans.span_record import SpanRecord

_Answer = tuple[str, str, str]
"""Project, app, and the id of the response or, where none is said, of the request."""


class _Recorded(NamedTuple):
    trace: str
    is_loose: bool
    scope: str
    start_ns: int
    end_ns: int

    def repeats(self, other: "_Recorded") -> bool:
        """Whether both are of one call."""
        return (
            self.trace != other.trace
            and (self.is_loose or other.is_loose)
            and self.scope != other.scope
            and self.start_ns < other.end_ns
            and other.start_ns < self.end_ns
        )


class CallsApart:
    """Calls by their answer: of two one is the root of its trace, or has the id of its request alone."""

    def __init__(self) -> None:
        self._counted: CountedCalls[_Answer, _Recorded] = CountedCalls(_recorded)

    def mark(self, records: Sequence[SpanRecord]) -> None:
        """Set `counted` to 0, in place, on records whose call is counted in another trace."""
        by_answer: defaultdict[_Answer, list[SpanRecord]] = defaultdict(list)
        for record in records:
            id_ = record.get("response_id") or record.get("request_id")
            if id_ and record["counted"] and record.get("scope_name"):
                by_answer[record["project"], record.get("app", ""), id_].append(record)
        for same in by_answer.values():
            # Of two that say as much, the one counts that stands in its chain.
            same.sort(key=lambda record: not record["parent_span_id"])
        self._counted.settle(by_answer)


def _recorded(record: SpanRecord) -> _Recorded:
    start_ns = record["start_ns"]
    is_loose = not (record["parent_span_id"] and record.get("response_id"))
    end_ns = start_ns + record["duration_ns"]
    return _Recorded(record["trace_id"], is_loose, record["scope_name"], start_ns, end_ns)
