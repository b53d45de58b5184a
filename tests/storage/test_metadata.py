"""The metadata database on SQLite and PostgreSQL, and the leases and the outbox in it."""

import errno
import os
import resource
import shutil
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, create_engine, insert, make_url, select, text
from sqlalchemy.exc import IntegrityError
from tests.e2e.polling import until
from tests.empty_postgres import empty_postgres

from sightline_core.auth import Role
from sightline_core.errors import BackendError, CallerError, ConfigurationError, Conflict
from sightline_core.ids import ProjectId
from sightline_core.price_overrides import PriceOverride
from sightline_migrations.metadata import head_revision, metadata_dry_run, migrate_metadata, upgrade
from sightline_storage.alerts.alert_outbox import AlertOutbox
from sightline_storage.alerts.alert_tables import ALERT_OUTBOX
from sightline_storage.lifecycle.project_deletion import forget_project
from sightline_storage.metadata import postgresql, shared_clock
from sightline_storage.metadata.job_failures import failing_jobs
from sightline_storage.metadata.job_progress import JobProgress
from sightline_storage.metadata.leases import Leases, expired_leases, new_holder
from sightline_storage.metadata.metadata_database import (
    look_into_metadata,
    open_metadata,
    reading,
    sqlite_url,
)
from sightline_storage.metadata.metadata_tables import API_KEYS, METADATA, PROJECTS
from sightline_storage.metadata.project_store import ProjectStore
from sightline_storage.metadata.sqlite_copy import copy_sqlite, restore_sqlite
from sightline_storage.spend.price_store import PriceStore

NOON = datetime(2026, 9, 21, 12, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
def metadata(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A migrated metadata database, empty."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("migrated_metadata"), tmp_path)
        engine = open_metadata(sqlite_url(tmp_path))
    else:
        engine = open_metadata(request.getfixturevalue("postgres_url"))
    yield engine
    if request.param == "postgresql":
        with engine.begin() as connection:
            empty_postgres(connection)
    engine.dispose()


def test_the_tables_in_python_are_those_of_the_revisions(metadata: Engine) -> None:
    with metadata.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        ours = [diff for diff in compare_metadata(context, METADATA) if _is_in_python(diff)]
    assert ours == []


def _is_in_python(diff: object) -> bool:
    """Tables of other parts are migrated too, and their parts compare them."""
    return not (isinstance(diff, tuple) and str(diff[0]).startswith("remove_"))


def test_migrating_twice_changes_nothing(metadata: Engine) -> None:
    migrate_metadata(metadata)
    with metadata.connect() as connection:
        assert MigrationContext.configure(connection).get_current_revision() == head_revision()


@pytest.mark.parametrize("days", [2**63, 10**400], ids=["64 bits", "400 digits"])
def test_a_number_that_no_column_holds_is_the_callers_fault(metadata: Engine, days: int) -> None:
    with pytest.raises(CallerError, match="number too large"):
        ProjectStore(metadata).set_project(ProjectId("p"), now=NOON, retention_days=days)


def test_a_database_that_holds_every_connection_up_is_away(
    metadata: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert type(metadata.pool).__module__.startswith("sqlalchemy.")  # whose log begins at warnings
    monkeypatch.setattr(metadata.pool, "_timeout", 0.01)
    with ExitStack() as held, pytest.raises(BackendError, match="does not answer"):  # noqa: PT012
        for _ in range(100):
            held.enter_context(closing(metadata.raw_connection()))
    assert ProjectStore(metadata).projects() == []


def test_half_a_surrogate_pair_is_the_callers_fault(metadata: Engine) -> None:
    with pytest.raises(CallerError, match="surrogate"):
        ProjectStore(metadata).keys(ProjectId("\ud800"))


def test_metadata_of_a_newer_version_is_refused(metadata: Engine) -> None:
    with metadata.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999_future'"))
    with pytest.raises(ConfigurationError, match="newer Sightline"):
        migrate_metadata(metadata)


def test_the_dry_run_prints_the_tables_of_both_dialects() -> None:
    for dialect in ("sqlite", "postgresql"):
        assert "CREATE TABLE projects" in metadata_dry_run(dialect)


def test_processes_that_start_together_migrate_once(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        engines = list(pool.map(lambda _: open_metadata(sqlite_url(tmp_path)), range(4)))
    for engine in engines:
        with engine.connect() as connection:
            assert connection.execute(select(PROJECTS.c.id)).all() == []
        engine.dispose()


def test_who_reads_waits_for_no_writer_and_holds_none_up(metadata: Engine) -> None:
    projects = ProjectStore(metadata)
    with metadata.begin() as writing:
        writing.execute(insert(PROJECTS).values(id="first", name="first", created_at=NOON))
        assert projects.projects() == []
        assert (expired_leases(metadata), failing_jobs(metadata)) == ([], [])
        assert JobProgress(metadata).seen_ns("clusters", NOON) == 0
        assert shared_clock.SharedClock(metadata)().tzinfo is UTC
    with reading(metadata) as connection:
        assert connection.execute(select(PROJECTS.c.id)).all() == [("first",)]
        projects.create_project(ProjectId("second"), "second", now=NOON)


def test_a_project_is_forgotten_with_its_keys_and_no_other_one(metadata: Engine) -> None:
    projects = ProjectStore(metadata)
    for project in (ProjectId("gone"), ProjectId("kept")):
        projects.set_project(project, now=NOON)
        projects.create_key(project, "app", Role.WRITE, now=NOON)
    for _ in range(2):
        forget_project(metadata, ProjectId("gone"))
        assert [project.id for project in projects.projects()] == ["kept"]
        assert [key.project for key in projects.keys(active_only=True)] == ["kept"]


def test_the_keys_revoked_first_make_room_and_active_ones_never(
    metadata: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sightline_storage.metadata.project_store.MAX_KEYS", 3)
    projects, shop = ProjectStore(metadata), ProjectId("shop")
    projects.set_project(shop, now=NOON)
    first, second, third = (projects.create_key(shop, "app", Role.WRITE, now=NOON)[0] for _ in range(3))
    projects.revoke_key(second.id, now=NOON)
    projects.revoke_key(first.id, now=NOON + timedelta(minutes=1))
    fourth, _ = projects.create_key(shop, "app", Role.WRITE, now=NOON)
    stored = projects.keys()
    assert {key.id for key in stored} == {first.id, third.id, fourth.id}
    projects.create_key(shop, "app", Role.WRITE, now=NOON)
    with pytest.raises(CallerError, match="there are 3 keys already; revoke one"):
        projects.create_key(shop, "app", Role.WRITE, now=NOON)


def test_times_come_back_aware_and_in_utc_and_keys_need_their_project(metadata: Engine) -> None:
    with metadata.begin() as connection:
        connection.execute(insert(PROJECTS).values(id="p", name="P", created_at=NOON))
        assert connection.execute(select(PROJECTS.c.created_at)).scalar_one() == NOON
    key = {"id": "k", "name": "ci", "key_hash": "0" * 64, "role": "write", "created_at": NOON}
    with pytest.raises(IntegrityError), metadata.begin() as connection:
        connection.execute(insert(API_KEYS).values(project="nobody", **key))


def test_of_two_who_set_a_new_price_of_one_name_at_once_the_second_is_told(postgres_url: str) -> None:
    metadata = open_metadata(postgres_url)
    prices = PriceStore(metadata)
    ours, theirs = (PriceOverride("at-once", "m", Decimal(usd), Decimal(1), project="shop") for usd in (1, 2))

    def overtake(_tag: str | None) -> None:
        prices.set_override(theirs, now=NOON)

    with pytest.raises(Conflict, match="at the same moment"):
        prices.set_override(ours, now=NOON, may_change=overtake)
    assert prices.overrides(ProjectId("shop")) == [theirs]
    prices.set_override(ours, now=NOON)
    assert prices.overrides(ProjectId("shop")) == [ours]
    prices.remove_override(ProjectId("shop"), "at-once")
    metadata.dispose()


def test_sqlite_is_copied_while_it_is_open_and_postgresql_is_left_to_its_own_tools(
    metadata: Engine, tmp_path: Path
) -> None:
    with metadata.begin() as connection:
        connection.execute(insert(PROJECTS).values(id="p", name="P", created_at=NOON))
    copied = copy_sqlite(metadata, tmp_path / "copy.db")
    assert copied is (metadata.url.get_backend_name() == "sqlite")
    assert [file.name for file in tmp_path.glob("copy*")] == (["copy.db"] if copied else [])
    if copied:
        copy = open_metadata(f"sqlite:///{tmp_path / 'copy.db'}")
        with copy.connect() as connection:
            assert connection.execute(select(PROJECTS.c.id)).scalars().all() == ["p"]
        copy.dispose()


def test_a_copy_of_sqlite_that_the_disk_has_no_room_for_is_a_backend_error(tmp_path: Path) -> None:
    source = open_metadata(sqlite_url(tmp_path))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8_000, hard))
    try:
        with pytest.raises(BackendError, match="cannot be copied to"):
            copy_sqlite(source, tmp_path / "copy.db")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        source.dispose()


def test_sqlite_that_the_disk_does_not_keep_is_not_put_in_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a power loss leaves of it may be an empty file, which SQLite takes for a new database."""
    copy, target = tmp_path / "copy.db", tmp_path / "data" / "metadata.db"
    open_metadata(f"sqlite:///{copy}").dispose()

    def refuse(_descriptor: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(OSError, match="Input/output error"):
        restore_sqlite(copy, target)
    assert list(target.parent.iterdir()) == []


def test_one_holder_has_a_lease_until_it_expires_or_is_given_back(metadata: Engine) -> None:
    now = [NOON]
    one, two = (Leases(metadata, holder, clock=lambda _: now[0]) for holder in ("one", "two"))
    minute = timedelta(minutes=1)
    assert one.acquire("rollups", minute)
    assert one.acquire("rollups", minute)
    assert not two.acquire("rollups", minute)
    assert two.acquire("retention", minute)
    now[0] += minute
    assert two.acquire("rollups", minute)
    one.release("rollups")
    assert not one.acquire("rollups", minute)
    two.release("rollups")
    assert one.acquire("rollups", minute)


class AnHourAhead(datetime):
    """The clock of a machine that is wrong."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        return datetime.now(tz) + timedelta(hours=1)


def test_on_postgresql_a_worker_whose_clock_is_wrong_takes_no_lease_of_another(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    metadata = open_metadata(postgres_url)
    one, two = Leases(metadata, "one"), Leases(metadata, "two")
    assert one.acquire("clock", timedelta(minutes=1))
    monkeypatch.setattr(shared_clock, "datetime", AnHourAhead)
    assert expired_leases(metadata) == []
    assert not two.acquire("clock", timedelta(minutes=1))
    one.release("clock")
    metadata.dispose()


def test_a_lease_that_was_taken_before_the_clock_was_set_back_is_taken_by_others(metadata: Engine) -> None:
    ahead = Leases(metadata, "ahead", clock=lambda _: NOON + timedelta(days=1))
    ours = Leases(metadata, "ours", clock=lambda _: NOON)
    assert ahead.acquire("rollups", timedelta(minutes=1))
    assert ours.acquire("rollups", timedelta(minutes=1))
    assert not ahead.renew("rollups", timedelta(minutes=1))


def test_two_workers_of_the_same_host_and_process_number_are_two_holders(metadata: Engine) -> None:
    one, two = (Leases(metadata, new_holder(), clock=lambda _: NOON) for _ in "ab")
    assert one.acquire("rollups", timedelta(minutes=1))
    assert not two.acquire("rollups", timedelta(minutes=1))


def test_of_many_that_want_a_lease_at_once_exactly_one_gets_it(metadata: Engine) -> None:
    holders = [Leases(metadata, f"holder {n}", clock=lambda _: NOON) for n in range(8)]
    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(lambda leases: leases.acquire("job", timedelta(minutes=1)), holders))
    assert sum(won) == 1


def _post(metadata: Engine, incident: str, channel: str, number: int, at: datetime) -> str:
    """Put a message into the outbox and return its id."""
    message = f"{incident} {channel} {number}"
    row = {
        "id": message, "project": "p", "incident": incident, "channel": channel, "message": "{}",
        "created_at": at, "number": number, "next_attempt_at": at, "attempts": 0, "last_error": "",
    }  # fmt: skip
    with metadata.begin() as connection:
        connection.execute(insert(ALERT_OUTBOX).values(row))
    return message


def test_a_channel_that_is_down_holds_up_no_other_channel(metadata: Engine) -> None:
    outbox, second = AlertOutbox(metadata), timedelta(seconds=1)
    for number in range(30):
        _post(metadata, f"i{number}", "slack", 1, NOON)
    for _ in range(15):
        for message in outbox.due(NOON, 2):
            outbox.failed(message, NOON, "timeout", for_good=False)
    assert outbox.due(NOON, 2) == []
    page = _post(metadata, "i30", "pager", 1, NOON)
    assert [message.id for message in outbox.due(NOON, 2)] == [page]
    # Once the others are due again, they have waited longer, and still it is in the first batch.
    assert page in [message.id for message in outbox.due(NOON + 10 * second, 2)]


def test_messages_of_an_incident_follow_one_another_in_each_channel(metadata: Engine) -> None:
    outbox, minute = AlertOutbox(metadata), timedelta(minutes=1)
    # The clock was set back between the two.
    first = _post(metadata, "i", "pager", 1, NOON)
    second = _post(metadata, "i", "pager", 2, NOON - minute)
    other = _post(metadata, "i", "mail", 2, NOON)
    due = outbox.due(NOON, 10)
    assert {message.id for message in due} == {first, other}
    (page,) = [message for message in due if message.id == first]
    outbox.failed(page, NOON, "timeout", for_good=False)
    assert [message.id for message in outbox.due(NOON, 10)] == [other]
    outbox.delivered(page, NOON + minute)
    assert {message.id for message in outbox.due(NOON, 10)} == {second, other}


def test_a_message_of_a_clock_that_was_set_back_is_sent_at_once(metadata: Engine) -> None:
    outbox = AlertOutbox(metadata)
    page = _post(metadata, "i", "pager", 1, NOON + timedelta(days=1))
    (message,) = outbox.due(NOON, 10)
    assert message.id == page
    for _ in range(11):
        outbox.failed(message, NOON, "timeout", for_good=False)
        assert outbox.due(NOON, 10) == []
        (message,) = outbox.due(NOON + timedelta(minutes=30), 10)


def test_a_postgresql_that_vanishes_is_noticed_as_soon_as_the_url_says_or_after_half_a_minute(
    postgres_url: str,
) -> None:
    for more, seconds in (("", "15"), ("&keepalives_idle=7", "7")):
        engine = open_metadata(postgres_url + more)
        with closing(engine.raw_connection()) as connection:
            driver: Any = connection.driver_connection
            asked = driver.info.get_parameters()
        assert (asked["keepalives_idle"], asked["tcp_user_timeout"]) == (seconds, "30000")
        with engine.begin() as connected:
            empty_postgres(connected)
        engine.dispose()


def test_a_process_that_is_stopped_within_a_transaction_keeps_no_job_from_the_others(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = open_metadata(f"{postgres_url}&options=-c%20lock_timeout%3D5s")
    monkeypatch.setattr(postgresql, "_LONGEST_REST", "1s")
    stopped = look_into_metadata(postgres_url)  # migrating rests longer where the machine is busy
    assert Leases(stopped, "stopped").acquire("job", timedelta(0))
    with stopped.connect() as connection:
        connection.execute(text("UPDATE leases SET holder = 'stopped'"))
        assert Leases(other, "other").acquire("job", timedelta(minutes=1))
        connection.invalidate()
    with other.begin() as connected:
        empty_postgres(connected)
    for engine in (stopped, other):
        engine.dispose()


def test_a_lock_that_somebody_keeps_holds_up_no_request_for_ever(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(postgresql._LONGEST_WAITS, "lock_timeout", "50ms")
    engine, patient = open_metadata(postgres_url), f"{postgres_url}&options=-c%20lock_timeout%3D7s"
    with engine.begin() as keeper:
        keeper.execute(text("LOCK TABLE leases IN ACCESS EXCLUSIVE MODE"))
        with pytest.raises(BackendError, match="lock timeout"):
            Leases(engine, "other").acquire("job", timedelta(minutes=1))
    assert Leases(engine, "other").acquire("job", timedelta(minutes=1))
    asked = open_metadata(patient)
    with asked.begin() as connection:
        assert connection.execute(text("SHOW lock_timeout")).scalar_one() == "7s"
        assert connection.execute(text("SHOW statement_timeout")).scalar_one() == "1min"
        empty_postgres(connection)
    for one in (engine, asked):
        one.dispose()


def test_a_connection_whose_server_has_ended_or_does_not_answer_costs_no_request(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "_LONGEST_SILENCE_S", 0.2)
    engine, other = open_metadata(postgres_url), open_metadata(postgres_url)
    ask = text("SELECT pg_backend_pid()")
    for end in (signal.SIGTERM, signal.SIGSTOP):
        with engine.begin() as connection:
            server = connection.execute(ask).scalar_one()
        os.kill(server, end)
        with engine.begin() as connection:
            assert connection.execute(ask).scalar_one() != server
    os.kill(server, signal.SIGCONT)
    with other.begin() as connection:
        empty_postgres(connection)
    for one in (engine, other):
        one.dispose()


def test_a_server_that_is_silent_for_longer_than_a_statement_may_take_is_waited_for_no_more(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "_LONGEST_SILENCE_S", 0.2)
    engine = open_metadata(f"{postgres_url}&options=-c%20statement_timeout%3D100ms")
    other = create_engine(make_url(postgres_url).set(drivername="postgresql+psycopg"))
    with engine.connect() as connection:
        server = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        os.kill(server, signal.SIGSTOP)
        with pytest.raises(BackendError, match="does not answer"):
            connection.execute(text("SELECT 1"))
    os.kill(server, signal.SIGCONT)
    with other.begin() as connection:
        empty_postgres(connection)
    for one in (engine, other):
        one.dispose()


def test_who_migrates_waits_for_another_one_however_long_that_takes(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in postgresql._LONGEST_WAITS:
        monkeypatch.setitem(postgresql._LONGEST_WAITS, name, "50ms")
    other = create_engine(make_url(postgres_url).set(drivername="postgresql+psycopg"))
    with ThreadPoolExecutor(1) as pool:
        with other.begin() as connection:
            connection.execute(text(f"SELECT pg_advisory_xact_lock({upgrade._POSTGRES_LOCK})"))
            opening = pool.submit(open_metadata, postgres_url)
            long = (
                "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'advisory' AND now() > query_start + '1 s'"
            )
            until(lambda: opening.done() or _finds(other, long))
        opening.result().dispose()
    with other.begin() as connection:
        empty_postgres(connection)
    other.dispose()


def _finds(engine: Engine, question: str) -> bool:
    with engine.begin() as connection:
        return bool(connection.execute(text(question)).all())


@pytest.mark.parametrize(
    "url",
    [
        "nonsense",
        "mysql://u:secret@h/db",
        "://",
        "postgresql://u:secret@h:abc/x",
        "postgresql://u:p@secret@h/x",
        "postgresql://u:p@/secret@h/x",
        "sqlite://",
        "sqlite:///",
    ],
)
def test_a_url_of_another_kind_is_one_clear_line(url: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        open_metadata(url)
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_postgresql_that_comes_later_is_migrated_by_whoever_asks_first_and_a_wrong_name_is_told_at_once(
    postgres_url: str, tmp_path: Path
) -> None:
    url, socket = f"postgresql://postgres@/postgres?host={tmp_path}", ".s.PGSQL.5432"
    with pytest.raises(BackendError, match="No such file"):
        open_metadata(url)
    engine = open_metadata(url, server_may_be_away=True)
    projects = ProjectStore(engine)
    for _ in range(2):
        with pytest.raises(BackendError, match="No such file"):
            projects.projects()
    (tmp_path / socket).symlink_to(Path(postgres_url.split("host=")[1]) / socket)
    assert projects.projects() == []
    with pytest.raises(BackendError, match=r"database .nobody.* does not exist"):
        open_metadata(url.replace("/postgres?", "/nobody?"), server_may_be_away=True)
    with engine.begin() as connection:
        empty_postgres(connection)
    engine.dispose()


def test_a_database_that_cannot_be_reached_is_a_backend_error(tmp_path: Path) -> None:
    with pytest.raises(BackendError, match="metadata database"):
        open_metadata(sqlite_url(tmp_path / "missing"))
