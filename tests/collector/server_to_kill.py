"""A collector with a real store in a process of its own, run as a module.

It imports what it needs, opens the store when a line comes on standard input, and prints its port. With a
limit no file may grow beyond that many bytes, as on a disk that is full.
"""

import resource
import signal
import sys
from argparse import ArgumentParser
from dataclasses import replace
from pathlib import Path

import chdb  # noqa: F401 - the slow part of a start, done before it is our turn
import uvicorn
from starlette.applications import Starlette
from tests.collector.killed_servers import SAMPLING

from sightline_collector import Collector, CollectorConfig, EventStores
from sightline_core.auth import Principal
from sightline_core.ids import DEFAULT_PROJECT
from sightline_core.pricing import CataloguePricer
from sightline_storage import StoreConfig, open_store


def main(data_dir: Path, limit: int | None, *, sampling: bool) -> None:
    """Serve until killed."""
    sys.stdin.readline()
    store = open_store(StoreConfig(data_dir=data_dir))
    config = replace(
        CollectorConfig(data_dir),
        flush_interval_s=0.01,
        flush_spans=2_000,  # with less, senders would be slowed down, and there would be no load
        sampling=SAMPLING if sampling else None,
    )
    collector = Collector(
        store.writer,
        config,
        CataloguePricer(),
        lambda _: Principal(DEFAULT_PROJECT, "test"),
        events=EventStores.of(store),
    )
    collector.start()
    serving = uvicorn.Config(Starlette(routes=collector.routes()), port=0, log_level="warning")
    socket = serving.bind_socket()
    socket.listen()  # uvicorn does so later, and whoever reads the port connects at once
    if limit is not None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    sys.stdout.write(f"{socket.getsockname()[1]}\n")
    sys.stdout.flush()
    uvicorn.Server(serving).run(sockets=[socket])


if __name__ == "__main__":
    parser = ArgumentParser()
    parser.add_argument("data_dir", type=Path)
    parser.add_argument("--limit", type=int)
    parser.add_argument("--sampling", action="store_true")
    options = parser.parse_args()
    main(options.data_dir, options.limit, sampling=options.sampling)
