"""A collector with a real store in a process of its own: `server_to_kill.py DATA_DIR [LIMIT]`.

It imports what it needs, opens the store when a line comes on standard input, and prints its port. With a
limit no file may grow beyond that many bytes, as on a disk that is full.
"""

import resource
import signal
import sys
from dataclasses import replace
from pathlib import Path

import chdb  # noqa: F401 - the slow part of a start, done before it is our turn
import uvicorn
from starlette.applications import Starlette

from sightline_collector import Collector, CollectorConfig, EventStores
from sightline_core.auth import Principal
from sightline_core.ids import DEFAULT_PROJECT
from sightline_core.pricing import CataloguePricer
from sightline_storage import StoreConfig, open_store


def main(data_dir: Path, limit: int | None) -> None:
    """Serve until killed."""
    sys.stdin.readline()
    store = open_store(StoreConfig(data_dir=data_dir))
    config = replace(CollectorConfig(data_dir), flush_interval_s=0.01, flush_spans=100)
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
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else None)
