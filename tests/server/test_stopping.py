"""A server that is told to stop ends its background jobs between two steps, and loses nothing by it."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from tests.e2e.conftest import start_server, stop_server
from tests.e2e.polling import until

from sightline_core.settings import Settings
from sightline_server.chat_model import build_title_model
from sightline_server.turns import TurnEnded, ends_turns
from sightline_storage import SpanRecord, Store, StoreConfig, open_store

_MINUTE_NS = 60_000_000_000
_MINUTES_A_DAY = 1_440
_DAYS = 8
_STOPPED = """
import asyncio, os, signal, socket, threading
from sightline_server import process

async def waits_for_its_store(scope, receive, send):
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.Event().wait()

def ask():
    with socket.create_connection(listener.getsockname()) as client:
        client.sendall(b"GET / HTTP/1.1\\r\\nHost: here\\r\\n\\r\\n")
        while part := client.recv(4096):
            print(part.decode().replace("\\r", ""), end="")

process.SHUTDOWN_S = 1
listener = socket.create_server(("127.0.0.1", 0))
client = threading.Thread(target=ask)
process.serve_http(waits_for_its_store, listener, on_ready=client.start, on_stop=lambda: None)
client.join()
"""


_HUNG = """
import os, signal, sys, threading
from datetime import timedelta
from pathlib import Path
from sightline_core.settings import Settings
from sightline_server import composition, serve
from sightline_server.jobs import Job

ready = threading.Event()

def tell():
    ready.wait()
    os.kill(os.getpid(), signal.SIGTERM)

def jobs(stores, *_):
    def hang():
        threading.Thread(target=tell).start()
        sql = "SELECT count() FROM numbers(1000000000000000) WHERE sipHash64(number) = 1"
        stores.spans.engine.query(sql, {})

    return [Job("hangs", timedelta(seconds=1), hang)]

composition.background_jobs = jobs
serve.tell_supervisor = lambda _state: ready.set()
serve._LONGEST_STOP_S = 0.5
serve.serve(Settings(port=0, data_dir=Path(sys.argv[1]), log_level="warning"))
"""


_TOLD_AGAIN = """
import os, signal, socket
from sightline_server import process

def tell():
    os.kill(os.getpid(), signal.SIGTERM)

listener = socket.create_server(("127.0.0.1", 0))
process.serve_http(None, listener, on_ready=tell, on_stop=lambda: None)
os.kill(os.getpid(), signal.SIGTERM)
os.kill(os.getpid(), signal.SIGHUP)
print("what waited is stored")
"""


_TOLD_WHILE_STARTING = """
import os, signal, sys
from sightline_server import cli, composition

def opened(*_, **__):
    os.kill(os.getpid(), signal.SIGTERM)
    signal.pause()

composition.opened_stores = opened
sys.exit(cli.main(["serve", "--port", "0", "--data-dir", sys.argv[1]]))
"""


_TOLD_IN_A_CALLBACK = """
import os, signal, sys
from sightline_server import cli, composition

class Told:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGTERM)  # what is raised here is lost

opened_stores = composition.opened_stores

def opened(*arguments, **named):
    Told()
    return opened_stores(*arguments, **named)

composition.opened_stores = opened
sys.exit(cli.main(["serve", "--port", "0", "--data-dir", sys.argv[1]]))
"""


_UNDER_NOHUP = """
import os, signal
from sightline_server.sigterm import stop_on_sigterm

signal.signal(signal.SIGHUP, signal.SIG_IGN)
stop_on_sigterm()
os.kill(os.getpid(), signal.SIGHUP)
print("it goes on")
"""


def _run(code: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def test_a_second_signal_does_not_end_what_the_first_one_has_stored() -> None:
    done = _run(_TOLD_AGAIN)
    assert (done.returncode, done.stdout) == (0, "what waited is stored\n"), done.stderr


def test_a_server_that_is_told_to_stop_while_it_starts_has_not_failed(tmp_path: Path) -> None:
    done = _run(_TOLD_WHILE_STARTING, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_signal_whose_exception_is_lost_ends_the_server_before_it_is_ready(tmp_path: Path) -> None:
    done = _run(_TOLD_IN_A_CALLBACK, tmp_path)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert "Exception ignored" in done.stderr


def test_a_signal_is_heard_before_the_settings_are_read() -> None:
    """The first process of a container hears only of signals that it has asked for."""
    code = (
        "import os, signal, sys; from sightline_server import cli, configuration;"
        " configuration.load_settings = lambda _given: os.kill(os.getpid(), signal.SIGTERM);"
        " sys.exit(cli.main(['serve']))"
    )
    done = _run(code)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_process_that_is_to_outlive_its_terminal_does() -> None:
    done = _run(_UNDER_NOHUP)
    assert (done.returncode, done.stdout) == (0, "it goes on\n"), done.stderr


def test_a_query_of_the_embedded_store_that_hangs_holds_up_no_end(tmp_path: Path) -> None:
    done = _run(_HUNG, tmp_path)
    assert done.returncode == 0, done.stderr
    assert "it waits for an answer of a store" in done.stderr


def test_a_stop_cuts_a_long_turn_short_and_the_next_one_completes_it(tmp_path: Path) -> None:
    first_day = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=_DAYS)
    with _opened(tmp_path) as store:
        for day in range(_DAYS):
            spans = _a_span_a_minute(int((first_day + timedelta(days=day)).timestamp()) * 10**9)
            store.writer.write(spans, token=f"day-{day}")
    server = start_server(tmp_path)
    try:
        until(lambda: 'sightline_job_turns_total{name="rollups"} 1\n' in server.get("/metrics").text)
    finally:
        assert stop_server(server) == 0
    with _opened(tmp_path) as store:
        ((waiting,),) = store.engine.query("SELECT count() FROM rollup_marks FINAL WHERE done = 0", {})
        assert waiting > 0
        while store.refresh_rollups(datetime.now(UTC)):
            pass
        for table in ("rollup_minute", "rollup_hour"):
            ((spans_summed,),) = store.engine.query(f"SELECT sum(spans) FROM {table} FINAL", {})
            assert spans_summed == _DAYS * _MINUTES_A_DAY


def test_no_model_is_asked_any_more_once_the_server_stops() -> None:
    stopping = threading.Event()
    stopping.set()
    model = build_title_model(Settings(titles_url="http://127.0.0.1:1"), ends_turns(stopping))
    assert model is not None
    with pytest.raises(TurnEnded):
        model.answer("", "")


def test_a_request_that_waits_for_a_store_until_the_end_is_told_to_come_again() -> None:
    done = _run(_STOPPED)
    assert done.returncode == 0, done.stderr
    head, _, body = done.stdout.partition("\n\n")
    assert head.startswith("HTTP/1.1 503 Service Unavailable")
    assert "retry-after: 5\n" in head
    assert json.loads(body)["detail"] == "the server stops before it has an answer"
    assert "Traceback" not in done.stderr


def test_a_thread_that_waits_for_a_server_holds_up_no_end() -> None:
    code = (
        "import logging, threading; from sightline_server.sigterm import end_at_last; logging.basicConfig();"
        " threading.Thread(target=threading.Event().wait).start(); end_at_last(0.1)"
    )
    done = _run(code)
    assert done.returncode == 0
    assert "it waits for an answer" in done.stderr


def _a_span_a_minute(day_ns: int) -> list[SpanRecord]:
    return [
        SpanRecord(
            project="shop",
            trace_id=f"{day_ns + minute:032x}",
            span_id=f"{minute + 1:016x}",
            name="chat",
            start_ns=day_ns + minute * _MINUTE_NS,
            ingested_ns=day_ns,
            cost_usd=Decimal(0),
        )
        for minute in range(_MINUTES_A_DAY)
    ]


@contextmanager
def _opened(data_dir: Path) -> Iterator[Store]:
    store = open_store(StoreConfig(data_dir=data_dir))
    try:
        yield store
    finally:
        store.close()
