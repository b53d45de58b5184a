"""One model call that two instrumentations recorded in a trace each, as nothing around it was being traced.

A client's own instrumentation (Anthropic's SDK) and one that does not make its span the current one
(OpenLLMetry) then begin a trace each. Their roots are of one call when they come from different scopes of one
app, have one response id and were at work at one time: a cache that replays an answer does so later.
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
    scope: str
    start_ns: int
    end_ns: int

    def repeats(self, other: "_Recorded") -> bool:
        """Whether both are of one call."""
        return (
            self.trace != other.trace
            and self.scope != other.scope
            and self.start_ns < other.end_ns
            and other.start_ns < self.end_ns
        )


class CallsApart:
    """Calls that are roots of their traces, or have the id of their request alone."""

    def __init__(self) -> None:
        self._counted: CountedCalls[_Answer, _Recorded] = CountedCalls(_recorded)

    def mark(self, records: Sequence[SpanRecord]) -> None:
        """Set `counted` to 0, in place, on roots whose call is counted in another trace."""
        by_answer: defaultdict[_Answer, list[SpanRecord]] = defaultdict(list)
        for record in records:
            if not record["counted"] or not record.get("scope_name"):
                continue
            response_id = record.get("response_id")
            id_ = response_id or record.get("request_id")
            if id_ and not (response_id and record["parent_span_id"]):
                by_answer[record["project"], record.get("app", ""), id_].append(record)
        self._counted.settle(by_answer)


def _recorded(record: SpanRecord) -> _Recorded:
    start_ns = record["start_ns"]
    return _Recorded(record["trace_id"], record["scope_name"], start_ns, start_ns + record["duration_ns"])
