"""A real server process with an embedded store, an OpenAI stand-in on loopback, and a real Chromium."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx
import pytest
import uvicorn
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, ViewportSize, expect, sync_playwright
from tests.e2e.polling import until
from tests.forked_process import ForkedProcess
from tests.free_port import free_port

from sightline_server.demo.openai_stub import Pace, create_openai_stub

# For each window Chromium loads two pages behind its address bar, which take more CPU than ours, and starts a
# process for what might be opened next; no test sees them. The last such list counts, so it repeats what
# tests need of Playwright's own.
_DISABLED_FEATURES = (
    "WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "SpareRendererForSitePerProcess",
    "DestroyProfileOnBrowserClose", "HttpsUpgrades", "MediaRouter", "OptimizationHints", "PaintHolding",
)  # fmt: skip
# The shell has no window around the page, which takes a third of the CPU of a load.
_CHROMIUMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
_CHROMIUM_FLAGS = [
    f"--disable-features={','.join(_DISABLED_FEATURES)}",
    "--no-sandbox",
    "--process-per-site",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_READY_WITHIN_S = 60
VIEWPORT: ViewportSize = {"width": 1400, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}

expect.set_options(timeout=30_000)  # a machine that runs other tests beside this one may need seconds


@dataclass(frozen=True)
class Server:
    """A running `sightline serve`."""

    url: str
    process: subprocess.Popen[str] | ForkedProcess

    def get(self, path: str, **params: str) -> httpx.Response:
        """Ask the API."""
        return httpx.get(f"{self.url}{path}", params=params, timeout=30)


STILL = "/favicon.svg"
"""The address of what asks for nothing; the process that has compiled the page's scripts stays for it."""

HURRIED = "tests.e2e.hurried_server"
"""A `module` for `start_server`."""


def start_server(
    data_dir: Path, *, port: int = 0, module: str = "sightline_server", **environment: str
) -> Server:
    """Start `sightline serve` on a free port and wait until it is ready; `environment` is added to ours."""
    port = port or free_port()
    arguments = ("serve", "--port", str(port), "--data-dir", str(data_dir))
    process = ForkedProcess(module, *arguments, env={**os.environ, **environment})
    return ready_server(port, process)


def ready_server(port: int, process: subprocess.Popen[str] | ForkedProcess) -> Server:
    """Wait until a server that was just started is ready."""
    url = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + _READY_WITHIN_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(f"{url}/readyz", timeout=2).status_code == 200:
                return Server(url, process)
        except httpx.TransportError:
            time.sleep(0.05)
    process.kill()
    output, _ = process.communicate()
    raise AssertionError(f"the server did not become ready:\n{output}")


def stop_server(server: Server) -> int:
    """Send SIGINT, as Ctrl-C does, and return the exit code."""
    server.process.send_signal(signal.SIGINT)
    server.process.communicate(timeout=60)
    return server.process.wait()


@pytest.fixture(scope="session")
def _session_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = start_server(tmp_path_factory.mktemp("data"), module=HURRIED)
    yield running
    running.process.send_signal(signal.SIGCONT)
    assert stop_server(running) == 0


@pytest.fixture(scope="module")
def server(_session_server: Server) -> Iterator[Server]:
    """One server for the whole session; tests tell their data apart by app name.

    Between the modules that use it, it is halted: its hurried jobs would take CPU from all other tests.
    """
    _session_server.process.send_signal(signal.SIGCONT)
    yield _session_server
    _session_server.process.send_signal(signal.SIGSTOP)


@pytest.fixture(scope="session")
def openai_url() -> Iterator[str]:
    """The base URL of an OpenAI stand-in that never delays and never fails."""
    pace = Pace(first_token_s=0, chunk_s=0, rate_limited=0, overloaded=0)
    port = free_port()
    config = uvicorn.Config(create_openai_stub(seed=1, pace=pace), port=port, log_level="error", ws="none")
    stub = uvicorn.Server(config)
    thread = threading.Thread(target=stub.run, daemon=True)
    thread.start()
    while not stub.started:
        assert thread.is_alive()
        time.sleep(0.01)
    yield f"http://127.0.0.1:{port}/v1"
    stub.should_exit = True
    thread.join(timeout=10)


@pytest.fixture(scope="session")
def one_line_calls(_session_server: Server, openai_url: str) -> list[dict[str, Any]]:
    """Run `one_line_app.py` against both servers, until its spend is in the rollups.

    Returns what its client saw of its four calls.
    """
    server = _session_server
    server.process.send_signal(signal.SIGCONT)  # this comes before what belongs to a module
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("one_line_app.py"))],
        env={"SIGHTLINE": server.url, "OPENAI": openai_url},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    seen = json.loads(done.stdout)
    assert isinstance(seen, list)
    until(lambda: spend_of(server, "one-line"))
    return seen


def spend_of(server: Server, app: str) -> dict[str, Any] | None:
    """Return what an app spent in the last day, once the rollups know it."""
    report = server.get("/api/v1/costs", since="1d", app=app).json()
    return next((group["spend"] for group in report["groups"] if group["key"] == [app]), None)


def trace_of(server: Server, app: str, *, spans: int) -> dict[str, Any] | None:
    """Return the newest trace of an app once it has its root and so many spans."""
    traces = server.get("/api/v1/traces", q=f'app:"{app}"').json()["traces"]
    return next((trace for trace in traces if trace["span_count"] == spans and not trace["running"]), None)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Headless Chromium. Missing is a failure, not a skip: `make browser` installs one.

    Playwright keeps an event loop running in this thread until it is stopped, so it must not outlive the
    browser tests: other tests call `asyncio.run`.
    """
    executable = next((found for found in map(shutil.which, _CHROMIUMS) if found), None)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=executable, args=_CHROMIUM_FLAGS)
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def _window(browser: Browser, server: Server) -> Iterator[Page]:
    context = browser.new_context(viewport=VIEWPORT, timezone_id="UTC", reduced_motion="reduce")
    kept = context.new_page()
    kept.goto(f"{server.url}{STILL}")
    yield kept
    context.close()


@pytest.fixture
def page(_window: Page) -> Iterator[Page]:
    """A new page that knows nothing of those before. What it logs as an error fails the test.

    That holds for violations of the CSP, too. The pages of a module share a process, which has compiled their
    scripts. They are for who wants no motion: each frame of what fades and slides is painted by the CPU.
    """
    context = _window.context
    context.clear_cookies()
    context.clear_permissions()
    _window.evaluate("localStorage.clear()")
    opened = context.new_page()
    with _no_problem_logged(opened):
        yield opened
        opened.close()


@pytest.fixture
def clocked_page(browser: Browser) -> Iterator[Page]:
    """As `page`, in a context of its own, which is what a clock is installed for."""
    context = browser.new_context(viewport=VIEWPORT, timezone_id="UTC", reduced_motion="reduce")
    opened = context.new_page()
    with _no_problem_logged(opened):
        yield opened
        context.close()


@contextmanager
def _no_problem_logged(page: Page) -> Iterator[None]:
    problems: list[str] = []

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error":
            problems.append(message.text)

    def on_error(error: Error) -> None:
        problems.append(str(error))

    page.on("console", on_console)
    page.on("pageerror", on_error)
    yield
    if not page.is_closed():
        page.remove_listener("console", on_console)
        page.remove_listener("pageerror", on_error)
    assert problems == []


@pytest.fixture(scope="module")
def _phone_window(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True, timezone_id="UTC")
    yield context.new_page()
    context.close()


@pytest.fixture
def phone(_phone_window: Page) -> Iterator[Page]:
    """A page of 390 pixels, by touch, one for a module. What it logs as an error fails the test."""
    with _no_problem_logged(_phone_window):
        yield _phone_window
        _phone_window.unroute_all()
        _phone_window.goto(urljoin(_phone_window.url, STILL))


@pytest.fixture(scope="module")
def _still_window(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=VIEWPORT, reduced_motion="reduce")
    yield context.new_page()
    context.close()


@pytest.fixture
def still_page(_still_window: Page) -> Page:
    """A page that does not move, for axe. A module has one: each further one would be one more process."""
    _still_window.set_viewport_size(VIEWPORT)
    _still_window.mouse.move(0, 0)
    _still_window.emulate_media(color_scheme="light")
    return _still_window


@pytest.fixture
def browser_page_without_checks(browser: Browser) -> Iterator[Page]:
    """A page, with motion, for views that answer with an error on purpose, which the browser logs."""
    context = browser.new_context(viewport=VIEWPORT, timezone_id="UTC")
    yield context.new_page()
    context.close()
