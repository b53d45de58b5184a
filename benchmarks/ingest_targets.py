"""Servers that the ingest benchmark sends to: how each is started, and how many spans it has stored."""

import contextlib
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

import httpx

_READY_WITHIN_S = 180
_TICKS = os.sysconf("SC_CLK_TCK")


class Target:
    """A server process on a free port, with its data in a folder of its own."""

    name = ""
    ready_path = "/"
    headers: ClassVar[Mapping[str, str]] = {}
    """Sent with each request, beside its type."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        command, environment = self.command()
        self._process = subprocess.Popen(
            command,
            env={**os.environ, **environment},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        deadline = time.monotonic() + _READY_WITHIN_S
        while time.monotonic() < deadline and self._process.poll() is None:
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"{self.url}{self.ready_path}", timeout=5).status_code < 500:
                    return
            time.sleep(0.1)
        self.stop()
        raise RuntimeError(f"{self.name} does not start")

    def command(self) -> tuple[list[str], dict[str, str]]:
        """Return the command line and what is added to the environment."""
        raise NotImplementedError

    def stored(self) -> int:
        """Return how many spans the server has stored."""
        raise NotImplementedError

    @property
    def pid(self) -> int:
        """The server's process id."""
        return self._process.pid

    def cpu_s(self) -> float:
        """Return the CPU time so far, user and system, of the process and those that it started."""
        stats = ((process / "stat").read_text().rpartition(")")[2].split() for process in self._processes())
        return sum(int(fields[11]) + int(fields[12]) for fields in stats) / _TICKS

    def peak_mb(self) -> int:
        """Return the most memory that each of these processes has had, resident, together."""
        found = (re.search(r"VmHWM:\s+(\d+) kB", (each / "status").read_text()) for each in self._processes())
        return sum(int(peak[1]) for peak in found if peak) // 1024

    def _processes(self) -> list[Path]:
        folders = (folder for folder in Path("/proc").iterdir() if folder.name.isdigit())
        return [folder for folder in folders if _session_of(folder) == self._process.pid]

    def disk_bytes(self) -> int:
        """Return the size of all that is in the folder."""
        return sum(path.stat().st_size for path in self.folder.rglob("*") if path.is_file())

    def stop(self) -> None:
        """End the process and wait for it."""
        os.killpg(self._process.pid, signal.SIGTERM)
        self._process.wait()


def _session_of(process: Path) -> int | None:
    try:
        return int((process / "stat").read_text().rpartition(")")[2].split()[3])
    except OSError:  # it has ended meanwhile
        return None


class Sightline(Target):
    """`sightline serve` as it comes: one process with its background jobs."""

    name = "sightline"
    ready_path = "/readyz"

    def command(self) -> tuple[list[str], dict[str, str]]:
        """See `Target.command`."""
        return [sys.executable, "-m", "sightline_server", "serve"], {
            "SIGHTLINE_PORT": str(self.port),
            "SIGHTLINE_DATA_DIR": str(self.folder),
        }

    def stored(self) -> int:
        """See `Target.stored`."""
        text = httpx.get(f"{self.url}/metrics", timeout=30).text
        found = re.search(r"^sightline_spans_written_total (\d+)", text, re.MULTILINE)
        return int(found[1]) if found else 0

    def disk_bytes(self) -> int:
        """Without the journal, which is empty once all is stored and its last file is let go."""
        journal = sum(path.stat().st_size for path in (self.folder / "journal").rglob("*.segment"))
        return super().disk_bytes() - journal


class Peer(Target):
    """A server from an environment of its own below `peers_dir`."""

    peers_dir = Path()


class Phoenix(Peer):
    """Arize Phoenix with its default SQLite database, from the environment in `PEERS_DIR/phoenix`."""

    name = "phoenix"

    def command(self) -> tuple[list[str], dict[str, str]]:
        """See `Target.command`."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            grpc_port = str(probe.getsockname()[1])
        return [str(self.peers_dir / "phoenix" / "bin" / "phoenix"), "serve"], {
            "PHOENIX_HOST": "127.0.0.1",
            "PHOENIX_PORT": str(self.port),
            "PHOENIX_GRPC_PORT": grpc_port,
            "PHOENIX_WORKING_DIR": str(self.folder),
            "PHOENIX_TELEMETRY_ENABLED": "false",
        }

    def stored(self) -> int:
        """See `Target.stored`."""
        return _count_spans(self.folder / "phoenix.db")


class MLflow(Peer):
    """MLflow's tracking server with SQLite, from the environment in `PEERS_DIR/mlflow`."""

    name = "mlflow"
    ready_path = "/health"
    headers: ClassVar = {"x-mlflow-experiment-id": "0"}

    def command(self) -> tuple[list[str], dict[str, str]]:
        """See `Target.command`."""
        program = str(self.peers_dir / "mlflow" / "bin" / "mlflow")
        options = ["--host", "127.0.0.1", "--port", str(self.port), "--workers", "1"]
        stores = ["--backend-store-uri", f"sqlite:///{self.folder}/mlflow.db"]
        stores += ["--default-artifact-root", str(self.folder / "artifacts")]
        return [program, "server", *options, *stores], {
            "MLFLOW_DISABLE_TELEMETRY": "true",
            "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        }

    def stored(self) -> int:
        """See `Target.stored`."""
        return _count_spans(self.folder / "mlflow.db")


def _count_spans(database: Path) -> int:
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as db:
        return int(db.execute("SELECT count(*) FROM spans").fetchone()[0])


PEERS: dict[str, tuple[type[Peer], str]] = {
    "phoenix": (Phoenix, "arize-phoenix"),
    "mlflow": (MLflow, "mlflow"),
}
"""Name → its target, and what pip installs."""


def install_peers(folder: Path) -> None:
    """Make an environment for each peer below `folder`."""
    for name, (_, package) in PEERS.items():
        subprocess.run([sys.executable, "-m", "venv", str(folder / name)], check=True)
        pip = str(folder / name / "bin" / "pip")
        subprocess.run([pip, "install", "--quiet", package], check=True)
