"""Collectors, workers and an API as processes of their own, on one ClickHouse server and one PostgreSQL."""

import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, create_engine, make_url, text
from tests.collector.conftest import make_request, make_span
from tests.contract.conftest import Listener
from tests.e2e.polling import until
from tests.empty_postgres import empty_postgres
from tests.forked_process import ForkedProcess
from tests.free_port import free_port
from tests.server.commands.command_line import assert_refused, run_cli

APP = "split-shop"


@dataclass
class Process:
    """One of them."""

    url: str
    process: ForkedProcess

    def is_ready(self) -> bool:
        """Whether it is up and can do its work."""
        assert self.process.poll() is None
        try:
            return httpx.get(f"{self.url}/readyz", timeout=30).status_code == 200
        except httpx.TransportError:
            return False

    def is_alive(self) -> bool:
        """Whether it answers at all."""
        assert self.process.poll() is None
        try:
            return httpx.get(f"{self.url}/healthz", timeout=30).status_code == 200
        except httpx.TransportError:
            return False

    def metrics(self) -> str:
        """What it says of itself."""
        return httpx.get(f"{self.url}/metrics", timeout=30).text


class Company:
    """All processes that share a server and a metadata database."""

    def __init__(self, folder: Path, clickhouse_url: str, database_url: str, database: Engine) -> None:
        self.environment = {
            "SIGHTLINE_CLICKHOUSE_URL": clickhouse_url,
            "SIGHTLINE_DATABASE_URL": database_url,
        }
        self.folder = folder
        self.database = database
        self.members: list[Process] = []

    def hire(self, role: str) -> Process:
        """Start one process, and do not wait for it."""
        port = free_port()
        arguments = (role, "--port", str(port), "--data-dir", str(self.folder / f"{role}-{port}"))
        process = ForkedProcess("sightline_server", *arguments, env={**os.environ, **self.environment})
        self.members.append(Process(f"http://127.0.0.1:{port}", process))
        return self.members[-1]

    def holder_of(self, job: str) -> int:
        """The process that has the lease; 0 when none has."""
        with self.database.begin() as connection:
            query = text("SELECT holder FROM leases WHERE name = :job")
            holder = connection.execute(query, {"job": job}).scalar()
        return int(holder.split("/")[1]) if holder else 0

    def let_leases_run_out(self) -> None:
        """As if half a minute had passed."""
        with self.database.begin() as connection:
            connection.execute(text("UPDATE leases SET expires_at = '2020-01-01T00:00:00Z'"))


@pytest.fixture
def company(tmp_path: Path, server_url: str, postgres_url: str) -> Iterator[Company]:
    """Nobody yet."""
    database = create_engine(make_url(postgres_url).set(drivername="postgresql+psycopg"))
    company = Company(tmp_path, server_url.replace("/single", "/split"), postgres_url, database)
    yield company
    for member in company.members:
        if member.process.poll() is None:
            member.process.terminate()
    assert {member.process.wait(60) for member in company.members} <= {0, -9}
    with database.begin() as connection:
        empty_postgres(connection)
    database.dispose()


def _send(collector: Process, *traces: int) -> None:
    now_ns = time.time_ns()
    spans = [make_span(number) for number in traces]
    for span in spans:
        span.start_time_unix_nano, span.end_time_unix_nano = now_ns - 10**9, now_ns
    body = make_request(*spans, service=APP).SerializeToString()
    headers = {"content-type": "application/x-protobuf"}
    assert httpx.post(f"{collector.url}/v1/traces", content=body, headers=headers).status_code == 200


def _has(api: Process, trace: int) -> bool:
    return httpx.get(f"{api.url}/api/v1/traces/{trace:032x}", timeout=30).status_code == 200


def _turns(worker: Process, job: str) -> int:
    found = re.search(rf'sightline_job_turns_total\{{name="{job}"\}} (\d+)', worker.metrics())
    assert found
    return int(found[1])


@pytest.mark.timeout(240)
def test_two_collectors_and_two_workers_share_the_work_and_one_worker_may_die(company: Company) -> None:
    collectors = [company.hire("collector") for _ in range(2)]
    workers = [company.hire("worker") for _ in range(2)]
    api = company.hire("api")
    until(lambda: all(member.is_ready() for member in company.members))
    for collector, trace in zip(collectors, (1, 2), strict=True):
        _send(collector, trace)
    until(lambda: _has(api, 1) and _has(api, 2))
    roles = [re.search(r'role="(\w+)"', member.metrics()) for member in company.members]
    assert [role and role[1] for role in roles] == ["collector"] * 2 + ["worker"] * 2 + ["api"]

    doctor = run_cli("doctor", "--data-dir", str(company.folder / "doctor"), **company.environment)
    assert (doctor.returncode, doctor.stderr) == (0, ""), doctor.stdout

    holder = until(lambda: company.holder_of("rollups"))
    (dying,) = (worker for worker in workers if worker.process.pid == holder)
    (other,) = (worker for worker in workers if worker is not dying)
    assert _turns(other, "rollups") == 0
    dying.process.kill()
    dying.process.wait()
    company.let_leases_run_out()
    until(lambda: company.holder_of("rollups") == other.process.pid)
    until(lambda: _turns(other, "rollups") > 0)


@pytest.mark.timeout(240)
def test_a_deletion_is_taken_while_the_store_is_away_and_carried_out_by_a_worker_when_it_is_back(
    company: Company, listeners: tuple[Listener, Listener]
) -> None:
    collector, api, worker = company.hire("collector"), company.hire("api"), company.hire("worker")
    until(lambda: all(member.is_ready() for member in company.members))
    _send(collector, 3)
    until(lambda: _has(api, 3))
    worker.process.terminate()
    assert worker.process.wait(60) == 0
    listeners[0].stop()
    try:
        asked = httpx.post(
            f"{api.url}/api/v1/deletions", json={"kind": "trace", "value": f"{3:032x}"}, timeout=60
        )
    finally:
        listeners[0].start()
    assert (asked.status_code, asked.json()["state"]) == (200, "waiting")
    assert _has(api, 3)
    company.hire("worker")
    until(lambda: not _has(api, 3))
    until(lambda: _deletion(api) == {"state": "purged", "traces": 1})


def _deletion(api: Process) -> dict[str, Any]:
    (only,) = httpx.get(f"{api.url}/api/v1/deletions", timeout=30).json()["deletions"]
    return {name: only[name] for name in ("state", "traces")}


@pytest.mark.timeout(240)
def test_processes_that_start_before_their_store_work_once_it_is_there(
    company: Company, tmp_path: Path
) -> None:
    late = Listener(tmp_path / "late", (free_port(), free_port()), [])
    company.environment["SIGHTLINE_CLICKHOUSE_URL"] = f"clickhouse://127.0.0.1:{late.http_port}/late"
    database, socket = company.environment["SIGHTLINE_DATABASE_URL"], ".s.PGSQL.5432"
    company.environment["SIGHTLINE_DATABASE_URL"] = f"postgresql://postgres@/postgres?host={tmp_path}"
    collector, api = company.hire("collector"), company.hire("api")
    company.hire("worker")
    until(collector.is_alive)
    assert "metadata database" in httpx.get(f"{collector.url}/readyz", timeout=30).text
    keyed = {"authorization": "Bearer sk-of-some-project"}
    asked = httpx.post(f"{collector.url}/v1/traces", headers=keyed, timeout=30)
    assert (asked.status_code, asked.headers["retry-after"]) == (503, "5")
    (tmp_path / socket).symlink_to(Path(database.split("host=")[1]) / socket)
    until(collector.is_ready)
    _send(collector, 4)
    until(api.is_alive)
    asked = httpx.get(f"{api.url}/api/v1/traces/{4:032x}", timeout=30)
    assert (asked.status_code, asked.headers["content-type"]) == (503, "application/problem+json")
    assert "cannot be reached: Connection refused" in asked.json()["detail"]
    assert not api.is_ready()
    late.start()
    try:
        until(lambda: _has(api, 4))
        until(lambda: all(member.is_ready() for member in company.members))
    finally:
        for member in company.members:
            member.process.terminate()
            member.process.wait(60)
        late.stop()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"default@": "nobody:wrong@"}, ("nobody", "Authentication failed")),
        ({"/split": "/split?cluster=nope"}, ("no cluster 'nope'", "pair")),
        ({"/split": "/a`b"}, ("names of databases",)),
    ],
    ids=["password", "cluster", "database"],
)
def test_a_server_that_cannot_be_used_is_told_in_one_line(
    company: Company, change: dict[str, str], words: tuple[str, ...], tmp_path: Path
) -> None:
    environment: dict[str, Any] = dict(company.environment)
    ((old, new),) = change.items()
    environment["SIGHTLINE_CLICKHOUSE_URL"] = environment["SIGHTLINE_CLICKHOUSE_URL"].replace(old, new)
    done = run_cli("collector", "--port", "0", "--data-dir", str(tmp_path / "c"), **environment)
    assert_refused(done, *words)
    assert "wrong" not in done.stderr.replace("password is incorrect", "")
