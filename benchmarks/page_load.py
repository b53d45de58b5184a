"""The traces of the page benchmark: agents that plan, search, call models and answer, of any size."""

import json
import random
from collections.abc import Iterator
from decimal import Decimal

from sightline_core.ids import DEFAULT_PROJECT
from sightline_storage import SpanRecord

_STEPS = ("internal", "llm", "tool", "retrieval", "guardrail", "cache", "llm", "tool", "embedding")
_NAMES = {
    "workflow": "handle ticket",
    "agent": "invoke_agent researcher",
    "internal": "parse answer",
    "llm": "chat gpt-4o",
    "tool": "execute_tool search_orders",
    "retrieval": "retrieve policies",
    "guardrail": "check pii",
    "cache": "look up answer",
    "embedding": "embeddings text-embedding-3-small",
}


def big_trace(trace_id: str, spans: int, start_ns: int) -> Iterator[SpanRecord]:
    """Yield a trace of a root, an agent for every 24 spans, and their steps; the same ids every time."""
    chance = random.Random(spans)
    root, agent = _span_id(0), ""
    step_ns = 3_600_000_000_000 // spans
    for number in range(spans):
        kind, parent = _STEPS[number % len(_STEPS)], agent
        if number == 0:
            kind, parent = "workflow", ""
        elif number % 24 == 1:
            kind, parent, agent = "agent", root, _span_id(number)
        lasts = spans - number if number == 0 else 23 if kind == "agent" else chance.random() * 2
        failed = chance.random() < 0.01 and kind == "tool"
        record = SpanRecord(
            project=DEFAULT_PROJECT,
            trace_id=trace_id,
            span_id=_span_id(number),
            parent_span_id=parent,
            name=_NAMES[kind],
            kind=kind,
            start_ns=start_ns + number * step_ns,
            duration_ns=int(lasts * step_ns),
            ingested_ns=start_ns + 7_200_000_000_000,
            status="error" if failed else "ok",
            failure_category="tool_error" if failed else "",
            failure_message="the tool's disk is full" if failed else "",
            app="support",
            session="session-1",
        )
        record.update(_content(kind, number))
        yield record


def _span_id(number: int) -> str:
    return f"{number + 1:016x}"


def _content(kind: str, number: int) -> SpanRecord:
    if kind == "guardrail":
        return {"guardrail_outcome": "block" if number % 90 == 4 else "pass", "guardrail_name": "pii"}
    if kind == "cache":
        return {"cache_kind": "semantic", "cache_hit": number % 2}
    if kind != "llm":
        return {"input": json.dumps({"number": number})}
    messages = [{"role": "user", "parts": [{"type": "text", "content": f"Question {number}. " * 40}]}]
    return {
        "model": "gpt-4o-2024-08-06",
        "input": json.dumps(messages),
        "output": json.dumps(
            [{"role": "assistant", "parts": [{"type": "text", "content": f"Answer {number}"}]}]
        ),
        "input_tokens": 400 + number % 700,
        "output_tokens": 50 + number % 90,
        "cost_usd": Decimal(number % 900 + 1) / 1_000_000,
        "cost_state": "priced",
        "time_to_first_token_ns": 1_000_000,
    }
