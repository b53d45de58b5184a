"""Scores on their way: the end of the app waits for them a little, and forked children send their own."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

from tests.instrumentation.fake_collector import FakeCollector


def _run(script: Path, text: str, endpoint: str) -> subprocess.CompletedProcess[str]:
    script.write_text("import os, sightline\nsightline.instrument(app='shop')\n" + text)
    return subprocess.run(
        [sys.executable, "-W", "error", str(script)],
        env={**os.environ, "SIGHTLINE_ENDPOINT": endpoint},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def _names(collector: FakeCollector) -> list[str]:
    return sorted(json.loads(body)["name"] for path, _, body in collector.posts if path == "/api/v1/scores")


def test_the_end_of_the_app_does_not_wait_for_every_score(tmp_path: Path) -> None:
    script = """
from sightline import score_outbox
score_outbox.EXIT_TIMEOUT_S = 0.2
for number in range(100):  # each may take 10 s
    sightline.score("q", True, session=f"s{number}")
"""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        done = _run(tmp_path / "app.py", script, f"http://127.0.0.1:{silent.getsockname()[1]}")
    assert done.returncode == 0
    assert done.stderr == "Scores were lost: they were not accepted before the process ended\n"


def test_both_sides_of_a_fork_send_their_scores(collector: FakeCollector, tmp_path: Path) -> None:
    script = """
import multiprocessing
def rate(who):
    sightline.score(who, True, session="s")
rate("parent")
child = multiprocessing.get_context("fork").Process(target=rate, args=("child",))
child.start(); child.join(); assert child.exitcode == 0
"""
    done = _run(tmp_path / "app.py", script, collector.endpoint)
    assert (done.returncode, done.stderr) == (0, "")
    assert _names(collector) == ["child", "parent"]


def test_what_waits_is_bounded(collector: FakeCollector, tmp_path: Path) -> None:
    script = """
import threading
from sightline import otlp, score_outbox
ready, post = threading.Event(), otlp.post
otlp.post = lambda *args: ready.wait() and post(*args)
score_outbox._MAX_WAITING = 3
for number in range(50):
    sightline.score("q", True, session=f"s{number}")
ready.set()
"""
    done = _run(tmp_path / "app.py", script, collector.endpoint)
    assert done.stderr == "A score was lost: too many are waiting. Further ones are not logged\n"
    assert _names(collector) == ["q"] * 3


def test_a_server_that_is_away_for_a_while_loses_no_score(collector: FakeCollector, tmp_path: Path) -> None:
    script = f"""
import sys; sys.path.insert(0, {os.getcwd()!r})
from tests.instrumentation.fake_collector import FakeCollector
from sightline.testing import capture_spans
away = FakeCollector()
away.status = 503
with capture_spans(endpoint=away.endpoint):
    for name in ("first", "second"):
        sightline.score(name, True, session="s")
    sightline.flush()
    assert away.posts
    away.status = 200
    sightline.flush()  # which may end with a try that was on its way
    sightline.flush()
bodies = [body for _, _, body in away.posts]
assert [b"first" in bodies[-2], b"second" in bodies[-1]] == [True, True], bodies
"""
    done = _run(tmp_path / "app.py", script, collector.endpoint)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_score_that_comes_to_nothing_is_told_of_with_the_reason(
    collector: FakeCollector, tmp_path: Path
) -> None:
    collector.status = 400
    script = """
for _ in range(2):
    sightline.score("nowhere", True)
    sightline.score("odd", float("nan"), session="s")
    sightline.score("refused", True, session=7)
sightline.flush()
"""
    done = _run(tmp_path / "app.py", script, collector.endpoint)
    assert done.returncode == 0
    nowhere, odd, refused = done.stderr.splitlines()
    assert "no span or session" in nowhere
    assert "nan is no value" in odd
    assert "'refused', HTTP 400" in refused
    assert [json.loads(body)["session"] for _, _, body in collector.posts] == ["7", "7"]
