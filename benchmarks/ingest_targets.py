"""Servers that the ingest benchmark sends to: how each is started, and how many spans it has stored."""

import contextlib
import os
import re
import socket
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import httpx

_READY_WITHIN_S = 180
_TICKS = os.sysconf("SC_CLK_TCK")


class Target:
    """A server process on a free port, with its data in a folder of its own."""

    name = ""
    ready_path = "/"

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
        )
        deadline = time.monotonic() + _READY_WITHIN_S
        while time.monotonic() < deadline and self._process.poll() is None:
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"{self.url}{self.ready_path}", timeout=5).status_code < 500:
                    return
            time.sleep(0.1)
        self._process.kill()
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
        """Return the CPU time of the process so far, user and system."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def peak_mb(self) -> int:
        """Return the most memory that the process has had, resident."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        found = re.search(r"VmHWM:\s+(\d+) kB", status)
        return int(found[1]) // 1024 if found else 0

    def disk_bytes(self) -> int:
        """Return the size of all that is in the folder."""
        return sum(path.stat().st_size for path in self.folder.rglob("*") if path.is_file())

    def stop(self) -> None:
        """End the process and wait for it."""
        self._process.terminate()
        self._process.wait()


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


class Phoenix(Target):
    """Arize Phoenix with its default SQLite database, from the environment in `PEERS_DIR/phoenix`."""

    name = "phoenix"
    peers_dir = Path()

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
        with contextlib.closing(
            sqlite3.connect(f"file:{self.folder / 'phoenix.db'}?mode=ro", uri=True)
        ) as db:
            return int(db.execute("SELECT count(*) FROM spans").fetchone()[0])


PEERS = {"phoenix": (Phoenix, "arize-phoenix")}
"""Name → its target, and what pip installs."""


def install_peers(folder: Path) -> None:
    """Make an environment for each peer below `folder`."""
    for name, (_, package) in PEERS.items():
        subprocess.run([sys.executable, "-m", "venv", str(folder / name)], check=True)
        pip = str(folder / name / "bin" / "pip")
        subprocess.run([pip, "install", "--quiet", package], check=True)
