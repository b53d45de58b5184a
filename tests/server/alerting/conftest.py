"""Receivers of alerts, and the life of an alert over real stores, for each test."""

import itertools
import shutil
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Unpack

import pytest
from sqlalchemy import Engine
from tests.server.alerting.alert_life import Clock, Life, Spend, model_call
from tests.server.alerting.receivers import HttpReceiver, Mailbox, http_receiver, smtp_receiver

from sightline_core.ids import ProjectId
from sightline_storage import SpanRecord, Store, StoreConfig, open_store


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, migrated_store: Path) -> Iterator[Store]:
    data_dir = shutil.copytree(migrated_store, tmp_path_factory.mktemp("store") / "data", symlinks=True)
    opened = open_store(StoreConfig(data_dir=data_dir))
    yield opened
    opened.close()


@pytest.fixture
def project(request: pytest.FixtureRequest) -> ProjectId:
    return ProjectId(request.node.name[:64])


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def spend(store: Store, project: ProjectId, clock: Clock) -> Spend:
    """Store one model call that costs `usd` now, or at `at`."""
    numbers = itertools.count(1)

    def add(usd: str, *, at: datetime | None = None, **more: Unpack[SpanRecord]) -> None:
        number = next(numbers)
        record = model_call(
            number,
            project,
            int((at or clock.time).timestamp()),
            ingested_ns=int(clock.time.timestamp()) * 1_000_000_000,
            input_tokens=10,
            output_tokens=3,
            cost_usd=Decimal(usd),
        )
        store.writer.write([record | more], token=f"{project}-{number}")

    return add


@pytest.fixture
def life(store: Store, metadata: Engine, project: ProjectId, clock: Clock) -> Life:
    return Life(store, metadata, project, clock)


@pytest.fixture
def receiver() -> Iterator[HttpReceiver]:
    """An HTTP server on loopback."""
    with http_receiver() as received:
        yield received


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """An SMTP server on loopback without TLS."""
    with smtp_receiver() as box:
        yield box
