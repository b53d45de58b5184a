"""Options of the whole suite, and what tests of several parts need."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from sqlalchemy import Engine

# The same examples each time, however long they take on a busy machine: a suite that decides what lands must
# not fail by luck. `make pytest ARGS=--hypothesis-profile=default` looks at others.
settings.register_profile("fixed", derandomize=True, deadline=None)
settings.load_profile("fixed")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the one flag that regenerates golden files."""
    parser.addoption("--update-golden", action="store_true", help="write the golden SQL files anew")


@pytest.fixture
def metadata(tmp_path: Path) -> Iterator[Engine]:
    """An empty metadata database."""
    # The SDK's tests also run where the server is not installed.
    from sightline_storage.metadata_database import open_metadata, sqlite_url

    engine = open_metadata(sqlite_url(tmp_path))
    yield engine
    engine.dispose()
