"""A server under sustained load: how soon spans can be read, memory, the queue and parts, every ten seconds.

    python -m benchmarks.ingest_soak [--minutes 1] [--rate SPANS_PER_S]

Sends requests of 512 spans at an even pace, by default at half of what a first flood was stored at. From each
second on, one request's last trace is asked for from its acknowledgement until the API has it.
"""

import argparse
import re
import statistics
import tempfile
import threading
import time
from pathlib import Path

import httpx
from benchmarks.ingest_load import SPANS_PER_REQUEST, make_request
from benchmarks.ingest_targets import Sightline
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from sightline_server.control import ask_server

_HEADERS = {"content-type": "application/x-protobuf"}
_FLOOD = 40
_APART = 10**9  # the same number gives the same ids
_REPORT_S = 10.0
_ASK_S = 0.05


class Reader:
    """Asks for one trace at a time and keeps how long each took to be readable."""

    def __init__(self, url: str) -> None:
        self._client = httpx.Client(base_url=url, timeout=120)
        self._thread: threading.Thread | None = None
        self.times_s: list[float] = []

    def look_for(self, body: bytes) -> None:
        """Start to ask for the last trace of a request that was acknowledged now, unless one is asked for."""
        if self._thread is not None and self._thread.is_alive():
            return
        request = ExportTraceServiceRequest.FromString(body)
        trace_id = request.resource_spans[-1].scope_spans[-1].spans[-1].trace_id.hex()
        self._thread = threading.Thread(target=self._ask, args=(trace_id, time.perf_counter()))
        self._thread.start()

    def _ask(self, trace_id: str, acknowledged: float) -> None:
        while self._client.get(f"/api/v1/traces/{trace_id}").status_code != 200:
            time.sleep(_ASK_S)
        self.times_s.append(time.perf_counter() - acknowledged)

    def close(self) -> None:
        """Wait for what is asked for."""
        if self._thread is not None:
            self._thread.join()
        self._client.close()


def main() -> None:
    """Run and print a row every ten seconds, then a summary."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--rate", type=float, help="spans per second")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        target = Sightline(Path(folder))
        try:
            rate = options.rate or _stored_per_s(target) / 2
            print(f"{rate:.0f} spans per second for {options.minutes:g} minutes")
            _soak(target, rate, options.minutes * 60)
        finally:
            target.stop()


def _stored_per_s(target: Sightline) -> float:
    """Return at what rate a flood is stored, once the first half has warmed the server up."""
    bodies = [make_request(_APART + number, time.time_ns()) for number in range(_FLOOD)]
    with httpx.Client(base_url=target.url, timeout=300) as client:
        for body in bodies:
            client.post("/v1/traces", content=body, headers=_HEADERS).raise_for_status()
        half = _FLOOD * SPANS_PER_REQUEST // 2
        while target.stored() < half:
            time.sleep(0.05)
        begun, first = time.perf_counter(), target.stored()
        while (stored := target.stored()) < _FLOOD * SPANS_PER_REQUEST:
            time.sleep(0.05)
    return (stored - first) / max(time.perf_counter() - begun, 0.05)


def _soak(target: Sightline, rate: float, seconds: float) -> None:
    reader, memory, before = Reader(target.url), [], target.stored()
    cpu_s, begun = target.cpu_s(), time.perf_counter()
    reported, shown, number = begun, 0, 0
    print("   s   sent/s  readable p50/p95/max s   RSS MB  queue s  parts")
    with httpx.Client(base_url=target.url, timeout=120) as client:
        while (now := time.perf_counter()) - begun < seconds:
            body = make_request(number, time.time_ns())
            client.post("/v1/traces", content=body, headers=_HEADERS).raise_for_status()
            reader.look_for(body)
            number += 1
            if now - reported >= _REPORT_S:
                reported = now
                memory.append(_resident_mb(target))
                spans_per_s = number * SPANS_PER_REQUEST / (now - begun)
                _print_row(now - begun, spans_per_s, reader.times_s[shown:], memory[-1], target)
                shown = len(reader.times_s)
            ahead_s = begun + number * SPANS_PER_REQUEST / rate - time.perf_counter()
            time.sleep(max(0.0, ahead_s))
    reader.close()
    sent = number * SPANS_PER_REQUEST
    while target.stored() - before < sent:
        time.sleep(0.1)
    cpu_s = target.cpu_s() - cpu_s
    print(
        f"{sent} spans stored, {sent / cpu_s:.0f} per CPU-second; readable {_spread(reader.times_s)} s after "
        f"the acknowledgement (p50/p95/max of {len(reader.times_s)}); RSS {min(memory, default=0)} to "
        f"{max(memory, default=0)} MB, peak {target.peak_mb()} MB; at the end {_parts(target)} parts at most"
    )


def _print_row(at_s: float, spans_per_s: float, times_s: list[float], memory: int, target: Sightline) -> None:
    age = re.search(r"^sightline_queue_age_seconds (\S+)", _metrics(target), re.MULTILINE)
    queue_s, parts = float(age[1]) if age else 0.0, _parts(target)
    row = f"{at_s:4.0f} {spans_per_s:8.0f}  {_spread(times_s):>22}   {memory:6} {queue_s:8.1f}  {parts:5}"
    print(row, flush=True)


def _spread(times_s: list[float]) -> str:
    if len(times_s) < 2:
        return " / ".join(f"{value:.2f}" for value in times_s) or "none"
    cuts = statistics.quantiles(times_s, n=20, method="inclusive")
    return f"{statistics.median(times_s):.2f} / {cuts[18]:.2f} / {max(times_s):.2f}"


def _metrics(target: Sightline) -> str:
    return httpx.get(f"{target.url}/metrics", timeout=60).text


def _resident_mb(target: Sightline) -> int:
    status = Path(f"/proc/{target.pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    return int(found[1]) // 1024 if found else 0


def _parts(target: Sightline) -> int:
    """Return how many parts the fullest day has, as `sightline doctor` says it."""
    found = re.search(r"(\d+) parts", ask_server(target.folder, "doctor", ""))
    return int(found[1]) if found else 0


if __name__ == "__main__":
    main()
