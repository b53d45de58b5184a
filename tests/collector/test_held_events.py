"""The file of events that are held for their span: none is forgotten, and little is written for a new one."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightline_collector.held_events import EventTarget, HeldEvents

NOW_NS = 1_790_000_000_000_000_000
SECOND_NS = 1_000_000_000
MINUTE_NS = 60 * SECOND_NS
_KEYS: list[EventTarget] = [*(("shop", f"{n:032x}", f"{n:016x}") for n in (1, 2)), ("shop", "", "response")]


def _waiting(held: HeldEvents) -> dict[EventTarget, list[bytes]]:
    return {key: [payload for payload, _ in held.of(key)] for key in _KEYS if held.waits(key)}


def _all_of(held: HeldEvents) -> list[tuple[list[tuple[bytes, int]], list[int]]]:
    """Of each span the events, and the versions that may be without some."""
    versions = range(1, 6)
    return [(held.of(key), [version for version in versions if held.lacks(key, version)]) for key in _KEYS]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["add", "join", "save", "restart", "later", "forget"]),
            st.integers(0, 2),
            st.integers(0, 3),
        ),
        max_size=40,
    )
)
def test_what_is_held_survives_a_restart_after_each_save(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int, int]]
) -> None:
    path = tmp_path_factory.mktemp("held") / "held-events"
    held, now_ns = HeldEvents(path), NOW_NS
    for step, key, number in steps:
        match step:
            case "add":
                held.add(_KEYS[key], bytes([number]) * 50, now_ns)
            case "join":
                held.joined(_KEYS[key], number + 1, now_ns)
            case "later":
                now_ns += 11 * MINUTE_NS
            case "forget":
                held.forget_old(now_ns)
            case "save" | "restart":
                held.save(now_ns)
                again = HeldEvents(path)
                assert _all_of(again) == _all_of(held)
                held = again if step == "restart" else held
    held.save(now_ns)
    assert _all_of(HeldEvents(path)) == _all_of(held)


def test_a_new_event_is_appended_to_many_that_wait(tmp_path: Path) -> None:
    held = HeldEvents(tmp_path / "held-events")
    for number in range(2_000):
        held.add(("shop", f"{number + 1:032x}", "1" * 16), b"x" * 1_000, NOW_NS)
    held.save(NOW_NS)
    before = (tmp_path / "held-events").stat()
    for number in range(10):
        held.add(_KEYS[2], bytes([number]), NOW_NS)
        held.save(NOW_NS)
    after = (tmp_path / "held-events").stat()
    assert after.st_ino == before.st_ino
    assert before.st_size < after.st_size < before.st_size + 2_000


def test_the_file_does_not_grow_for_ever_and_forgets_what_was_let_go(tmp_path: Path) -> None:
    path = tmp_path / "held-events"
    held, largest = HeldEvents(path), 0
    for number in range(400):
        key = ("shop", f"{number + 10:032x}", "1" * 16)
        held.add(key, b"x" * 500_000, NOW_NS)
        held.joined(key, 1, NOW_NS)
        held.forget_old(NOW_NS)
        held.save(NOW_NS)
        largest = max(largest, path.stat().st_size)
    assert 32_000_000 < largest < 70_000_000
    held.forget_old(NOW_NS + 11 * MINUTE_NS)
    held.save(NOW_NS)
    assert path.read_bytes() == b""


def test_what_was_joined_stays_for_ten_minutes_and_leaves_the_file_in_twenty(tmp_path: Path) -> None:
    path = tmp_path / "held-events"
    held = HeldEvents(path)
    for minute in range(21):
        now_ns = NOW_NS + minute * MINUTE_NS
        key = _KEYS[minute % 2] if minute < 2 else _KEYS[2]
        held.add(key, b"x" if minute else b"secret", now_ns)
        for key in _KEYS:
            held.joined(key, 1, now_ns)
        held.forget_old(now_ns)
        held.save(now_ns)
        assert (held.of(_KEYS[0])[:1] == [(b"secret", NOW_NS)]) == (minute < 10)
        assert minute >= 10 or b"secret" in path.read_bytes()
    assert b"secret" not in path.read_bytes()


def test_an_event_that_comes_late_is_held_for_ten_minutes_with_those_before_it(tmp_path: Path) -> None:
    path = tmp_path / "held-events"
    held = HeldEvents(path)
    held.add(_KEYS[0], b"first", NOW_NS)
    held.add(_KEYS[1], b"other", NOW_NS + MINUTE_NS)
    held.add(_KEYS[0], b"second", NOW_NS + 9 * MINUTE_NS)
    held.save(NOW_NS + 9 * MINUTE_NS)
    held = HeldEvents(path)
    for minute, lost in ((10, 0), (11, 1), (18, 0)):
        assert held.forget_old(NOW_NS + minute * MINUTE_NS) == lost
    assert _waiting(held) == {_KEYS[0]: [b"first", b"second"]}
    assert held.forget_old(NOW_NS + 19 * MINUTE_NS) == 2


def test_joined_spans_are_looked_for_together_and_not_for_ever(tmp_path: Path) -> None:
    held = HeldEvents(tmp_path / "held-events")
    for key in _KEYS:
        held.add(key, b"event", NOW_NS)
    for second, key in enumerate(_KEYS):
        held.joined(key, 1, NOW_NS + second * SECOND_NS)
    looks = {second: due for second in range(600) if (due := held.due(NOW_NS + second * SECOND_NS, 10))}
    assert looks == dict.fromkeys([60, 180, 420], _KEYS)


def test_a_torn_end_costs_nothing_that_was_saved_and_is_not_written_behind(tmp_path: Path) -> None:
    path = tmp_path / "held-events"
    held = HeldEvents(path)
    for payload in (b"first", b"second"):
        held.add(_KEYS[0], payload, NOW_NS)
        held.save(NOW_NS)
    os.truncate(path, path.stat().st_size - 3)
    torn = HeldEvents(path)
    assert _waiting(torn) == {_KEYS[0]: [b"first"]}
    torn.add(_KEYS[1], b"third", NOW_NS)
    torn.save(NOW_NS)
    assert _waiting(HeldEvents(path)) == {_KEYS[0]: [b"first"], _KEYS[1]: [b"third"]}


def test_after_a_save_that_failed_the_next_one_has_everything(tmp_path: Path) -> None:
    path = tmp_path / "held-events"
    held = HeldEvents(path)
    held.add(_KEYS[0], b"first", NOW_NS)
    held.save(NOW_NS)
    path.rename(tmp_path / "kept")
    path.mkdir()
    held.add(_KEYS[1], b"second", NOW_NS)
    with pytest.raises(OSError, match="directory"):
        held.save(NOW_NS)
    path.rmdir()
    held.save(NOW_NS)
    assert _waiting(HeldEvents(path)) == {_KEYS[0]: [b"first"], _KEYS[1]: [b"second"]}
