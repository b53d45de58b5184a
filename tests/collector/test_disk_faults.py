"""A disk that is full, and one that was torn off: acknowledged against stored, exactly."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from tests.collector.conftest import KeptInMemory, authenticate, make_request, make_span, serving
from tests.collector.killed_servers import SPANS, WarmServer, drain_and_count, post_trace
from tests.e2e.polling import until

from sightline_collector import Collector, CollectorConfig, journal
from sightline_collector.block_ledger import Block
from sightline_core.errors import BackendError
from sightline_core.pricing import CataloguePricer

TRACES = 60
LIMIT = 64 * 1024


def test_a_disk_that_takes_no_more_refuses_and_loses_nothing_that_it_acknowledged(tmp_path: Path) -> None:
    """The kernel refuses to let a file grow, so every journal segment fails in the middle of some request."""
    server = WarmServer(tmp_path, f"--limit={LIMIT}")
    acknowledged: set[int] = set()
    refused = 0
    try:
        with server.serve() as client:
            for trace in range(1, TRACES + 1):
                # A client that was refused sends again, as `Retry-After` asks it to.
                while (response := post_trace(client, trace)).status_code != 200:
                    assert response.status_code == 503
                    assert "Retry-After" in response.headers
                    refused += 1
                acknowledged.add(trace)
    finally:
        server.kill()
    stored, rolled_up = drain_and_count(tmp_path)
    assert refused > 0
    assert stored == dict.fromkeys(acknowledged, SPANS)
    assert rolled_up == TRACES * SPANS


def test_a_collector_whose_disk_refuses_says_so_and_is_not_ready_until_the_disk_takes_something_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(journal, "_DISK_PAUSE_S", 600)  # one that fails now and then shall not fill the log
    collector = _collector(tmp_path, KeptInMemory())
    collector.check()
    with serving(collector) as client:
        (tmp_path / "journal").rename(tmp_path / "gone")
        assert _post_span(client, 1) == 503
        with pytest.raises(BackendError, match="the journal could not be written: No such file"):
            collector.check()
        (tmp_path / "gone").rename(tmp_path / "journal")
        collector.check()
        (tmp_path / "journal").rename(tmp_path / "gone")
        collector.check()  # nobody was refused since
        (tmp_path / "gone").rename(tmp_path / "journal")
        assert _post_span(client, 2) == 200
        assert len(caplog.records) == 1
        monkeypatch.setattr(journal, "_DISK_PAUSE_S", 0)
        assert _post_span(client, 3) == 200
    collector.check()
    collector.journal.close()
    begun, ended = (record.message for record in caplog.records)
    assert "requests are refused" in begun
    assert "written again" in ended


def test_a_journal_torn_in_the_middle_of_a_record_keeps_every_record_before_it(tmp_path: Path) -> None:
    """What a power loss leaves: a record that is there in part and was never acknowledged."""
    acknowledged = _acknowledge_without_storing(tmp_path, requests=30)
    (segment,) = (tmp_path / "journal").glob("*.segment")
    whole = segment.read_bytes()
    unanswered = make_request(make_span(99)).SerializeToString()
    segment.write_bytes(whole + whole[:9] + unanswered[:40])
    stored = _store_what_waits(tmp_path)
    assert sorted(stored) == sorted(acknowledged)


def test_storing_goes_on_once_the_disk_takes_the_checkpoint_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Requests still fit into the open segment, while no further file can be made: no inodes, a quota."""
    writer = KeptInMemory()
    collector = _collector(tmp_path, writer)
    (tmp_path / "journal" / "checkpoint.new").mkdir()
    collector.start()
    with serving(collector) as client:
        assert _post_span(client, 1) == 200
        until(lambda: "disk fails" in caplog.text)
        with pytest.raises(BackendError, match="disk fails"):
            collector.check()
        assert _post_span(client, 2) == 200
        (tmp_path / "journal" / "checkpoint.new").rmdir()
        assert _post_span(client, 3) == 200
    assert collector.stop()
    assert [record["span_id"] for record in writer.records] == [f"{number:016x}" for number in (1, 2, 3)]


def test_events_that_the_disk_does_not_keep_stay_in_the_journal(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """They wait for their span in memory, and whoever sent them was told that they are safe."""
    alive, killed = tmp_path / "alive", tmp_path / "killed"
    writer = KeptInMemory()
    collector = _collector(alive, writer)
    (alive / "journal" / "held-events.new").mkdir()
    collector.start()
    with serving(collector) as client:
        assert _post_event(client, 1) == 200
        until(lambda: "held events" in caplog.text)
        with pytest.raises(BackendError, match="held events"):
            collector.check()
        assert _post_span(client, 2) == 200
        shutil.copytree(alive, killed)
        (alive / "journal" / "held-events.new").rmdir()
        until(lambda: not collector.backlog().size)
        collector.check()
    assert collector.stop()
    (killed / "journal" / "held-events.new").rmdir()
    for data_dir in (alive, killed):
        writer = KeptInMemory()
        collector = _collector(data_dir, writer)
        collector.start()
        with serving(collector) as client:
            assert _post_span(client, 1) == 200
        assert collector.stop()
        assert "said by an event" in writer.find("default", [(f"{1:032x}", f"{1:016x}")])[0]["input"]


@contextmanager
def _full_disk(data_dir: Path) -> Iterator[None]:
    """Let there be no room but what the journal has set aside."""
    reserve, fsync = data_dir / "journal" / "reserve", os.fsync

    def sync_where_there_is_room(descriptor: int) -> None:
        if reserve.exists():
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        fsync(descriptor)

    def allocate(*_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.MonkeyPatch.context() as disk:
        disk.setattr(os, "fsync", sync_where_there_is_room)
        disk.setattr(os, "posix_fallocate", allocate)
        yield


def test_a_journal_that_has_filled_its_disk_is_stored_and_then_takes_spans_again(tmp_path: Path) -> None:
    writer = KeptInMemory()
    collector = _collector(tmp_path, writer)
    with serving(collector) as client:
        assert _post_span(client, 1) == 200
        with _full_disk(tmp_path):
            collector.start()
            until(lambda: writer.records)
            assert _post_span(client, 2) == 503
            with pytest.raises(BackendError, match="No space left"):
                collector.check()
            until(lambda: not list((tmp_path / "journal").glob("*.segment")))
        collector.check()
        assert _post_span(client, 3) == 200
    assert collector.stop()
    assert [record["span_id"] for record in writer.records] == [f"{number:016x}" for number in (1, 3)]


def test_a_collector_starts_on_the_disk_that_its_journal_has_filled(tmp_path: Path) -> None:
    acknowledged = _acknowledge_without_storing(tmp_path, requests=3)
    with _full_disk(tmp_path):
        assert _store_what_waits(tmp_path) == acknowledged


def test_room_that_a_killed_process_did_not_get_is_taken_by_the_next(tmp_path: Path) -> None:
    reserve = tmp_path / "journal" / "reserve"
    reserve.parent.mkdir()
    reserve.touch()
    collector = _collector(tmp_path, KeptInMemory())
    with serving(collector) as client:
        assert _post_span(client, 1) == 200
    collector.journal.close()
    assert reserve.stat().st_size == 64 * 1024


def test_a_stop_while_the_disk_recovers_still_stores_what_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = KeptInMemory()
    collector = _collector(tmp_path, writer)
    take, draining = collector.journal.take_block, collector.flusher._draining
    refused = iter([True])

    def take_block(max_spans: int, max_size: int) -> Block | None:
        if next(refused, False):
            draining.wait()
            return None
        return take(max_spans, max_size)

    monkeypatch.setattr(collector.journal, "take_block", take_block)
    collector.start()
    with serving(collector) as client:
        assert _post_span(client, 1) == 200
    assert collector.stop()
    assert [record["span_id"] for record in writer.records] == [f"{1:016x}"]


def test_a_collector_ends_on_a_disk_that_refuses_and_the_next_one_stores_what_waits(tmp_path: Path) -> None:
    writer = KeptInMemory()
    collector = _collector(tmp_path, writer)
    with serving(collector) as client:
        assert _post_span(client, 1) == 200
    (tmp_path / "journal" / "checkpoint.new").mkdir()
    collector.start()
    assert not collector.stop()
    assert writer.records == []
    (tmp_path / "journal" / "checkpoint.new").rmdir()
    assert _store_what_waits(tmp_path) == [f"{1:016x}"]


def test_a_folder_that_cannot_be_written_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "journal").write_text("a file")
    with pytest.raises(BackendError, match="the journal cannot be opened"):
        _collector(tmp_path, KeptInMemory())


def _acknowledge_without_storing(data_dir: Path, requests: int) -> list[str]:
    """Send requests to a collector whose store is down, and leave it as a crash does."""
    writer = KeptInMemory(down=True)
    collector = _collector(data_dir, writer)
    with serving(collector) as client:
        for number in range(1, requests + 1):
            assert _post_span(client, number) == 200
    collector.journal.close()
    return [f"{number:016x}" for number in range(1, requests + 1)]


def _post_span(client: httpx.Client, number: int) -> int:
    body = make_request(make_span(number)).SerializeToString()
    headers = {"content-type": "application/x-protobuf"}
    return client.post("/v1/traces", content=body, headers=headers).status_code


def _post_event(client: httpx.Client, number: int) -> int:
    span = make_span(number)
    event = LogRecord(trace_id=span.trace_id, span_id=span.span_id, event_name="gen_ai.user.message")
    event.body.kvlist_value.values.add(key="content").value.string_value = "said by an event"
    request = ExportLogsServiceRequest()
    request.resource_logs.add().scope_logs.add().log_records.append(event)
    headers = {"content-type": "application/x-protobuf"}
    return client.post("/v1/logs", content=request.SerializeToString(), headers=headers).status_code


def _store_what_waits(data_dir: Path) -> list[str]:
    writer = KeptInMemory()
    collector = _collector(data_dir, writer)
    collector.start()
    assert collector.stop()
    return [record["span_id"] for record in writer.records]


def _collector(data_dir: Path, writer: Any) -> Collector:
    return Collector(writer, CollectorConfig(data_dir), CataloguePricer(), authenticate, events=writer.events)
