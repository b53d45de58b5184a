"""What instrumentation adds to a call: Sightline and its peers, interleaved, over an in-process transport.

    python benchmarks/sdk_cost.py --setup DIR    # once: virtual environments with the peers
    python benchmarks/sdk_cost.py --peers DIR    # the measurement

Each library runs in a process of its own, exporting OTLP to a sink on loopback; rounds alternate between
them, so that a slow moment of the machine hits all. Figures are medians over rounds of CPU per call, as what
is added to the bare client and as a ratio to what Sightline adds: on the caller's thread (what the app waits
for) and of the whole process (serialising and sending included). Peers that want versions of their own have
an environment of their own, in which Sightline and the bare client run as well.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
OTEL = ("opentelemetry-sdk", "opentelemetry-exporter-otlp-proto-http", "wrapt")
ENVIRONMENTS = {
    "newest": (
        ("openai>=3", *OTEL, "openinference-instrumentation-openai", "opentelemetry-instrumentation-openai",
         "opentelemetry-instrumentation-genai-openai", "langfuse", "logfire"),
    ),
    # Wants openai below 3, and instrumentations of web frameworks that no release has together.
    "openlit": (
        ("openai<3", *OTEL, "opentelemetry-exporter-otlp", "opentelemetry-instrumentation", "requests",
         "schedule", "xmltodict"),
        ("--no-deps", "openlit>=1.45"),
    ),
}  # fmt: skip
"""Name → the arguments of `pip install`, one call after the other."""

REQUIRED = {
    "bare": "openai", "sightline": "openai", "sightline, app's provider": "openai",
    "otel genai": "opentelemetry.instrumentation.genai.openai",
    "openinference": "openinference.instrumentation.openai",
    "traceloop": "opentelemetry.instrumentation.openai",
    "langfuse": "langfuse", "openlit": "openlit", "logfire": "logfire",
}  # fmt: skip
MARK = "measured: "  # some libraries print lines of their own
SCENARIOS = {"short chat": 200, "60 KB chat": 60, "200-chunk stream": 8, "embedding": 150}
_USAGE = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}
_IDENTITY = {
    "id": "c1",
    "object": "chat.completion",
    "created": 1,
    "model": "gpt-4o",
    "system_fingerprint": "fp",
}


def transport(http: Any) -> Any:
    message = {"role": "assistant", "content": "The order was sent on Monday. " * 8}
    choice = {"index": 0, "finish_reason": "stop", "message": message}
    chat = json.dumps({**_IDENTITY, "choices": [choice], "usage": _USAGE}).encode()
    chunk = {**_IDENTITY, "object": "chat.completion.chunk"}
    texts = [{**chunk, "choices": [{"index": 0, "delta": {"content": "word "}}]} for _ in range(199)]
    last = {**chunk, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], "usage": _USAGE}
    parts = [b"data: %s\n\n" % json.dumps(event).encode() for event in [*texts, last]]
    vector = {"object": "embedding", "index": 0, "embedding": "AAAAPwAAgD4=" * 128}
    embedding = json.dumps({"object": "list", "model": "e", "data": [vector], "usage": _USAGE}).encode()

    def answer(request: Any) -> Any:
        if request.url.path.endswith("/embeddings"):
            return http.Response(200, content=embedding, headers={"content-type": "application/json"})
        if b'"stream":true' in request.content.replace(b" ", b""):
            events = iter([*parts, b"data: [DONE]\n\n"])
            return http.Response(200, content=events, headers={"content-type": "text/event-stream"})
        return http.Response(200, content=chat, headers={"content-type": "application/json"})

    return http.MockTransport(answer)


def calls_of(client: Any) -> dict[str, Callable[[], Any]]:
    short: Any = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Where is order 7?"},
    ]
    long: Any = [*short, *({"role": "user", "content": "lorem ipsum " * 170} for _ in range(30))]
    create = client.chat.completions.create
    return {
        "short chat": lambda: create(model="gpt-4o", messages=short),
        "60 KB chat": lambda: create(model="gpt-4o", messages=long),
        "200-chunk stream": lambda: [None for _ in create(model="gpt-4o", messages=short, stream=True)],
        "embedding": lambda: client.embeddings.create(model="e", input="Where is order 7?"),
    }


def _provider(endpoint: str) -> Any:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(f"{endpoint}/v1/traces")))
    return provider


def _switch_on(library: str, endpoint: str) -> Callable[[], Any]:
    """Instrument; the answer waits until everything is exported."""
    os.environ["OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"] = "SPAN_ONLY"
    os.environ["OTEL_SEMCONV_STABILITY_OPT_IN"] = "gen_ai_latest_experimental"
    if library == "bare":
        return lambda: None
    if library == "sightline":
        import sightline

        sightline.instrument(app="bench", endpoint=endpoint)
        return sightline.flush
    if library == "langfuse":
        client = _module("langfuse").Langfuse(public_key="pk", secret_key="sk", host=endpoint)
        _module("langfuse.openai")  # patches the client by being imported
        return _callable(client.flush)
    if library == "logfire":
        logfire = _module("logfire")
        exporter = _module("opentelemetry.exporter.otlp.proto.http.trace_exporter").OTLPSpanExporter
        processor = _module("opentelemetry.sdk.trace.export").BatchSpanProcessor(
            exporter(f"{endpoint}/v1/traces")
        )
        logfire.configure(send_to_logfire=False, console=False, additional_span_processors=[processor])
        logfire.instrument_openai()
        return _callable(processor.force_flush)
    provider = _provider(endpoint)
    if library.startswith("sightline"):
        import sightline

        sightline.instrument(app="bench", tracer_provider=provider)
    elif library == "openlit":
        _module("opentelemetry.trace").set_tracer_provider(provider)
        _module("openlit").init(otlp_endpoint=endpoint, disable_metrics=True)
    else:
        _module(REQUIRED[library]).OpenAIInstrumentor().instrument(tracer_provider=provider)
    return _callable(provider.force_flush)


def _module(name: str) -> Any:
    """Peers are not dependencies, so they are imported by name."""
    return import_module(name)


def _callable(function: Any) -> Callable[[], Any]:
    return lambda: function()


def _work(library: str, endpoint: str) -> None:
    """One library's process: reads a scenario a line, answers with CPU per call."""
    import openai
    import openai._base_client as base_client

    http: Any = getattr(base_client, "httpx2", None) or base_client.httpx  # type: ignore[attr-defined]
    rss_before, cpu_before = _rss_kb(), time.process_time()
    flush = _switch_on(library, endpoint)
    started = {"cpu_ms": (time.process_time() - cpu_before) * 1e3, "rss_kb": _rss_kb() - rss_before}
    client = openai.OpenAI(
        api_key="k", base_url="http://model/v1", http_client=http.Client(transport=transport(http))
    )
    calls = calls_of(client)
    for call in calls.values():
        for _ in range(5):
            call()
    flush()
    print(MARK + json.dumps(started), flush=True)
    for line in sys.stdin:
        name = line.strip()
        count = SCENARIOS[name]
        thread, process = time.thread_time(), time.process_time()
        for _ in range(count):
            calls[name]()
        thread = time.thread_time() - thread
        flush()
        process = time.process_time() - process
        print(MARK + json.dumps([thread / count * 1e6, process / count * 1e6]), flush=True)


def _rss_kb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


class Sink(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("content-length") or 0))
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


class _Worker:
    """One library's process in one environment. `started` is None when it does not run."""

    def __init__(self, python: str, library: str, endpoint: str) -> None:
        path = os.pathsep.join([str(ROOT / "instrumentation"), str(ROOT / "semconv")])
        self._process = subprocess.Popen(
            [python, __file__, "--worker", library, "--endpoint", endpoint],
            env={**os.environ, "PYTHONPATH": path},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        self.library = library
        self.started: dict[str, float] | None = self._answer()
        self.figures: dict[str, list[list[float]]] = {name: [] for name in SCENARIOS}

    def run(self, scenario: str) -> None:
        """Measure one round."""
        assert self._process.stdin is not None
        self._process.stdin.write(scenario + "\n")
        self._process.stdin.flush()
        if (figures := self._answer()) is not None:
            self.figures[scenario].append(figures)

    def stop(self) -> None:
        """Let the process end."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith(MARK):
                return json.loads(line.removeprefix(MARK))
        return None


def _measure(pythons: dict[str, str], rounds: int) -> None:
    sink = ThreadingHTTPServer(("127.0.0.1", 0), Sink)
    threading.Thread(target=sink.serve_forever, daemon=True).start()
    endpoint = f"http://127.0.0.1:{sink.server_port}"
    groups: dict[str, list[_Worker]] = {}
    for environment, python in pythons.items():
        made = [_Worker(python, library, endpoint) for library in REQUIRED]
        groups[environment] = [worker for worker in made if worker.started is not None]
    for _ in range(rounds):
        for name in SCENARIOS:
            for workers in groups.values():
                for worker in workers:
                    worker.run(name)
    for environment, workers in groups.items():
        print(f"\n# environment: {environment}")
        _report(workers)
        for worker in workers:
            worker.stop()


def _report(workers: list[_Worker]) -> None:
    for name in SCENARIOS:
        medians = {
            worker.library: [
                statistics.median(figures[side] for figures in worker.figures[name]) for side in (0, 1)
            ]
            for worker in workers
            if worker.figures[name]
        }
        bare = medians["bare"]
        ours = [value - base for value, base in zip(medians["sightline"], bare, strict=True)]
        print(f"\n{name}: bare {bare[0]:.0f} µs on the thread")
        for library, values in sorted(medians.items(), key=lambda item: item[1][0]):
            if library != "bare":
                thread, process = values[0] - bare[0], values[1] - bare[1]
                print(
                    f"  {library:28} thread +{thread:6.0f} µs ({thread / ours[0]:5.2f}x)"
                    f"   process +{process:6.0f} µs ({process / ours[1]:5.2f}x)"
                )
    print("\nimport and instrument, after importing openai:")
    for worker in workers:
        if worker.library != "bare" and worker.started is not None:
            cost = worker.started
            print(f"  {worker.library:28} {cost['cpu_ms']:6.0f} ms CPU   {cost['rss_kb'] / 1024:6.1f} MB")


def _set_up(folder: Path) -> None:
    for name, steps in ENVIRONMENTS.items():
        subprocess.run([sys.executable, "-m", "venv", str(folder / name)], check=True)
        for arguments in steps:
            subprocess.run([str(folder / name / "bin" / "pip"), "install", "-q", *arguments], check=True)


def main() -> None:
    """Parse arguments, then set up, measure, or be measured."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--setup", metavar="DIR", type=Path)
    parser.add_argument("--peers", metavar="DIR", type=Path)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    parser.add_argument("--endpoint", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.setup:
        _set_up(arguments.setup)
    elif arguments.worker:
        if _is_installed(REQUIRED[arguments.worker]):
            _work(arguments.worker, arguments.endpoint)
    elif arguments.peers:
        found = {name: arguments.peers / name / "bin" / "python" for name in ENVIRONMENTS}
        _measure({name: str(python) for name, python in found.items() if python.exists()}, arguments.rounds)
    else:
        _measure({"this": sys.executable}, arguments.rounds)


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


if __name__ == "__main__":
    main()
