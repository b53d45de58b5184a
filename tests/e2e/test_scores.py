"""Scores from the real SDK, over a real server, back from the API."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.e2e.conftest import Server
from tests.e2e.polling import until


def _scores(server: Server, count: int, **params: str) -> list[dict[str, Any]]:
    def found() -> list[dict[str, Any]] | None:
        scores: list[dict[str, Any]] = server.get("/api/v1/scores", **params).json()["scores"]
        return scores if len(scores) == count else None

    return until(found)


def test_scores_and_feedback_of_an_app_come_back_on_their_span_and_session(server: Server) -> None:
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("scoring_app.py"))],
        env={"SIGHTLINE": server.url},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    ids = json.loads(done.stdout)

    on_span = _scores(server, 3, trace_id=ids["trace_id"])
    assert {score["span_id"] for score in on_span} == {ids["span_id"]}
    told = ("name", "value_type", "value", "source", "author", "comment")
    assert [tuple(score[key] for key in told) for score in on_span] == [
        ("user-feedback", "boolean", False, "human", "u-scores", "too slow"),
        ("tone", "category", "kind", "code", "", ""),
        ("helpful", "number", 0.75, "model", "judge-1", "mostly"),
    ]
    on_session = _scores(server, 2, session=ids["session"])
    assert [(score["name"], score["value"], score["trace_id"]) for score in on_session] == [
        ("note", "The customer\nwrote again.", ""),
        ("solved", True, ""),
    ]
