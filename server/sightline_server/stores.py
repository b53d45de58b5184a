"""Opens what the settings name: the span store and the metadata database."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from sqlalchemy import Engine

from sightline_core.errors import CallerError, ConfigurationError, NotFound
from sightline_core.ids import ProjectId
from sightline_core.plain_text import counted
from sightline_core.settings import Settings
from sightline_storage import Store, StoreConfig, look_into_store, open_store
from sightline_storage.config import ServerAddress
from sightline_storage.engines.data_dir_lock import DataDirLock
from sightline_storage.engines.server_engine import ServerEngine
from sightline_storage.lifecycle.deletion_requests import DeletionRequests
from sightline_storage.metadata.metadata_database import (
    METADATA_FILE,
    look_into_metadata,
    open_metadata,
    sqlite_url,
)
from sightline_storage.metadata.project_store import ProjectStore


@dataclass(frozen=True, slots=True)
class Stores:
    """What is kept between two runs of the server."""

    spans: Store
    metadata: Engine


@contextmanager
def opened_spans(settings: Settings) -> Iterator[Store]:
    """Open the span store and close it at the end; errors are those of `open_store`."""
    store = open_store(_store_config(settings))
    try:
        yield store
    finally:
        store.close()


@contextmanager
def opened_stores(
    settings: Settings, *, hold_data_dir: bool, server_may_be_away: bool = False
) -> Iterator[Stores]:
    """Open both, and hold the data directory if something is to be kept there.

    The embedded store holds its directory by itself; with a server, a journal is what must not be shared.
    With `server_may_be_away`, either may come later; see `open_store` and `open_metadata`.
    """
    with ExitStack() as opened:
        if hold_data_dir and settings.clickhouse_url:
            opened.enter_context(DataDirLock(settings.data_dir))
        spans = open_store(_store_config(settings), server_may_be_away=server_may_be_away)
        opened.callback(spans.close)
        metadata = open_metadata(metadata_url(settings), server_may_be_away=server_may_be_away)
        opened.callback(metadata.dispose)
        yield Stores(spans, metadata)


@contextmanager
def looked_into_stores(settings: Settings) -> Iterator[Stores]:
    """Open both as they are, which may be as another version left them; raises as `opened_stores`."""
    with ExitStack() as opened:
        spans = look_into_store(_store_config(settings))
        opened.callback(spans.close)
        metadata = look_into_metadata(metadata_url(settings))
        opened.callback(metadata.dispose)
        yield Stores(spans, metadata)


@contextmanager
def opened_metadata(settings: Settings) -> Iterator[Engine]:
    """Open the metadata database alone, which may be done beside a running server."""
    if settings.database_url is None:
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    metadata = open_metadata(metadata_url(settings))
    try:
        yield metadata
    finally:
        metadata.dispose()


def require_store(settings: Settings) -> None:
    """Raise `ConfigurationError` when the data directory holds no store: its name may be wrong."""
    embedded = settings.clickhouse_url is None
    if embedded and not any((settings.data_dir / name).exists() for name in ("clickhouse", METADATA_FILE)):
        raise ConfigurationError(f"there is no store in {settings.data_dir}; --data-dir names its folder")


def require_project(metadata: Engine, project: str) -> ProjectId:
    """Return the project; raises `NotFound` when there is none of that name."""
    if project not in ProjectStore(metadata).ids():
        raise NotFound(f"there is no project {project!r}; `sightline projects list` shows them")
    return ProjectId(project)


def _store_config(settings: Settings) -> StoreConfig:
    if settings.clickhouse_url is not None:
        return StoreConfig(clickhouse_url=settings.clickhouse_url.get_secret_value())
    return StoreConfig(data_dir=settings.data_dir)


def metadata_url(settings: Settings) -> str:
    """Return where projects, rules and leases are."""
    if settings.database_url is not None:
        return settings.database_url.get_secret_value()
    return sqlite_url(settings.data_dir)


def export_to(stores: Stores, url: str) -> str:
    """Copy everything to the server at `url`, while this store takes spans; return how much that was.

    What an earlier export copied and somebody had deleted here since is deleted there. Raises `CallerError`
    when the URL names this store.
    """
    source, address = stores.spans.engine, ServerAddress.parse(url)
    if isinstance(source, ServerEngine) and source.address.shares_store_with(address):
        raise CallerError("the export would go to the store that it comes from; --to names another database")
    target = open_store(StoreConfig(clickhouse_url=url))
    try:
        rows = stores.spans.export_to(target)
        # Afterwards, as some of it may have been read before it was deleted here.
        deleted = DeletionRequests(stores.metadata, stores.spans.engine).carry_out_in(target.engine)
    finally:
        target.close()
    gone = f"{counted(deleted, 'trace')} deleted there that were deleted here in the last day"
    return f"{rows} rows copied, {gone}"
