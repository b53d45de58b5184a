"""What reaches the collector, and counts that say what did not. Each app is a process of its own."""

from __future__ import annotations

import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
from datetime import datetime
from importlib.metadata import entry_points
from pathlib import Path
from typing import cast

import pytest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.trace import SpanContext, SpanKind
from tests.instrumentation.fake_collector import FakeCollector
from tests.instrumentation.fake_openai import FakeOpenAI

from sightline import delivery
from sightline.config import Settings
from sightline.delivery import Delivery, DeliveryReport
from sightline.doorway import Doorway

APP = """
import json, os, sys, logging
import openai, sightline
logging.basicConfig(level=logging.WARNING, format="%(message)s")
client = openai.OpenAI(api_key="sk-secret", base_url=os.environ["MODEL_URL"])
def ask(**more):
    return client.chat.completions.create(model="m", messages=[{"role": "user", "content": "hi"}], **more)
def report(within_s=30):
    counts = [sightline.flush(within_s).sent, sightline.flush(0).dropped, sightline.flush(0).waiting]
    print(json.dumps(counts), flush=True)
"""
INSTRUMENT = "sightline.instrument(app='shop', key='k1', environment='prod')\n"


def _run(
    script: str, server: FakeOpenAI, endpoint: str, *command: str, before: str = ""
) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "MODEL_URL": server.base_url, "SIGHTLINE_ENDPOINT": endpoint}
    start = command or (sys.executable, "-W", "error")
    return subprocess.run(
        [*start, "-c", before + APP + script],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_collector_of_this_machine_is_not_asked_through_a_proxy(
    server: FakeOpenAI, collector: FakeCollector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    report = "with sightline.span('step'): pass\nreport()"
    done = _run(INSTRUMENT + report, server, collector.endpoint)
    assert (done.stdout.strip(), done.stderr) == ("[1, 0, 0]", "")


def test_spans_reach_the_collector_with_app_key_and_facts(
    server: FakeOpenAI, collector: FakeCollector
) -> None:
    done = _run(INSTRUMENT + "ask(); list(ask(stream=True)); report()", server, collector.endpoint)
    assert (done.stdout.strip(), done.stderr) == ("[2, 0, 0]", "")
    (resource, plain), (_, streamed) = collector.spans()
    assert resource["sightline.app"] == resource["service.name"] == "shop"
    assert resource["deployment.environment.name"] == "prod"
    assert collector.posts[0][1]["authorization"] == "Bearer k1"
    facts = {a.key: a.value for a in plain.attributes}
    assert facts["gen_ai.usage.input_tokens"].int_value == 11
    assert facts["openai.response.system_fingerprint"].string_value == "fp_test"
    assert json.loads(facts["gen_ai.output.messages"].string_value)[0]["parts"][0]["content"] == '{"ok":true}'
    assert {a.key for a in streamed.attributes} >= {"gen_ai.response.time_to_first_chunk"}
    assert b"sk-secret" not in collector.posts[0][2]


def test_what_is_queued_is_sent_when_the_app_ends(server: FakeOpenAI, collector: FakeCollector) -> None:
    assert _run(INSTRUMENT + "ask()", server, collector.endpoint).returncode == 0
    assert len(collector.spans()) == 1


BELOW_AN_UNSAMPLED_CALLER = """
from opentelemetry import context, trace
caller = trace.SpanContext(7, 7, is_remote=True, trace_flags=trace.TraceFlags(0))
context.attach(trace.set_span_in_context(trace.NonRecordingSpan(caller)))
with sightline.span("step"):
    ask()
report()
"""


@pytest.mark.parametrize(("sampler", "sent"), [("", 2), ("parentbased_always_on", 0)])
def test_a_caller_that_did_not_sample_costs_no_call_unless_the_app_says_so(
    sampler: str, sent: int, server: FakeOpenAI, collector: FakeCollector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", sampler)
    done = _run(INSTRUMENT + BELOW_AN_UNSAMPLED_CALLER, server, collector.endpoint)
    assert (done.stdout.strip(), done.stderr) == (f"[{sent}, 0, 0]", "")
    assert [span.trace_id for _, span in collector.spans()] == [(7).to_bytes(16, "big")] * sent


def test_a_stream_still_open_at_exit_is_told_of(server: FakeOpenAI, collector: FakeCollector) -> None:
    """Python 3.13.5 crashes at the end of such an app, without Sightline as well: no word on how it ends."""
    _run(INSTRUMENT + "s = ask(stream=True); next(s)", server, collector.endpoint)
    ((_, span),) = collector.spans()
    assert {a.key: a.value.string_value for a in span.attributes}["sightline.stream.outcome"] == "abandoned"


OWN_EXPORTER = """
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter
provider = TracerProvider()
provider.add_span_processor(BatchSpanProcessor(ConsoleSpanExporter()))
sightline.instrument(tracer_provider=provider)
"""


def test_a_stream_still_open_at_exit_reaches_exporters_of_the_apps_own(
    server: FakeOpenAI, collector: FakeCollector
) -> None:
    done = _run(OWN_EXPORTER + "s = ask(stream=True); next(s)", server, collector.endpoint)
    assert json.loads(done.stdout)["attributes"]["sightline.stream.outcome"] == "abandoned"


def test_spans_that_nobody_accepts_are_counted_as_waiting_then_dropped(server: FakeOpenAI) -> None:
    done = _run(INSTRUMENT + "ask(); report(within_s=1)", server, "http://127.0.0.1:9")
    assert done.stdout.strip() == "[0, 0, 1]"
    assert done.returncode == 0
    assert done.stderr.count("Sightline lost spans") == 1
    assert "refused" in done.stderr


def test_a_collector_that_is_down_is_waited_for_once_where_the_provider_is_older(server: FakeOpenAI) -> None:
    older = """
import atexit
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
trace.set_tracer_provider(TracerProvider())
atexit.register(lambda: report())  # runs between our handler and that of the provider
"""
    done = _run(INSTRUMENT + "ask()", server, "http://127.0.0.1:9", before=older)
    assert done.stdout.strip() == "[0, 1, 0]"


def _queue_of_400(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Delivery:
    monkeypatch.setattr(delivery, "MAX_SPANS", 400)
    monkeypatch.setattr(delivery, "BATCH_SPANS", 100)
    monkeypatch.setattr(delivery, "YIELD_S", 0.05)
    return Delivery(Settings(traces_url=f"{endpoint}/v1/traces"))


def test_a_second_shutdown_does_not_wait_for_a_request_that_the_first_gave_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        made = Delivery(
            Settings(traces_url=f"http://127.0.0.1:{silent.getsockname()[1]}/v1/traces", timeout_s=600)
        )
        made.put(ReadableSpan("late", SpanContext(1, 1, False), resource=Resource({})))
        made.shutdown(0.1)
        assert made.shutdown(600).sent == 0


def test_the_delivery_thread_waits_in_a_queue_of_its_own_kind(
    collector: FakeCollector, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Delivery(Settings(traces_url=f"{collector.endpoint}/v1/traces"))

    class Patched(
        queue.SimpleQueue[bool]
    ):  # as by gevent in the worker of a server that loaded the app before
        waited_in = False

        def get(self, block: bool = True, timeout: float | None = None) -> bool:
            Patched.waited_in = True
            return super().get(block, timeout)

    monkeypatch.setattr(queue, "SimpleQueue", Patched)
    made.put(ReadableSpan("late", SpanContext(1, 1, False), resource=Resource({})))
    assert made.shutdown() == DeliveryReport(1, 0, 0)
    assert Patched.waited_in


def test_logfires_log_of_a_stream_is_sent_unless_the_call_has_a_span_of_ours(
    collector: FakeCollector,
) -> None:
    doorway = Doorway()
    doorway.active = True
    doorway.delivery = made = Delivery(Settings(traces_url=f"{collector.endpoint}/v1/traces"))
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(doorway)
    logfire, ours = provider.get_tracer("logfire.openai"), provider.get_tracer("sightline")

    def log(name: str) -> None:
        logfire.start_span(name, attributes={"logfire.span_type": "log"}).end()

    with (
        ours.start_as_current_span("step"),
        logfire.start_as_current_span("request of a client wrapped before"),
    ):
        pass
    log("sent")
    with ours.start_as_current_span("call", kind=SpanKind.CLIENT), logfire.start_as_current_span("request"):
        pass
    log("not sent")
    assert made.shutdown().sent == 5
    assert "sent" in {span.name for _, span in collector.spans()}


def test_an_app_faster_than_its_delivery_is_held_up_before_a_span_is_lost(
    collector: FakeCollector, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = _queue_of_400(collector.endpoint, monkeypatch)

    def end_spans(first: int) -> None:
        for number in range(first, first + 500):
            made.put(ReadableSpan("busy", SpanContext(1, number, False), resource=Resource({})))

    threads = [threading.Thread(target=end_spans, args=(first,)) for first in (1, 501, 1001)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made.shutdown(60) == DeliveryReport(1500, 0, 0)
    assert len({span.span_id for _, span in collector.spans()}) == 1500


def test_an_app_whose_collector_is_down_is_not_held_up(monkeypatch: pytest.MonkeyPatch) -> None:
    made = _queue_of_400("http://127.0.0.1:9", monkeypatch)
    monkeypatch.setattr(delivery, "YIELD_S", 600)
    made.put(ReadableSpan("first", SpanContext(1, 1, False), resource=Resource({})))
    assert made.flush(60) == DeliveryReport(0, 0, 1)  # the first refusal is known
    for number in range(1500):
        made.put(ReadableSpan("busy", SpanContext(1, number + 2, False), resource=Resource({})))
    report = made.report()
    assert report.sent == 0
    assert report.dropped + report.waiting == 1501
    assert report.waiting <= 400 + 100  # the queue and the batch under way
    assert made.shutdown(1).dropped == 1501


def test_a_thread_that_cannot_be_started_costs_spans_and_is_tried_again(
    collector: FakeCollector, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    made = Delivery(Settings(traces_url=f"{collector.endpoint}/v1/traces"))
    with monkeypatch.context() as limited:
        limited.setattr(threading.Thread, "start", refuse)
        made.put(ReadableSpan("lost", SpanContext(1, 1, False), resource=Resource({})))
    made.put(ReadableSpan("sent", SpanContext(1, 2, False), resource=Resource({})))
    assert made.shutdown(60) == DeliveryReport(1, 1, 0)
    assert "can't start new thread" in caplog.text


def test_a_shutdown_may_come_while_another_thread_starts_the_delivery(
    collector: FakeCollector, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Delivery(Settings(traces_url=f"{collector.endpoint}/v1/traces"))
    start, reports = threading.Thread.start, []

    def start_late(thread: threading.Thread) -> None:
        reports.append(made.shutdown())
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", start_late)
    made.put(ReadableSpan("late", SpanContext(1, 1, False), resource=Resource({})))
    assert [*reports, made.report()] == [DeliveryReport(), DeliveryReport(0, 1, 0)]


INTERRUPTED = """
import signal
from sightline.delivery import Delivery
refusal, handled = Delivery._refusal, []
def interrupted(delivery, size):
    signal.raise_signal(signal.SIGUSR1)  # the lock is held now
    return refusal(delivery, size)
def handle(*_):
    if not handled:
        handled.append(True)
        with sightline.span("of the handler"):
            pass
        handled.append(sightline.flush(10).waiting)
Delivery._refusal = interrupted
signal.signal(signal.SIGUSR1, handle)
with sightline.span("of the app"):
    pass
report()
assert handled == [True, 0]
"""


def test_a_signals_handler_may_trace_and_flush_wherever_it_comes(
    server: FakeOpenAI, collector: FakeCollector
) -> None:
    done = _run(INSTRUMENT + INTERRUPTED, server, collector.endpoint)
    assert (done.stdout.strip(), done.stderr) == ("[2, 0, 0]", "")


def test_a_collector_that_never_answers_is_told_of_when_the_app_ends(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        made = Delivery(Settings(traces_url=f"http://127.0.0.1:{silent.getsockname()[1]}/v1/traces"))
        made.put(ReadableSpan("waiting", SpanContext(1, 1, False), resource=Resource({})))
        assert made.shutdown(0.2) == DeliveryReport(0, 0, 1)
    assert caplog.messages[0].startswith("Sightline lost spans: the collector could not be reached")


def test_rejections_are_counted_as_dropped(server: FakeOpenAI, collector: FakeCollector) -> None:
    collector.rejects = 1
    done = _run(INSTRUMENT + "ask(); ask(); report()", server, collector.endpoint)
    assert done.stdout.strip() == "[1, 1, 0]"


def test_of_a_batch_that_is_too_large_only_the_span_is_lost_that_is_so_alone(
    collector: FakeCollector, caplog: pytest.LogCaptureFixture
) -> None:
    collector.max_size = 2_000
    made = Delivery(Settings(traces_url=f"{collector.endpoint}/v1/traces"))
    tracer = TracerProvider(resource=Resource({})).get_tracer("of the app")
    for number in range(60):
        span = tracer.start_span(f"{number}", attributes={"text": "much" * (600 if number == 41 else 50)})
        span.end()
        made.put(cast(ReadableSpan, span))
    assert made.shutdown(60) == DeliveryReport(59, 1, 0)
    assert [int(span.name) for _, span in collector.spans()] == [n for n in range(60) if n != 41]
    (warning,) = caplog.messages
    assert "HTTP 413" in warning


def test_a_span_that_cannot_be_written_is_lost_alone(
    collector: FakeCollector, caplog: pytest.LogCaptureFixture
) -> None:
    sending = Delivery(Settings(traces_url=f"{collector.endpoint}/v1/traces"))
    context, broken = SpanContext(1, 2, False), cast(SpanKind, "client")
    for kind in (SpanKind.CLIENT, broken, SpanKind.INTERNAL):
        sending.put(ReadableSpan("step", context, resource=Resource({}), kind=kind))
    assert sending.shutdown() == DeliveryReport(sent=2, dropped=1)
    assert "encoding failed: AttributeError" in caplog.text


def test_a_refused_key_drops_at_once_with_the_reason(server: FakeOpenAI, collector: FakeCollector) -> None:
    collector.status = 401
    done = _run(INSTRUMENT + "ask(); report()", server, collector.endpoint)
    assert done.stdout.strip() == "[0, 1, 0]"
    assert "HTTP 401" in done.stderr


def _one_span(endpoint: str) -> Delivery:
    made = Delivery(Settings(traces_url=f"{endpoint}/v1/traces"))
    made.put(ReadableSpan("step", SpanContext(1, 1, False), resource=Resource({})))
    return made


def test_a_web_page_is_no_collector(collector: FakeCollector, caplog: pytest.LogCaptureFixture) -> None:
    collector.page = b"\n<!doctype html><title>Sign in</title>"
    assert _one_span(collector.endpoint).shutdown() == DeliveryReport(0, 1, 0)
    assert "answers with a web page" in caplog.text


def test_a_process_that_was_frozen_asks_again(
    collector: FakeCollector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "RETRY_FOR_S", 0.0)  # as after a minute, with the answer of before it
    monkeypatch.setattr(Delivery, "_pause", lambda made, seconds: setattr(collector, "status", 200))
    collector.status = 503
    assert _one_span(collector.endpoint).shutdown() == DeliveryReport(1, 0, 0)


def test_no_pool_of_threads_is_asked_in_a_child_of_gevents(
    server: FakeOpenAI, collector: FakeCollector
) -> None:
    script = """
import concurrent.futures, types
def refuse(*_): os._exit(9)
sightline.instrument(app="shop")
concurrent.futures.ThreadPoolExecutor.submit = refuse
sys.modules["gevent"] = types.ModuleType("gevent")
child = os.fork()
if child == 0:
    os._exit(0)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    done = subprocess.run(
        [sys.executable, "-c", "import os, sys, sightline\n" + script],
        env={**os.environ, "SIGHTLINE_ENDPOINT": collector.endpoint},
        timeout=60,
        check=False,
    )
    assert done.returncode == 0


def test_both_sides_of_a_fork_deliver_their_own(server: FakeOpenAI, collector: FakeCollector) -> None:
    child = "    ask(); report(); os._exit(0)"
    script = INSTRUMENT + f"ask()\nif os.fork() == 0:\n{child}\nos.wait()\nreport()"
    done = _run(script, server, collector.endpoint)
    assert sorted(done.stdout.split("\n")) == ["", "[1, 0, 0]", "[1, 0, 0]"]
    assert len({span.span_id for _, span in collector.spans()}) == 2


def test_a_stream_that_a_forked_process_lets_go_of_is_its_parents_to_tell_of(
    server: FakeOpenAI, collector: FakeCollector
) -> None:
    script = "import gc; s = ask(stream=True); next(s); child = os.fork()\n"
    script += "if not child: del s; gc.collect(); sys.exit()\nos.waitpid(child, 0); list(s); report()"
    done = _run(INSTRUMENT + script, server, collector.endpoint)
    assert (done.stdout.strip(), done.stderr) == ("[1, 0, 0]", "")
    ((_, span),) = collector.spans()
    assert {a.key: a.value.string_value for a in span.attributes}["sightline.stream.outcome"] == "complete"


def test_an_app_with_its_own_opentelemetry_keeps_it_and_both_see_whole_spans(
    server: FakeOpenAI, collector: FakeCollector
) -> None:
    script = """
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
own, mine = TracerProvider(), InMemorySpanExporter()
own.add_span_processor(SimpleSpanProcessor(mine))
trace.set_tracer_provider(own)
sightline.instrument(app="shop")
with trace.get_tracer("app").start_as_current_span("theirs"), sightline.span("step"):
    ask()
assert trace.get_tracer_provider() is own
call, step, theirs = mine.get_finished_spans()
assert call.parent.span_id == step.context.span_id
assert call.attributes["gen_ai.usage.input_tokens"] == 11
report()
"""
    done = _run(script, server, collector.endpoint)
    assert (done.stdout.strip(), done.stderr) == ("[3, 0, 0]", "")
    for _, span in collector.spans():
        assert {a.key: a.value.string_value for a in span.attributes}["sightline.app"] == "shop"


EXPORTING = """
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
own = TracerProvider()
own.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
trace.set_tracer_provider(own)
sightline.instrument(app="shop")
ask()
"""


@pytest.mark.parametrize(("named", "copies"), [({}, 1), ({"SIGHTLINE_API_KEY": "k"}, 2)])
def test_a_collector_that_the_app_sends_to_by_itself_is_sent_no_second_copy(
    named: dict[str, str],
    copies: int,
    server: FakeOpenAI,
    collector: FakeCollector,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.endpoint)
    for name, value in named.items():
        monkeypatch.setenv(name, value)
    done = _run(EXPORTING, server, "")
    assert done.returncode == 0, done.stderr
    assert [span.name for _, span in collector.spans()] == ["chat m"] * copies


BROKEN = """
from opentelemetry import trace
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor, SpanExporter
def broken(*args, **kwargs):
    raise RuntimeError("broken by the app")
kind, method = os.environ["BROKEN"].split(".")
base = SpanProcessor if kind == "processor" else SpanExporter
made = type("Broken", (base,), {method: broken})()
provider = TracerProvider(shutdown_on_exit=False)
wrap = {"processor": lambda made: made, "simple": SimpleSpanProcessor, "batch": BatchSpanProcessor}[kind]
provider.add_span_processor(wrap(made))
trace.set_tracer_provider(provider)
sightline.instrument(app="shop")
assert ask().id == "chatcmpl-1"
assert len(list(ask(stream=True))) == 3
try:
    client.with_options(max_retries=0).chat.completions.create(model="status-400", messages=[])
except openai.BadRequestError as error:
    assert error.__cause__ is None
with sightline.span("chain"):
    pass
try:
    provider.force_flush(), provider.shutdown()
except RuntimeError:
    pass
"""


@pytest.mark.parametrize(
    "broken",
    ["processor.on_start", "processor.on_end", "processor.shutdown", "simple.export", "batch.shutdown"],
)
def test_what_is_broken_in_the_apps_tracing_is_not_felt_and_costs_no_span(
    broken: str, server: FakeOpenAI, collector: FakeCollector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BROKEN", broken)
    done = _run(BROKEN, server, collector.endpoint, sys.executable)
    assert done.returncode == 0, done.stderr
    assert [span.name for _, span in collector.spans()] == ["chat m", "chat m", "chat status-400", "chain"]
    assert done.stderr.count("works around") == (broken in {"processor.on_start", "processor.on_end"})


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_a_process_of_multiprocessing_sends_what_it_queued_before_it_ends(
    method: str, server: FakeOpenAI, collector: FakeCollector, tmp_path: Path
) -> None:
    script = tmp_path / "app.py"
    script.write_text(f"""{APP}
import multiprocessing
def alone():
    {INSTRUMENT}
    ask()
def run(target):
    child = multiprocessing.get_context({method!r}).Process(target=target)
    child.start(); child.join(); assert child.exitcode == 0
if __name__ == "__main__" and {method!r} == "fork":
    run(alone)
if __name__ == "__main__" or {method!r} != "fork":  # other processes run the module again
    {INSTRUMENT}
if __name__ == "__main__":
    run(ask)
""")
    environment = {**os.environ, "MODEL_URL": server.base_url, "SIGHTLINE_ENDPOINT": collector.endpoint}
    done = subprocess.run(
        [sys.executable, str(script)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert [span.name for _, span in collector.spans()] == ["chat m"] * (2 if method == "fork" else 1)


RQ = """
import os, sys, types
class Worker:
    is_horse = False
    def handle_job_success(self): pass
    def handle_job_failure(self): pass
    def perform_job(self, job):
        try:
            job()
            self.handle_job_success()
        except ValueError:
            self.handle_job_failure()
    def work(self, job):
        if (child := os.fork()) == 0:
            self.is_horse = True
            self.perform_job(job)
            os._exit(0)
        os.waitpid(child, 0)
sys.modules["rq"], module = types.ModuleType("rq"), types.ModuleType("rq.worker")
sys.modules["rq.worker"], module.Worker = module, Worker
"""
RQ_JOBS = """
def job():
    sightline.instrument(app="shop")  # RQ imports the module of a job in its process
    ask()
def failing():
    job()
    raise ValueError
Worker().work(job)
Worker().work(failing)
"""


def test_what_a_job_of_rq_did_is_sent_before_its_process_ends(
    server: FakeOpenAI, collector: FakeCollector
) -> None:
    """As RQ 1 to 3 do; run with its own worker by hand, which wants a Redis."""
    done = _run(RQ_JOBS, server, collector.endpoint, before=RQ)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(collector.spans()) == 2


def test_what_the_last_request_of_uvicorn_did_is_sent_before_the_signal_ends_it(
    server: FakeOpenAI, collector: FakeCollector
) -> None:
    pytest.importorskip("uvicorn")
    script = """
import signal, threading, time, urllib.request, uvicorn
model = openai.AsyncOpenAI(api_key="k", base_url=os.environ["MODEL_URL"])
async def app(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    os.kill(os.getpid(), signal.SIGTERM)
    await model.chat.completions.create(model="m", messages=[{"role": "user", "content": "hi"}])
    await send({"type": "http.response.body", "body": b"ok"})
web = uvicorn.Server(uvicorn.Config(app, port=0, lifespan="off", log_level="error"))
def ask_web():
    while not web.started:
        time.sleep(0.01)
    host, port = web.servers[0].sockets[0].getsockname()
    print(urllib.request.urlopen(f"http://{host}:{port}/").read().decode(), flush=True)
threading.Thread(target=ask_web, daemon=True).start()
web.run()
"""
    done = _run(INSTRUMENT + script, server, collector.endpoint, sys.executable)
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGTERM, "ok\n", "")
    assert [span.name for _, span in collector.spans()] == ["chat m"]


def test_sightline_run_needs_no_change_of_code(server: FakeOpenAI, collector: FakeCollector) -> None:
    command = (sys.executable, "-c", "import sightline.cli; raise SystemExit(sightline.cli.main())")
    done = _run("ask()", server, collector.endpoint, *command, "run", "--app", "shop", "--", sys.executable)
    assert done.returncode == 0, done.stderr
    ((resource, _),) = collector.spans()
    assert resource["sightline.app"] == "shop"


def test_opentelemetry_instrument_finds_the_sdk_and_exports_each_span_once(
    server: FakeOpenAI, collector: FakeCollector
) -> None:
    pytest.importorskip("opentelemetry.instrumentation.auto_instrumentation")
    if not entry_points(group="opentelemetry_instrumentor", name="sightline"):
        pytest.skip("the SDK is not installed here, so that no entry point names it")
    settings = {
        "MODEL_URL": server.base_url,
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint,
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        "OTEL_METRICS_EXPORTER": "none",
        "OTEL_SERVICE_NAME": "shop",
    }
    script = APP.replace("import openai, sightline", "import openai") + "ask()"
    command = [str(Path(sys.executable).with_name("opentelemetry-instrument")), sys.executable, "-c", script]
    done = subprocess.run(
        command, env={**os.environ, **settings}, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    ((resource, span),) = collector.spans()
    assert resource["service.name"] == "shop"
    assert {a.key: a.value for a in span.attributes}["gen_ai.usage.input_tokens"].int_value == 11


def test_a_thread_runs_whose_start_an_error_reporter_wrapped_before(
    server: FakeOpenAI, collector: FakeCollector
) -> None:
    reporter = """
import threading
start = threading.Thread.start
def wrapped(thread):  # takes the function of the method, and calls it with the thread it runs in
    function = getattr(thread.run, "__func__", thread.run)
    thread.run = lambda: function(threading.current_thread())
    start(thread)
threading.Thread.start = wrapped
"""
    within = (
        "with sightline.context(session='s'):\n    t = threading.Thread(target=ask); t.start(); t.join()\n"
    )
    done = _run(reporter + INSTRUMENT + within + "report()", server, collector.endpoint)
    assert (done.stdout.strip(), done.stderr) == ("[1, 0, 0]", "")


def test_a_provider_that_cannot_be_hashed_is_joined_once(
    server: FakeOpenAI, collector: FakeCollector
) -> None:
    script = """
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
class Unhashable(TracerProvider):
    __hash__ = None
trace.set_tracer_provider(Unhashable())
for app in "ab":
    sightline.instrument(app=app); ask(); report(); sightline.uninstrument()
"""
    done = _run(script, server, collector.endpoint)
    assert (done.stdout.split("\n")[:2], done.stderr) == (["[1, 0, 0]"] * 2, "")


def test_instrument_again_after_uninstrument_delivers_again(
    server: FakeOpenAI, collector: FakeCollector
) -> None:
    once = "sightline.instrument(app='a'); ask(); sightline.uninstrument(); "
    script = once + once + "ask()"
    assert _run(script, server, collector.endpoint).returncode == 0
    assert len(collector.spans()) == 2


def test_scores_are_posted_about_the_current_span_or_the_session(
    server: FakeOpenAI, collector: FakeCollector
) -> None:
    script = INSTRUMENT + (
        "sightline.score('nothing to be about', 1)\n"
        "with sightline.context(session='s', user='ann'):\n"
        "    with sightline.span('chain'):\n"
        "        sightline.score('helpful', 0.5, comment='c')\n        sightline.feedback(False)\n"
        "    sightline.score('tone', 'kind', source='model', author='judge-1')\n"
    )
    assert _run(script, server, collector.endpoint).returncode == 0
    ((_, span),) = collector.spans()
    posted = [json.loads(body) for path, _, body in collector.posts if path == "/api/v1/scores"]
    assert all(datetime.fromisoformat(score.pop("scored_at")).tzinfo for score in posted)
    target = {"trace_id": span.trace_id.hex(), "span_id": span.span_id.hex()}
    assert posted == [
        {"name": "helpful", "value": 0.5, "source": "code", "comment": "c", **target},
        {"name": "user-feedback", "value": False, "source": "human", "author": "ann", **target},
        {"name": "tone", "value": "kind", "source": "model", "author": "judge-1", "session": "s"},
    ]


def test_importing_the_sdk_loads_no_part_of_the_server() -> None:
    script = "import sys, sightline; print([m for m in sys.modules if m.startswith('sightline_')])"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True
    )
    assert {name.split(".")[0] for name in json.loads(done.stdout.replace("'", '"'))} == {"sightline_semconv"}
