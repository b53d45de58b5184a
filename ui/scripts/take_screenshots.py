"""Takes the screenshots of the documentation from a running demo: `make screenshots`."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlencode

import httpx
from playwright.sync_api import Browser, sync_playwright

TARGET = Path(__file__).resolve().parents[2] / "docs" / "screenshots"
SETTLE_S = 40
"""Long enough for the history and for some traces of every sort."""


def main() -> int:
    """Start a demo on a free port, photograph its pages, and end it."""
    with tempfile.TemporaryDirectory() as data_dir:
        port = _free_port()
        url = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "sightline_server", "demo", "--port", str(port)]
        demo = subprocess.Popen([*command, "--data-dir", data_dir])
        try:
            _wait_until_ready(url)
            time.sleep(SETTLE_S)
            _photograph(url)
        finally:
            demo.send_signal(signal.SIGINT)
            demo.wait()
    return 0


def _photograph(url: str) -> None:
    TARGET.mkdir(parents=True, exist_ok=True)
    longest = max(_wait_for_traces(url), key=lambda trace: trace["span_count"])
    trace = _ask(f"{url}/api/v1/traces/{longest['trace_id']}")["spans"]
    span = [i for i, kind in zip(trace["span_id"], trace["kind"], strict=True) if kind == "llm"][-1]
    # Of all sessions those of the history may have more traces, and leave none of the app's in the list.
    talks = _ask(f"{url}/api/v1/sessions", q="env:demo", sort="-traces")["sessions"]
    longest_talk = max(talks, key=lambda talk: (talk["traces"], talk["tokens"]["output"]))
    talk = urlencode({"id": longest_talk["session"]})
    names = ("chromium", "chromium-browser", "google-chrome", "chromium-headless-shell")
    found = next((path for path in map(shutil.which, names) if path), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        _shoot(browser, f"{url}/traces", "traces.png", "light")
        _shoot(browser, f"{url}/t/{longest['trace_id']}?span={span}", "trace.png", "light")
        _shoot(browser, f"{url}/t/{longest['trace_id']}?span={span}", "trace-dark.png", "dark")
        _shoot(browser, f"{url}/apps", "apps.png", "light")
        _shoot(browser, f"{url}/sessions/conversation?{talk}", "session.png", "light")
        browser.close()


def _ask(address: str, **params: str) -> Any:
    # A demo that works off its history on a busy machine answers late.
    return httpx.get(address, params=params, timeout=60).raise_for_status().json()


def _wait_for_traces(url: str) -> list[dict[str, Any]]:
    """Traces of the sample app itself, not of the history, that called a model."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        found = _ask(f"{url}/api/v1/traces", q="env:demo kind:llm", limit="200")
        if traces := list(found["traces"]):
            return traces
        time.sleep(1)
    raise RuntimeError("the sample app made no traces")


def _shoot(browser: Browser, address: str, name: str, scheme: Literal["light", "dark"]) -> None:
    context = browser.new_context(
        viewport={"width": 1400, "height": 820}, color_scheme=scheme, timezone_id="UTC"
    )
    page = context.new_page()
    page.set_default_timeout(120_000)
    page.goto(address)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=str(TARGET / name))
    context.close()


def _wait_until_ready(url: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{url}/readyz").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    raise RuntimeError("the demo did not become ready")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())
