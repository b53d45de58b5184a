"""A job that follows the writes sees every minute, however many are written at once and by whatever clock."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from sightline_core.ids import ProjectId
from sightline_storage import Store
from sightline_storage.metadata.job_progress import JobProgress
from sightline_storage.rollups.write_follower import WriteFollower
from sightline_storage.rollups.written_minutes import MARK_DELAY_S, MAX_MINUTES_A_TURN, WrittenMinutesReader

Mark = Callable[..., None]
_ENOUGH_TURNS = 10


@pytest.fixture
def mark(store: Store, project: ProjectId) -> Mark:
    """Mark minutes as written at a second of the store's clock: a number of them, from the first one on."""

    def mark_minutes(second: int, first_minute: int, minutes: int = 1) -> None:
        store.engine.command(
            "INSERT INTO rollup_marks (project, bucket, token, done, marked_at) SELECT {project:String},"
            " toDateTime(60 * ({first:UInt32} + number)), {token:String}, 0, toDateTime({second:UInt32})"
            " FROM numbers({minutes:UInt32})",
            {
                "project": project,
                "first": first_minute,
                "token": f"{second} {first_minute}",
                "second": second,
                "minutes": minutes,
            },
        )

    return mark_minutes


class Follower:
    """A job of the project that remembers in how many turns it saw which minutes."""

    def __init__(self, store: Store, metadata: Engine, project: ProjectId, start: int) -> None:
        self.seen: set[int] = set()
        self._project = project
        progress, written = JobProgress(metadata), WrittenMinutesReader(store.engine)
        progress.set_seen_ns("job", start * 10**9)
        self._writes = WriteFollower("job", progress, written)

    def turn(self, second: int) -> bool:
        """Return whether there was something to do."""
        now = datetime.fromtimestamp(second, UTC)
        found = self._writes.look(now)
        if found is None:
            return False
        self.seen |= {int(at.timestamp()) // 60 for name, at in found.minutes if name == self._project}
        self._writes.advance(now)
        return True

    def catch_up(self, second: int) -> None:
        """Take turns until there is nothing to do."""
        assert not all(self.turn(second) for _ in range(_ENOUGH_TURNS))


def test_a_write_that_can_be_read_late_is_seen_once_the_rollups_are_refreshed(
    store: Store, project: ProjectId, metadata: Engine, mark: Mark
) -> None:
    start = int(datetime.now(UTC).timestamp()) - 60
    follower = Follower(store, metadata, project, start)
    mark(start + 3 * MARK_DELAY_S, 30)
    follower.catch_up(start + 3 * MARK_DELAY_S)
    mark(start + MARK_DELAY_S, 10)
    while store.refresh_rollups(datetime.now(UTC)):
        pass
    follower.catch_up(int(datetime.now(UTC).timestamp()))
    assert follower.seen == {10, 30}


def test_more_minutes_than_a_turn_takes_are_all_seen_though_they_were_written_in_one_second(
    store: Store, project: ProjectId, metadata: Engine, mark: Mark
) -> None:
    second, many = int(datetime.now(UTC).timestamp()), 2 * MAX_MINUTES_A_TURN + 10
    follower = Follower(store, metadata, project, second - 60)
    mark(second, 1_000, many)
    follower.catch_up(second)
    assert follower.seen == set(range(1_000, 1_000 + many))
    mark(second + 1, 10)
    follower.catch_up(second + 1)
    assert 10 in follower.seen


def test_what_is_written_after_the_clock_was_set_back_is_seen(
    store: Store, project: ProjectId, metadata: Engine, mark: Mark
) -> None:
    second = int((datetime.now(UTC) + timedelta(hours=1)).timestamp())
    follower = Follower(store, metadata, project, second - 60)
    mark(second, 30)
    follower.catch_up(second)
    for late in (40, 25, 10):
        follower.catch_up(second - late)
        mark(second - late, late)
        follower.catch_up(second - late + 1)
        follower.catch_up(second)
    assert follower.seen == {30, 40, 25, 10}


def test_a_write_is_seen_that_comes_as_another_one_leaves_the_look_after_the_clock_was_set_back(
    store: Store, project: ProjectId, metadata: Engine, mark: Mark
) -> None:
    second = int(datetime.now(UTC).timestamp())
    follower = Follower(store, metadata, project, second - 60)
    mark(second + 3_600, 30)
    follower.catch_up(second)
    for later in (1, 5):
        mark(second + later, 10)
    assert follower.turn(second + 2 + MARK_DELAY_S)  # from here on without the first of them
    mark(second + 8, 10)
    assert follower.turn(second + 9)
