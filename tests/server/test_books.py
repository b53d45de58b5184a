"""What a server holds of the metadata database, and what it keeps when that fails."""

from __future__ import annotations

import logging
import threading
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from tests.e2e.polling import until

from sightline_core.auth import Principal, Role
from sightline_core.errors import BackendError, CallerError, NotFound
from sightline_core.ids import DEFAULT_PROJECT, ProjectId
from sightline_core.limits import IngestLimits
from sightline_core.price_overrides import PriceOverride
from sightline_core.price_rates import TokenCounts
from sightline_core.pricing import ModelCall
from sightline_server import refreshing
from sightline_server.price_book import PriceBook
from sightline_server.project_book import ProjectBook
from sightline_server.refreshing import Refresher
from sightline_storage.metadata.project_store import ProjectStore
from sightline_storage.spend.price_store import PriceStore

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
SHOP = ProjectId("shop")


def test_a_project_says_how_long_spans_are_kept_or_leaves_it_to_the_server(metadata: Engine) -> None:
    store = ProjectStore(metadata)
    store.set_project(SHOP, now=NOON, retention_days=7)
    store.set_project(ProjectId("archive"), now=NOON, retention_days=0)
    store.set_project(ProjectId("geology"), now=NOON, retention_days=2**31 - 1)
    store.set_project(ProjectId("plain"), now=NOON)
    book = ProjectBook(store, IngestLimits())
    today = date(2026, 11, 25)
    of_server, of_shop = date(2026, 8, 27), date(2026, 11, 18)
    with pytest.raises(BackendError, match="not known yet"):
        book.first_days(90, today)  # that of the default project may be longer than the server's
    book.refresh()
    assert book.first_days(90, today) == {DEFAULT_PROJECT: of_server, "plain": of_server, "shop": of_shop}
    assert book.first_days(0, today) == {"shop": of_shop}


def test_only_active_keys_are_known_and_their_secret_is_stored_nowhere(
    metadata: Engine, tmp_path: Path
) -> None:
    store, book = ProjectStore(metadata), ProjectBook(ProjectStore(metadata), IngestLimits())
    store.set_project(SHOP, now=NOON)
    key, secret = store.create_key(SHOP, "ci", Role.READ, now=NOON)
    book.refresh()
    assert book.find_key(secret) == Principal(SHOP, "ci", can_write=False, can_read=True)
    assert book.find_key(key.key_hash) is None
    assert book.find_key("") is None
    assert not any(secret.encode() in file.read_bytes() for file in tmp_path.iterdir())
    store.create_key(SHOP, "two", Role.READ, now=NOON)
    with pytest.raises(NotFound, match="several"):
        store.revoke_key("", now=NOON)
    store.revoke_key(key.id[:10], now=NOON)
    book.refresh()
    assert book.find_key(secret) is None
    with pytest.raises(NotFound):
        store.revoke_key(key.id, now=NOON)


def test_until_the_database_is_there_a_key_is_neither_known_nor_refused(
    metadata: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    book, read = ProjectBook(ProjectStore(metadata), IngestLimits()), threading.Event()
    away = iter([True, True])

    def refresh() -> None:
        if next(away, False):
            raise BackendError("the metadata database is away")
        book.refresh()
        read.set()

    refresher = Refresher([refresh], timedelta(milliseconds=1))
    assert book.find_key("") is None
    with pytest.raises(BackendError, match="not known yet"):
        book.find_key("sk-anything")
    refresher.start(may_be_away=True)
    try:
        assert read.wait(10)
    finally:
        refresher.stop()
    refresher.check()
    refresher.check_known()
    assert book.find_key("sk-anything") is None
    begun, ended = (record for record in caplog.records if record.name == "sightline_server.refreshing")
    assert begun.__dict__["reason"] == "the metadata database is away"
    assert ended.__dict__["after_s"] >= 0


def test_a_database_that_gives_no_answer_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refreshing, "_PATIENCE_S", 0.05)
    first, answered = iter([True]), threading.Event()

    def refresh() -> None:
        if not next(first, False):
            answered.wait()

    def is_late() -> bool:
        try:
            refresher.check()
        except BackendError as error:
            return "has not answered" in str(error)
        return False

    refresher = Refresher([refresh], timedelta(milliseconds=1))
    refresher.start(may_be_away=False)
    until(is_late)
    refresher.check_known()
    answered.set()
    until(lambda: not is_late())
    refresher.stop()


def test_when_the_database_fails_the_last_known_keys_count(
    metadata: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    store, book = ProjectStore(metadata), ProjectBook(ProjectStore(metadata), IngestLimits())
    store.set_project(SHOP, now=NOON)
    _, secret = store.create_key(SHOP, "ci", Role.ADMIN, now=NOON)
    turns, enough = [0], threading.Event()

    def count() -> None:
        turns[0] += 1
        if turns[0] >= 4:
            enough.set()

    refresher = Refresher([count, book.refresh], timedelta(milliseconds=1))
    refresher.start(may_be_away=False)
    with metadata.begin() as connection:
        connection.execute(text("DROP TABLE api_keys"))
    turns[0] = 0
    with caplog.at_level(logging.WARNING):
        assert enough.wait(10) or turns[0] >= 4
        refresher.stop()
    with pytest.raises(BackendError, match="no such table: api_keys"):
        book.refresh()
    assert book.find_key(secret) is not None
    (told,) = (
        record for record in caplog.records if record.message.startswith("Keys and prices cannot be read")
    )
    assert "no such table: api_keys" in told.__dict__["reason"]
    with pytest.raises(BackendError, match="no such table: api_keys"):
        refresher.check()
    refresher.check_known()
    assert not told.exc_info


def _price(book: PriceBook, when: datetime) -> Decimal:
    tokens = TokenCounts(input=1_000_000)
    start_ns = int(when.timestamp()) * 1_000_000_000
    return book.price(ModelCall("shop", "openai", "own-1", "own-1", start_ns, "", tokens)).usd


def test_own_prices_hold_within_their_dates_and_the_last_changed_wins(metadata: Engine) -> None:
    store = PriceStore(metadata)
    book = PriceBook(store)

    def own(
        name: str, usd: str, minute: int, start: datetime | None = None, end: datetime | None = None
    ) -> None:
        prices = (Decimal(usd), Decimal(0))
        override = PriceOverride(name, "own-*", *prices, project="shop", start=start, end=end)
        store.set_override(override, now=NOON + timedelta(minutes=minute))

    own("always", "3.10", 0)
    own("autumn", "2.000000000001", 1, start=NOON, end=NOON + timedelta(days=1))
    book.refresh()
    assert _price(book, NOON - timedelta(days=1)) == Decimal("3.10")
    assert _price(book, NOON) == Decimal("2.000000000001")
    assert _price(book, NOON + timedelta(days=1)) == Decimal("3.10")
    own("always", "5", 2)
    book.refresh()
    assert _price(book, NOON) == Decimal(5)
    store.remove_override(SHOP, "always")
    book.refresh()
    assert _price(book, NOON) == Decimal("2.000000000001")
    with pytest.raises(NotFound):
        store.remove_override(SHOP, "always")


def test_there_is_an_end_to_projects(metadata: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sightline_storage.metadata.project_store.MAX_PROJECTS", 1)
    store = ProjectStore(metadata)
    store.set_project(SHOP, now=NOON)
    store.set_project(SHOP, now=NOON, name="Shop")
    with pytest.raises(CallerError, match="1 projects"):
        store.set_project(ProjectId("more"), now=NOON)
