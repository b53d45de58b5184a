"""Real agent traces of another emitter, when their folder is given; they are not part of the repository."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.e2e.conftest import Server
from tests.e2e.polling import until

FOLDER = Path(os.environ.get("SIGHTLINE_AGENT_TRACES", "../shared/data/agent_traces"))
FILES = sorted(FOLDER.glob("*.otlp.pb")) if FOLDER.is_dir() else []


@pytest.mark.skipif(not FILES, reason="SIGHTLINE_AGENT_TRACES names no folder with OTLP files")
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name[:8])
def test_foreign_trace_is_listed_with_model_tokens_and_messages(server: Server, file: Path) -> None:
    posted = httpx.post(
        f"{server.url}/v1/traces",
        content=file.read_bytes(),
        headers={"content-type": "application/x-protobuf"},
    )
    assert posted.status_code == 200
    assert posted.content == b""

    trace_id = file.name.partition(".")[0]
    trace = until(lambda: _trace(server, trace_id))
    summary, spans = trace["summary"], trace["spans"]
    assert summary["models"]
    assert summary["tokens"]["input"] > 0
    assert summary["error_count"] > 0
    calls = [span for span, kind in zip(spans["span_id"], spans["kind"], strict=True) if kind == "llm"]
    assert len(calls) == summary["llm_calls"] > 0
    detail = server.get(f"/api/v1/traces/{trace_id}/spans/{calls[0]}").json()
    assert detail["dialect"] == "openinference"
    assert detail["input_messages"][0]["role"] in ("system", "user")
    assert detail["output_messages"][0]["role"] == "assistant"
    assert (
        sum(spans["input_tokens"][spans["span_id"].index(call)] for call in calls)
        == (summary["tokens"]["input"])
    )


def _trace(server: Server, trace_id: str) -> Any:
    answer = server.get(f"/api/v1/traces/{trace_id}")
    return answer.json() if answer.status_code == 200 else None
