"""Memory and losses of the SDK under load: short chats as fast as they go, without a network to wait for.

    python -m benchmarks.sdk_memory                      # 100,000 calls, collector up, then down
    python -m benchmarks.sdk_memory --hogs 4             # while four other processes want the cores
    python -m benchmarks.sdk_memory --collector-ms 300   # a collector that takes its time

Prints resident memory at every tenth of the way, calls a second, and what became of the spans.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import threading
import time
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

from benchmarks.sdk_cost import ROOT, Sink, calls_of, transport

DISCARD_PORT = 9  # nobody listens


def _call(endpoint: str, scenario: str, calls: int) -> None:
    """The app's process."""
    import openai
    import openai._base_client as base_client

    import sightline

    http: Any = getattr(base_client, "httpx2", None) or base_client.httpx  # type: ignore[attr-defined]
    sightline.instrument(app="bench", endpoint=endpoint)
    client = openai.OpenAI(
        api_key="k", base_url="http://model/v1", http_client=http.Client(transport=transport(http))
    )
    call = calls_of(client)[scenario]
    megabytes = []
    started, slowest_s = time.monotonic(), 0.0
    for position in range(1, calls + 1):
        before = time.monotonic()
        call()
        slowest_s = max(slowest_s, time.monotonic() - before)
        if position % max(calls // 10, 1) == 0:
            pages = int(Path("/proc/self/statm").read_text().split()[1])
            megabytes.append(f"{pages * resource.getpagesize() / 2**20:.0f}")
    rate = calls / (time.monotonic() - started)
    print(f"{' '.join(megabytes)} MB; {rate:.0f} calls/s, slowest {slowest_s * 1e3:.0f} ms", flush=True)
    print(f"    {sightline.flush(30)}", flush=True)


def _measure(arguments: argparse.Namespace) -> None:
    class Slow(Sink):
        def do_POST(self) -> None:
            time.sleep(arguments.collector_ms / 1000)
            super().do_POST()

    sink = ThreadingHTTPServer(("127.0.0.1", 0), Slow)
    threading.Thread(target=sink.serve_forever, daemon=True).start()
    path = os.pathsep.join([str(ROOT), str(ROOT / "instrumentation"), str(ROOT / "semconv")])
    hogs = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(arguments.hogs)]
    try:
        for state, port in (("up", sink.server_port), ("down", DISCARD_PORT)):
            print(f"collector {state}: ", end="", flush=True)
            command = [sys.executable, __file__, "--calls", str(arguments.calls)]
            command += ["--scenario", arguments.scenario, "--endpoint", f"http://127.0.0.1:{port}"]
            subprocess.run(command, env={**os.environ, "PYTHONPATH": path}, check=True)
    finally:
        for hog in hogs:
            hog.kill()
            hog.wait()


def main() -> None:
    """Measure, or be measured."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--calls", type=int, default=100_000)
    parser.add_argument("--scenario", default="short chat", choices=("short chat", "60 KB chat"))
    parser.add_argument("--hogs", type=int, default=0)
    parser.add_argument("--collector-ms", type=float, default=0)
    parser.add_argument("--endpoint", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.endpoint:
        _call(arguments.endpoint, arguments.scenario, arguments.calls)
    else:
        _measure(arguments)


if __name__ == "__main__":
    main()
