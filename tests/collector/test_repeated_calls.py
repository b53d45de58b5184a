"""Which of several records of one call counts."""

from __future__ import annotations

from typing import Any

from sightline_collector.repeated_calls import RepeatedCalls


def _record(span_id: str, parent: str, duration_ns: int) -> Any:
    ids = {"project": "p", "trace_id": "t", "span_id": span_id, "parent_span_id": parent}
    return {**ids, "response_id": "r", "counted": 1, "duration_ns": duration_ns}


def test_a_log_beside_a_call_does_not_count_but_one_alone_does() -> None:
    calls = RepeatedCalls()
    request, below, log = _record("a", "root", 5), _record("b", "a", 9), _record("c", "root", 0)
    calls.mark([log, request, below])
    assert [record["counted"] for record in (request, below, log)] == [0, 1, 0]
    late = _record("d", "root", 0)
    calls.mark([late])
    assert late["counted"] == 0
    alone = _record("e", "root", 0)
    RepeatedCalls().mark([alone])
    assert alone["counted"] == 1
