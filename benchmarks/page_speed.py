"""How fast the trace page is: `python -m benchmarks.page_speed [--spans 2000 10000 50000]`.

Starts a server on a store with one trace of each size, opens each in Chromium from the list, and scrolls it.
Prints one JSON object: compressed bytes of the first page; for each size the milliseconds from the last byte
of the first page of spans to the painted waterfall and to the whole trace, CPU of the main thread until
painted, DOM nodes, heap after a collection, CPU of the main thread per scrolled frame, and the longest task.
"""

import argparse
import json
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from benchmarks.page_load import big_trace
from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from sightline_storage import StoreConfig, open_store

_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
_FRAMES = 120
_BLOCK = 5_000
_RUNS = 5

# Notes when the first row is painted: the second frame after it is in the document.
_NOTE_PAINT = """
new MutationObserver((_, observer) => {
  if (!document.querySelector('[role=treeitem]')) return;
  observer.disconnect();
  requestAnimationFrame(() => requestAnimationFrame(() => { window.paintedAt = performance.now(); }));
}).observe(document, { childList: true, subtree: true });
"""
_SCROLL = """
async frames => {
  const list = document.querySelector('[role=tree]');
  list.scrollTop = 0;
  for (let frame = 0; frame < frames; frame++) {
    list.scrollTop += 120;
    await new Promise(requestAnimationFrame);
  }
}
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--spans", type=int, nargs="+", default=[2_000, 10_000, 50_000])
    sizes = parser.parse_args().spans
    with tempfile.TemporaryDirectory() as folder:
        _fill(Path(folder), sizes)
        server, url = _serve(folder)
        try:
            with sync_playwright() as playwright:
                names = ("chromium", "google-chrome", "chromium-headless-shell")
                found = next((path for path in map(shutil.which, names) if path), None)
                browser = playwright.chromium.launch(executable_path=found, args=_FLAGS)
                report: dict[str, Any] = {"first_page_bytes": _first_page(browser, url)}
                for spans in sizes:
                    report[f"{spans} spans"] = _measure(browser, url, spans)
                browser.close()
        finally:
            server.send_signal(signal.SIGINT)
            server.wait()
    print(json.dumps(report, indent=1))


def _fill(folder: Path, sizes: list[int]) -> None:
    store = open_store(StoreConfig(data_dir=folder))
    start_ns = time.time_ns() - 7_200_000_000_000
    for spans in sizes:
        records = list(big_trace(_trace_id(spans), spans, start_ns))
        for first in range(0, spans, _BLOCK):
            store.writer.write(records[first : first + _BLOCK], token=f"{spans}.{first}")
    store.close()


def _trace_id(spans: int) -> str:
    return f"{spans:032x}"


def _serve(folder: str) -> tuple[subprocess.Popen[bytes], str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "sightline_server", "serve", "--port", str(port), "--data-dir", folder]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    for _ in range(600):
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=2):
                return server, url
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the server did not become ready")


def _first_page(browser: Browser, url: str) -> dict[str, int]:
    page = browser.new_page()
    page.goto(f"{url}/traces", wait_until="networkidle")
    sizes: list[list[Any]] = page.evaluate(
        "performance.getEntriesByType('resource').map(e => [e.name.split('.').pop(), e.encodedBodySize])"
    )
    page.close()
    return {ending: sum(size for name, size in sizes if name == ending) for ending in ("js", "css")}


def _measure(browser: Browser, url: str, spans: int) -> dict[str, float]:
    runs = [_open_and_scroll(browser, url, spans) for _ in range(_RUNS)]
    return {name: round(statistics.median(run[name] for run in runs), 1) for name in runs[0]}


def _open_and_scroll(browser: Browser, url: str, spans: int) -> dict[str, float]:
    context = browser.new_context(viewport={"width": 1400, "height": 900})
    page = context.new_page()
    page.goto(f"{url}/traces")
    link = page.locator(f'a[href*="{_trace_id(spans)}"]').first
    link.wait_for()
    page.wait_for_load_state("networkidle")
    devtools = context.new_cdp_session(page)
    devtools.send("Performance.enable", {"timeDomain": "threadTicks"})
    page.evaluate(_NOTE_PAINT)
    busy_s = _metrics(devtools)["TaskDuration"]
    link.click()
    page.wait_for_function("() => window.paintedAt")
    until_painted_s = _metrics(devtools)["TaskDuration"] - busy_s
    page.get_by_text(f"{spans:,} spans", exact=True).wait_for()
    arrived, whole, painted = page.evaluate(
        """id => {
          const pages = performance.getEntriesByType('resource').filter(
            entry => new RegExp(`/traces/${id}([?]|$)`).test(entry.name));
          return [pages[0].responseEnd, performance.now(), window.paintedAt];
        }""",
        _trace_id(spans),
    )
    scrolled = _scroll(page, devtools)
    devtools.send("HeapProfiler.collectGarbage")
    settled = _metrics(devtools)
    longest_ms = _longest_task_ms(browser, page)
    context.close()
    return {
        "painted_ms": painted - arrived,
        "complete_ms": whole - arrived,
        "main_thread_ms": until_painted_s * 1e3,
        "nodes": settled["Nodes"],
        "heap_mb": settled["JSHeapUsedSize"] / 1e6,
        "frame_ms": scrolled,
        "longest_task_ms": longest_ms,
    }


def _scroll(page: Page, devtools: CDPSession) -> float:
    page.evaluate(_SCROLL, 30)
    busy_s = _metrics(devtools)["TaskDuration"]
    page.evaluate(_SCROLL, _FRAMES)
    return (_metrics(devtools)["TaskDuration"] - busy_s) * 1e3 / _FRAMES


def _longest_task_ms(browser: Browser, page: Page) -> float:
    browser.start_tracing(page=page, categories=["toplevel", "disabled-by-default-devtools.timeline"])
    page.evaluate(_SCROLL, _FRAMES)
    events = json.loads(browser.stop_tracing())["traceEvents"]
    threads = {
        (event["pid"], event["tid"])
        for event in events
        if event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain"
    }
    tasks = [
        event["dur"] / 1e3
        for event in events
        if event.get("dur") and (event["pid"], event["tid"]) in threads and "RunTask" in event["name"]
    ]
    return max(tasks, default=0.0)


def _metrics(devtools: CDPSession) -> dict[str, float]:
    return {item["name"]: item["value"] for item in devtools.send("Performance.getMetrics")["metrics"]}


if __name__ == "__main__":
    main()
