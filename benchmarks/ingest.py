"""Spans per CPU-second of whole servers, from HTTP to the store with its rollups: ours and its peers.

    python -m benchmarks.ingest [REQUESTS] [--peers DIR]
    python -m benchmarks.ingest --setup DIR          once, to install the peers

Requests of 512 spans are made before the clock starts and sent by this process, so that only the server's CPU
counts. How soon spans can be read is measured with a second load, as answering takes CPU, too. All servers
run one after the other, and the last column is a ratio within this run.
"""

import argparse
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import httpx
from benchmarks.ingest_load import SPANS_PER_REQUEST, make_request
from benchmarks.ingest_targets import PEERS, Peer, Sightline, Target, install_peers
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

_HEADERS = {"content-type": "application/x-protobuf"}
_ROLLUPS_S = 6.0  # rollups are refreshed every five seconds
_STORED_WITHIN_S = 600
_READ_SHARE = 2  # half as many requests again are sent to be read
_PROBED = 16  # one of them in sixteen is looked for as soon as it is acknowledged
_PEER_SHARE = 10  # peers get a tenth of the load, which is enough to tell


@dataclass(frozen=True)
class Figures:
    """What one server did."""

    name: str
    spans: int
    stored: int
    cpu_s: float
    sent_s: float
    peak_mb: int
    disk_share: float
    slowest_visible_s: float | None

    @property
    def spans_per_cpu_s(self) -> float:
        """Spans stored for each second of the server's CPU."""
        return self.stored / self.cpu_s


def measure(target: Target, bodies: list[bytes], read: list[bytes]) -> Figures:
    """Send all requests over one connection and wait until they are stored; then send those to be read."""
    spans = len(bodies) * SPANS_PER_REQUEST
    before, began = target.cpu_s(), time.perf_counter()
    _send(target, bodies)
    sent_s = time.perf_counter() - began
    deadline = time.monotonic() + _STORED_WITHIN_S
    while (stored := target.stored()) < spans and time.monotonic() < deadline:
        time.sleep(0.2)
    time.sleep(_ROLLUPS_S)
    cpu_s = target.cpu_s() - before
    share = target.disk_bytes() / sum(map(len, bodies))
    slowest_s = None
    if read:
        probe = _Probe(target.url)
        _send(target, read, probe)
        slowest_s = probe.slowest_s()
    return Figures(target.name, spans, stored, cpu_s, sent_s, target.peak_mb(), share, slowest_s)


def _send(target: Target, bodies: list[bytes], probe: "_Probe | None" = None) -> None:
    with httpx.Client(base_url=target.url, timeout=300, headers={**_HEADERS, **target.headers}) as client:
        for number, body in enumerate(bodies):
            client.post("/v1/traces", content=body).raise_for_status()
            if probe is not None and number % _PROBED == 0:
                probe.look_for(body)


class _Probe:
    """Measures how long after its acknowledgement a span can be read."""

    def __init__(self, url: str) -> None:
        self._client = httpx.Client(base_url=url, timeout=60)
        self._threads: list[threading.Thread] = []
        self._times_s: list[float] = []

    def look_for(self, body: bytes) -> None:
        """Start to ask for the last trace of a request that was acknowledged just now."""
        request = ExportTraceServiceRequest.FromString(body)
        trace_id = request.resource_spans[-1].scope_spans[-1].spans[-1].trace_id.hex()
        thread = threading.Thread(target=self._ask, args=(trace_id, time.perf_counter()))
        thread.start()
        self._threads.append(thread)

    def _ask(self, trace_id: str, acknowledged: float) -> None:
        while self._client.get(f"/api/v1/traces/{trace_id}").status_code != 200:
            time.sleep(0.05)
        self._times_s.append(time.perf_counter() - acknowledged)

    def slowest_s(self) -> float:
        """Return the longest time, once all are known."""
        for thread in self._threads:
            thread.join()
        self._client.close()
        return max(self._times_s)


def main() -> None:
    """Run and print one row for each server."""
    options = _options()
    if options.setup is not None:
        install_peers(options.setup)
        return
    now_ns = time.time_ns()
    bodies = [make_request(number, now_ns) for number in range(options.requests)]
    read = [make_request(options.requests + n, now_ns) for n in range(options.requests // _READ_SHARE)]
    kinds: list[type[Target]] = [Sightline]
    if options.peers is not None:
        Peer.peers_dir = options.peers
        kinds += [kind for kind, _ in PEERS.values()]
    wire = sum(map(len, bodies)) / len(bodies) / SPANS_PER_REQUEST
    print(f"{len(bodies)} requests of {SPANS_PER_REQUEST} spans, {wire:.0f} bytes a span on the wire")
    first: Figures | None = None
    for kind in kinds:
        load = bodies if kind is Sightline else bodies[: max(1, len(bodies) // _PEER_SHARE)]
        with tempfile.TemporaryDirectory() as folder:
            target = kind(Path(folder))
            try:
                figures = measure(target, load, read if kind is Sightline else [])
            finally:
                target.stop()
        first = first or figures
        _print_row(figures, first)


def _print_row(figures: Figures, first: Figures) -> None:
    visible = figures.slowest_visible_s
    print(
        f"{figures.name}: {figures.stored} of {figures.spans} spans stored, "
        f"{figures.spans_per_cpu_s:.0f} spans per CPU-second "
        f"({figures.cpu_s / figures.stored * 1e6:.0f} µs each), "
        f"acknowledged at {figures.spans / figures.sent_s:.0f}/s, peak {figures.peak_mb} MB, "
        f"disk {figures.disk_share:.2f} of the wire"
        + (f", readable within {visible:.1f} s" if visible is not None else "")
        + f"; {figures.spans_per_cpu_s / first.spans_per_cpu_s:.3f} of {first.name}"
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("requests", type=int, nargs="?", default=80)
    parser.add_argument("--peers", type=Path, help="folder that --setup was given")
    parser.add_argument("--setup", type=Path, help="install the peers into this folder and stop")
    return parser.parse_args()


if __name__ == "__main__":
    main()
