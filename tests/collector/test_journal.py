"""What was acknowledged survives; a torn tail and damage are set aside, and what is behind is read."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.e2e.polling import until

from sightline_collector.block_ledger import Block
from sightline_collector.checkpoint import oldest_waiting_ns
from sightline_collector.dead_letters import DeadLetters
from sightline_collector.journal import Journal
from sightline_collector.segment import Entry, Signal, encode
from sightline_core.errors import BackendError

LOTS = 10**9


def _entry(number: int, size: int = 10) -> Entry:
    return Entry("default", Signal.TRACES, number, 1, bytes([number % 256]) * size)


def _encoded(entry: Entry) -> bytes:
    return b"".join(encode(entry))


@contextmanager
def _journal(directory: Path, max_size: int = LOTS, segment_size: int = LOTS) -> Iterator[Journal]:
    journal = Journal(
        directory,
        max_size=max_size,
        segment_size=segment_size,
        dead_letters=DeadLetters(directory / "dead-letters"),
    )
    try:
        yield journal
    finally:
        journal.close()


def _append(journal: Journal, *numbers: int) -> None:
    for future in [journal.append(_entry(number)) for number in numbers]:
        future.result(timeout=30)


def _take_all(journal: Journal) -> list[int]:
    taken: list[int] = []
    while (block := journal.take_block(2, LOTS)) is not None:
        taken += [entry.received_ns for entry in block.entries]
        journal.release(block)
    return taken


def _only_segment(directory: Path) -> Path:
    (path,) = directory.glob("*.segment")
    return path


def test_entries_come_back_in_order_after_a_restart(tmp_path: Path) -> None:
    with _journal(tmp_path) as journal:
        _append(journal, 1, 2, 3)
    with _journal(tmp_path) as journal:
        _append(journal, 4)
        assert journal.backlog().spans == 4
        assert _take_all(journal) == [1, 2, 3, 4]
        assert (journal.backlog().spans, journal.backlog().size) == (0, 0)


def test_other_requests_at_the_same_places_of_a_copied_journal_are_another_block(tmp_path: Path) -> None:
    with _journal(tmp_path / "one") as journal:
        _append(journal, 1)
        _take_all(journal)
    shutil.copytree(tmp_path / "one", tmp_path / "two")
    tokens = []
    for number, name in ((2, "one"), (3, "two")):
        with _journal(tmp_path / name) as journal:
            _append(journal, number)
            block = journal.take_block(1, LOTS)
            assert block is not None
            tokens.append(block.token)
        with _journal(tmp_path / name) as journal:
            again = journal.take_block(1, LOTS)
            assert again is not None
            assert again.token == block.token
    assert tokens[0] != tokens[1]


def test_released_entries_are_not_returned_after_a_restart(tmp_path: Path) -> None:
    with _journal(tmp_path) as journal:
        _append(journal, 1, 2)
        assert _take_all(journal) == [1, 2]
        journal.save_position()
    with _journal(tmp_path) as journal:
        assert journal.take_block(10, LOTS) is None


def test_what_was_stored_while_nothing_more_waited_is_not_stored_again_after_a_kill(tmp_path: Path) -> None:
    with _journal(tmp_path) as journal:
        _append(journal, 1, 2)
        assert _take_all(journal) == [1, 2]
    with _journal(tmp_path) as journal:
        assert journal.backlog().spans == 0
        assert journal.take_block(10, LOTS) is None


def test_a_block_keeps_its_entries_and_token_over_a_crash(tmp_path: Path) -> None:
    with _journal(tmp_path) as journal:
        _append(journal, 1, 2, 3)
        before = journal.take_block(2, LOTS)
    with _journal(tmp_path) as journal:
        _append(journal, 4)
        after = journal.take_block(100, LOTS)
        assert isinstance(before, Block)
        assert before == after
        journal.release(before)
        assert _take_all(journal) == [3, 4]


@pytest.mark.parametrize("cut", [1, 5, 15, 25])
def test_a_torn_tail_is_cut_and_kept_once_and_the_rest_is_stored(tmp_path: Path, cut: int) -> None:
    with _journal(tmp_path) as journal:
        _append(journal, 1, 2)
    path = _only_segment(tmp_path)
    os.truncate(path, path.stat().st_size - cut)
    for _start in range(2):
        with _journal(tmp_path) as journal:
            assert journal.backlog().spans == 1
    with _journal(tmp_path) as journal:
        assert _take_all(journal) == [1]
    (letter,) = DeadLetters(tmp_path / "dead-letters")
    assert "without its end, as a crash leaves one" in letter.reason
    assert not letter.acknowledged
    assert _letters(tmp_path) == [_encoded(_entry(2))[:-cut]]


@pytest.mark.parametrize("damaged", [1, 2, 3])
def test_a_last_record_that_seems_to_go_on_is_found_by_its_checksum(tmp_path: Path, damaged: int) -> None:
    with _journal(tmp_path) as journal:
        _append(journal, 1, 2)
    path = _only_segment(tmp_path)
    data = bytearray(path.read_bytes())
    data[len(data) // 2 + damaged] ^= 0x20
    path.write_bytes(data)
    with _journal(tmp_path) as journal:
        assert _take_all(journal) == [1, 2]
    assert _letters(tmp_path) == []


@pytest.mark.parametrize("damaged", [0, 1, 2, 3, 4, 19, 20, -1])
@pytest.mark.parametrize("running", [False, True], ids=["at a start", "while it runs"])
def test_records_behind_a_damaged_one_are_stored_and_it_is_kept(
    tmp_path: Path, damaged: int, running: bool
) -> None:
    size = len(_encoded(_entry(1)))
    with _journal(tmp_path) as journal:
        _append(journal, 1, 2, 3, 4)
        data = bytearray(_only_segment(tmp_path).read_bytes())
        data[2 * size - 1 if damaged < 0 else size + damaged] ^= 1
        _only_segment(tmp_path).write_bytes(data)
        if running:
            assert _take_all(journal) == [1, 3, 4]
            assert (journal.backlog().spans, journal.backlog().size) == (0, 0)
    if not running:
        with _journal(tmp_path) as journal:
            assert journal.backlog().spans == 3
            assert _take_all(journal) == [1, 3, 4]
    (letter,) = DeadLetters(tmp_path / "dead-letters")
    assert f"byte {size}: no record by its length and checksum" in letter.reason
    assert letter.acknowledged
    assert _letters(tmp_path) == [bytes(data[size : 2 * size])]


def test_damage_in_one_segment_does_not_end_at_another(tmp_path: Path) -> None:
    with _journal(tmp_path, segment_size=1) as journal:
        _append(journal, 1)
        _append(journal, 2)
        _append(journal, 3)
    first, second, _ = sorted(tmp_path.glob("*.segment"))
    first.write_bytes(first.read_bytes()[:-1] + b"\xff")
    second.write_bytes(second.read_bytes()[:-3])
    with _journal(tmp_path) as journal:
        assert _take_all(journal) == [3]
        assert (journal.backlog().spans, journal.backlog().size) == (0, 0)
    assert len(_letters(tmp_path)) == 2


def test_damage_at_the_end_of_the_block_that_was_being_stored_ends_it_there(tmp_path: Path) -> None:
    size = len(_encoded(_entry(1)))
    with _journal(tmp_path) as journal:
        _append(journal, 1, 2, 3, 4)
        assert journal.take_block(2, LOTS) is not None
    data = bytearray(_only_segment(tmp_path).read_bytes())
    data[size] ^= 0xFF
    data[2 * size] ^= 0xFF
    _only_segment(tmp_path).write_bytes(data)
    with _journal(tmp_path) as journal:
        block = journal.take_block(1, LOTS)
        assert block is not None
        assert [entry.received_ns for entry in block.entries] == [1]
        journal.release(block)
        assert _take_all(journal) == [4]


def test_content_that_looks_like_records_does_not_hold_up_a_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sightline_collector.segment._MOST_CHECKED", 1000)
    looks_like_one = _encoded(_entry(7, size=400))[:-400]
    with _journal(tmp_path) as journal:
        payload = looks_like_one * 20 + bytes(400)
        journal.append(Entry("default", Signal.TRACES, 1, 1, payload)).result(30)
        _append(journal, 2)
    data = bytearray(_only_segment(tmp_path).read_bytes())
    data[0] ^= 1
    _only_segment(tmp_path).write_bytes(data)
    with _journal(tmp_path) as journal:
        assert _take_all(journal) == []
    assert _letters(tmp_path) == [bytes(data)]


def _letters(directory: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted((directory / "dead-letters").glob("*.bin"))]


def test_stored_segments_are_deleted(tmp_path: Path) -> None:
    with _journal(tmp_path, segment_size=1) as journal:
        for number in range(1, 6):
            _append(journal, number)
        assert len(list(tmp_path.glob("*.segment"))) == 5
        assert _take_all(journal) == [1, 2, 3, 4, 5]
        assert not list(tmp_path.glob("*.segment"))
        _append(journal, 6)
        assert journal.backlog().size == len(_encoded(_entry(6)))
    with _journal(tmp_path) as journal:
        assert _take_all(journal) == [6]
        assert journal.backlog().size == 0


def test_what_was_stored_leaves_the_disk_soon_however_little_arrives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sightline_collector.segment_writer._SEGMENT_AGE_S", 0.05)
    with _journal(tmp_path) as journal:
        for number in range(1, 4):
            _append(journal, number)
            assert _take_all(journal) == [number]
            until(lambda: not (journal.take_block(1, LOTS) or list(tmp_path.glob("*.segment"))))


def test_a_full_journal_refuses_until_something_is_stored(tmp_path: Path) -> None:
    size = len(_encoded(_entry(1)))
    with _journal(tmp_path, max_size=3 * size - 1) as journal:
        _append(journal, 1, 2)
        journal.check()
        with pytest.raises(BackendError, match="full"):
            journal.append(_entry(3))
        with pytest.raises(BackendError, match="full"):
            journal.check()
        block = journal.take_block(1, LOTS)
        assert block is not None
        journal.release(block)
        journal.check()
        _append(journal, 3)
        assert _take_all(journal) == [2, 3]


@pytest.mark.parametrize(
    ("failure", "words"),
    [(OSError(28, "No space left on device"), "No space left"), (MemoryError(), "MemoryError")],
)
def test_a_write_that_fails_fails_the_request_and_recovers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: Exception, words: str
) -> None:
    real_write = os.write
    full = True

    def write(descriptor: int, data: bytes) -> int:
        if full:
            real_write(descriptor, data[:5])
            raise failure
        return real_write(descriptor, data)

    with _journal(tmp_path) as journal:
        _append(journal, 1)
        monkeypatch.setattr("sightline_collector.segment_writer.os.write", write)
        refused = journal.append(_entry(2))
        with pytest.raises(BackendError, match=words):
            refused.result(timeout=30)
        full = False
        _append(journal, 3)
        block = journal.take_block(10, LOTS)
        assert block is not None
        assert [entry.received_ns for entry in block.entries] == [1, 3]
    with _journal(tmp_path) as journal:
        assert journal.backlog().spans == 2
        assert _take_all(journal) == [1, 3]


def test_a_block_that_cannot_be_noted_is_taken_later(tmp_path: Path) -> None:
    with _journal(tmp_path) as journal:
        _append(journal, 1, 2)
        (tmp_path / "checkpoint.new").mkdir()
        assert journal.take_block(10, LOTS) is None
        assert journal.backlog().untaken == 2
        (tmp_path / "checkpoint.new").rmdir()
        assert _take_all(journal) == [1, 2]
        assert (journal.backlog().spans, journal.backlog().size) == (0, 0)


@pytest.mark.parametrize(
    "content", ["", "{", '{"journal_id": "a"}', '{"done": 1, "ahead": 2, "journal_id": 3}']
)
def test_a_damaged_checkpoint_stores_what_the_segments_hold_once_more(tmp_path: Path, content: str) -> None:
    with _journal(tmp_path) as journal:
        _append(journal, 1, 2, 3)
        assert journal.take_block(2, LOTS) is not None
    (tmp_path / "checkpoint.json").write_text(content)
    with _journal(tmp_path) as journal:
        assert _take_all(journal) == [1, 2, 3]


def test_files_of_others_in_the_folder_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "copy of 1.segment").write_text("mine")
    with _journal(tmp_path) as journal:
        _append(journal, 1)
        assert _take_all(journal) == [1]
        journal.save_position()
    assert (tmp_path / "copy of 1.segment").read_text() == "mine"


def test_the_queue_says_since_when_its_oldest_entry_waits(tmp_path: Path) -> None:
    with _journal(tmp_path) as journal:
        assert journal.backlog().since_ns is None
        _append(journal, 1, 2, 3)
        assert journal.backlog().since_ns == 1
        assert journal.take_block(2, LOTS) is not None
        assert journal.backlog().since_ns == 2
        assert journal.take_block(2, LOTS) is not None
        assert journal.backlog().since_ns is None
    with _journal(tmp_path) as journal:
        assert journal.backlog().since_ns == 1


def test_a_look_from_outside_finds_the_oldest_entry_that_nobody_began_to_store(tmp_path: Path) -> None:
    assert oldest_waiting_ns(tmp_path) is None
    with _journal(tmp_path, segment_size=1) as journal:
        for number in (1, 2, 3):
            _append(journal, number)
        assert oldest_waiting_ns(tmp_path) == 1
        assert journal.take_block(2, LOTS) is not None
        assert oldest_waiting_ns(tmp_path) == 3
        assert journal.take_block(2, LOTS) is not None
        assert oldest_waiting_ns(tmp_path) == 3  # two blocks are being stored, and the first is noted
        assert _take_all(journal) == []


@given(st.lists(st.binary(max_size=200), max_size=8), st.data())
def test_whatever_byte_is_lost_only_whole_records_come_back(
    tmp_path_factory: pytest.TempPathFactory, payloads: list[bytes], data: st.DataObject
) -> None:
    directory = tmp_path_factory.mktemp("journal")
    entries = [Entry("p", Signal.TRACES, at, 1, payload) for at, payload in enumerate(payloads, 1)]
    whole = b"".join(map(_encoded, entries))
    kept = data.draw(st.integers(0, len(whole)))
    (directory / "000000000001.segment").write_bytes(whole[:kept])
    with _journal(directory) as journal:
        block = journal.take_block(LOTS, LOTS)
    found = block.entries if block else []
    assert found == entries[: len(found)]
    assert sum(len(_encoded(entry)) for entry in found) <= kept
    assert len(found) == len(entries) or sum(len(_encoded(e)) for e in entries[: len(found) + 1]) > kept


@given(st.lists(st.binary(max_size=200), min_size=1, max_size=8), st.data())
def test_whatever_bit_is_flipped_every_other_record_comes_back_and_no_byte_is_gone(
    tmp_path_factory: pytest.TempPathFactory, payloads: list[bytes], data: st.DataObject
) -> None:
    directory = tmp_path_factory.mktemp("journal")
    entries = [Entry("p", Signal.TRACES, at, 1, payload) for at, payload in enumerate(payloads, 1)]
    written = list(map(_encoded, entries))
    segment = bytearray(b"".join(written))
    at = data.draw(st.integers(0, len(segment) - 1))
    segment[at] ^= 1 << data.draw(st.integers(0, 7))
    (directory / "000000000001.segment").write_bytes(segment)
    with _journal(directory) as journal:
        block = journal.take_block(LOTS, LOTS)
    hit = next(number for number in range(len(written)) if at < sum(map(len, written[: number + 1])))
    begin = sum(map(len, written[:hit]))
    length = int.from_bytes(segment[begin : begin + 4], "little")
    if hit == len(written) - 1 and length > len(written[hit]) - 8:  # seems to go on behind the end
        assert block is not None
        assert block.entries == entries
        assert _letters(directory) == []
    else:
        assert (block.entries if block else []) == entries[:hit] + entries[hit + 1 :]
        assert _letters(directory) == [bytes(segment[begin : begin + len(written[hit])])]
