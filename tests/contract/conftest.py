"""Stores that the contract suite runs on, and spans to put into them."""

import hashlib
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from tests.free_port import free_port
from tests.made_spans import MakeSpan, span_maker

from sightline_core.ids import ProjectId
from sightline_storage import Store, StoreConfig, open_store

LIMITED_USER, LIMITED_DATABASE = "limited", "granted"
GRANTS = (
    f"GRANT SELECT, INSERT, OPTIMIZE, ALTER DELETE ON {LIMITED_DATABASE}.*",
    "GRANT SELECT ON system.*",
)
"""What the user of a store that somebody else migrates needs, as `docs/operations.md` says."""


class Listener:
    """One real ClickHouse server in a child process, on loopback; see `clickhouse_listener.py`."""

    def __init__(self, folder: Path, ports: tuple[int, int], shards: list[int]) -> None:
        self.http_port, tcp_port = ports
        self._folder = folder
        folder.mkdir()
        replicas = "".join(
            f"<shard><replica><host>127.0.0.1</host><port>{port}</port></replica></shard>" for port in shards
        )
        (folder / "config.xml").write_text(
            f"<clickhouse><listen_host>127.0.0.1</listen_host><http_port>{self.http_port}</http_port>"
            f"<tcp_port>{tcp_port}</tcp_port><users_config>users.xml</users_config>"
            f"<path>{folder}/data/</path><max_partition_size_to_drop>1</max_partition_size_to_drop><remote_servers><pair>{replicas}</pair></remote_servers>"
            "<zookeeper><implementation>testkeeper</implementation></zookeeper>"
            f"<macros><shard>1</shard><replica>{folder.name}</replica></macros></clickhouse>"
        )
        (folder / "users.xml").write_text(
            "<clickhouse><profiles><default/></profiles><quotas><default/></quotas><users><default><password/>"
            "<networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota>"
            f"</default><{LIMITED_USER}><password/><networks><ip>127.0.0.1</ip></networks>"
            "<profile>default</profile><quota>default</quota><grants>"
            f"{''.join(f'<query>{grant}</query>' for grant in GRANTS)}</grants></{LIMITED_USER}>"
            "</users></clickhouse>"
        )
        os.mkfifo(folder / "alive.fifo")
        self._process: subprocess.Popen[bytes] | None = None
        self._alive = -1

    def start(self) -> None:
        """Start the server and return when it answers."""
        script = Path(__file__).with_name("clickhouse_listener.py")
        log = (self._folder / "log").open("wb")
        with log:
            self._process = subprocess.Popen(
                [sys.executable, str(script), str(self._folder)],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
            )
        # Opening for both ends does not wait for the reader, and keeps the FIFO open until `stop`.
        self._alive = os.open(self._folder / "alive.fifo", os.O_RDWR)
        deadline = time.monotonic() + 60
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                reason = (self._folder / "log").read_text(errors="replace")
                pytest.fail(f"the ClickHouse listener of the chdb wheel does not start: {reason}")

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.http_port), timeout=5) as connection:
                connection.sendall(b"GET /ping HTTP/1.0\r\n\r\n")
                return connection.recv(64).startswith(b"HTTP/1.0 200")
        except OSError:
            time.sleep(0.05)
            return False

    def stop(self) -> None:
        """Kill the server, as when a machine goes down."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            os.close(self._alive)
            self._process = None

    @contextmanager
    def without_room(self) -> Iterator[None]:
        """Take no temporary file meanwhile, as on a full disk."""
        folder = self._folder / "data" / "tmp"
        kept = folder.rename(folder.with_name("kept"))
        folder.touch()
        try:
            yield
        finally:
            folder.unlink()
            kept.rename(folder)


@pytest.fixture(scope="session")
def listeners(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Listener, Listener]]:
    """Two servers that know each other as the shards of the cluster `pair`."""
    tcp = [free_port(), free_port()]
    folder = tmp_path_factory.mktemp("clickhouse")
    pair = tuple(Listener(folder / str(n), (free_port(), tcp[n]), tcp) for n in range(2))
    for listener in pair:
        listener.start()
    yield pair[0], pair[1]
    for listener in pair:
        listener.stop()


@pytest.fixture(scope="session")
def server_url(listeners: tuple[Listener, Listener]) -> str:
    """The URL of one server without a cluster."""
    return f"clickhouse://default@127.0.0.1:{listeners[0].http_port}/single"


@pytest.fixture(scope="session")
def cluster_url(listeners: tuple[Listener, Listener]) -> str:
    """The URL of two shards."""
    hosts = ",".join(f"127.0.0.1:{listener.http_port}" for listener in listeners)
    return f"clickhouse://default@{hosts}/spread?cluster=pair"


EMBEDDED_AND_CLUSTER = pytest.mark.parametrize(
    "store", ["embedded", "cluster"], indirect=True, scope="module"
)
"""For modules that ask nothing of their own of a server alone: it gets the embedded store's statements.

It gets them over connections as those to a cluster are. Reading, copies, deletions, faults of ingest and SQL
run on all three.
"""


@pytest.fixture(scope="module", params=["embedded", "server", "cluster"])
def store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, migrated_store: Path
) -> Iterator[Store]:
    """One store of each kind for each test module; tests are kept apart by their project."""
    if request.param == "embedded":
        data_dir = shutil.copytree(migrated_store, tmp_path_factory.mktemp("store") / "data", symlinks=True)
        opened = open_store(StoreConfig(data_dir=data_dir))
        yield opened
    else:
        shared = urlsplit(request.getfixturevalue(f"{request.param}_url"))
        database = request.module.__name__.rpartition(".")[2]
        opened = open_store(StoreConfig(clickhouse_url=urlunsplit(shared._replace(path=f"/{database}"))))
        yield opened
        for node in opened.engine.nodes():
            node.command(f"DROP DATABASE {database} SYNC")
    opened.close()


def empty(store: Store) -> None:
    """Take all rows out of a store, for what looks at everything that it holds."""
    tables = (
        "SELECT name FROM system.tables WHERE database = currentDatabase()"
        " AND engine LIKE '%MergeTree' AND name != 'schema_migrations'"
    )
    for node in store.engine.nodes():
        for (table,) in node.query(tables, {}):
            node.command(f"TRUNCATE TABLE {table}")


@pytest.fixture
def project(request: pytest.FixtureRequest) -> ProjectId:
    """A project of the test's own; ids have at most 64 characters."""
    name = re.sub(r"\W", "-", request.node.name)
    return ProjectId(f"{name[:47]}-{hashlib.sha256(request.node.name.encode()).hexdigest()[:16]}")


@pytest.fixture
def span(project: ProjectId) -> MakeSpan:
    """A maker of spans of the test's project."""
    return span_maker(project)
