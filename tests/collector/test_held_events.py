"""The file of events that wait for their span: nothing is forgotten, and little is written for a new one."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightline_collector.held_events import HeldEvents, SpanKey

NOW_NS = 1_790_000_000_000_000_000
MINUTE_NS = 60_000_000_000
_KEYS: list[SpanKey] = [*(("shop", f"{n:032x}", f"{n:016x}") for n in (1, 2)), ("shop", "", "response")]


def _waiting(held: HeldEvents) -> dict[SpanKey, list[bytes]]:
    return {key: [payload for payload, _ in held.of(key)] for key in _KEYS if held.waits(key)}


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["add", "join", "save", "restart", "later"]), st.integers(0, 2), st.integers(0, 3)
        ),
        max_size=40,
    )
)
def test_what_waits_survives_a_restart_after_each_save(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int, int]]
) -> None:
    path = tmp_path_factory.mktemp("held") / "held-events"
    held, now_ns = HeldEvents(path), NOW_NS
    for step, key, payload in steps:
        match step:
            case "add":
                held.add(_KEYS[key], bytes([payload]) * 50, now_ns)
            case "join":
                held.joined(_KEYS[key])
            case "later":
                now_ns += 11 * MINUTE_NS
            case "save" | "restart":
                held.save(now_ns)
                again = HeldEvents(path)
                assert _waiting(again) == _waiting(held)
                held = again if step == "restart" else held
    held.save(now_ns)
    assert _waiting(HeldEvents(path)) == _waiting(held)


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


def test_the_file_does_not_grow_for_ever_and_forgets_what_waits_no_more(tmp_path: Path) -> None:
    path = tmp_path / "held-events"
    held = HeldEvents(path)
    held.add(_KEYS[0], b"waits", NOW_NS)
    for number in range(100):
        held.add(_KEYS[1], bytes([number]) * 200_000, NOW_NS)
        held.joined(_KEYS[1])
        held.save(NOW_NS)
        assert path.stat().st_size < 5_000_000
    held.add(_KEYS[1], b"secret", NOW_NS)
    held.save(NOW_NS)
    held.joined(_KEYS[1])
    held.save(NOW_NS)
    assert b"secret" in path.read_bytes()
    held.save(NOW_NS + 11 * MINUTE_NS)
    assert b"secret" not in path.read_bytes()
    assert b"waits" in path.read_bytes()
    held.joined(_KEYS[0])
    held.save(NOW_NS)
    assert path.read_bytes() == b""


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
