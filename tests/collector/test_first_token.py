"""The time to the first token, from emitters that only say when that was."""

from typing import Any

import pytest
from tests.collector.conftest import NOW_NS, Running, make_request, make_span

START_NS = NOW_NS - 1_000_000_000
QUARTER_NS = 250_000_000


def _with_events(*events: tuple[str, int]) -> Any:
    span = make_span(1, **{"gen_ai.operation.name": "chat"})
    for name, after_ns in events:
        span.events.add(name=name, time_unix_nano=START_NS + after_ns)
    return span


def _mastra(moment: str) -> Any:
    return make_span(1, **{"gen_ai.operation.name": "chat", "mastra.completion_start_time": moment})


def _langfuse(moment: str) -> Any:
    name = "langfuse.observation.completion_start_time"
    return make_span(1, **{"langfuse.observation.type": "generation", name: moment})


@pytest.mark.parametrize(
    ("span", "expected_ns"),
    [
        (_with_events(("First Token Stream Event", QUARTER_NS)), QUARTER_NS),
        (_with_events(*[("llm.content.completion.chunk", QUARTER_NS * n) for n in (3, 1, 2)]), QUARTER_NS),
        (_with_events(("First Token Stream Event", -5), ("exception", 7)), 0),
        (_with_events(("First Token Stream Event", 2_000_000_000)), 0),
        (_langfuse('"2026-09-21T14:13:19.250000Z"'), QUARTER_NS),
        (_langfuse("2026-09-21T14:13:19.250"), QUARTER_NS),
        (_mastra("2026-09-21T14:13:19.250Z"), QUARTER_NS),
        (_langfuse("soon"), 0),
        (_langfuse("9999-12-31T00:00:00+00:00"), 0),
    ],
    ids=["openinference", "chunks", "before", "after", "langfuse", "naive", "mastra", "no-time", "far"],
)
def test_a_moment_becomes_a_time_since_the_start(running: Running, span: Any, expected_ns: int) -> None:
    assert running.post(make_request(span).SerializeToString()).status_code == 200
    (stored,) = running.stored()
    assert stored.get("time_to_first_token_ns", 0) == expected_ns
