"""The one door to stored data."""

from dataclasses import dataclass
from datetime import datetime

from sightline_storage.chdb_engine import ChdbEngine
from sightline_storage.config import ServerAddress, StoreConfig
from sightline_storage.contract import SpanWriter, TraceReader
from sightline_storage.engine import Engine
from sightline_storage.rollups import refresh_rollups
from sightline_storage.server_engine import ServerEngine
from sightline_storage.span_writer import EngineSpanWriter
from sightline_storage.trace_reader import EngineTraceReader


@dataclass(frozen=True, slots=True)
class Store:
    """An open store. Thread-safe; whoever opened it closes it, after the last call has come back."""

    engine: Engine
    writer: SpanWriter
    traces: TraceReader

    def refresh_rollups(self, now: datetime) -> int:
        """Recompute marked minutes and return their number; see `rollups.refresh_rollups`."""
        return refresh_rollups(self.engine, now)

    def ping(self) -> None:
        """Return when the engine answers; raises `BackendError` when it does not."""
        self.engine.query("SELECT 1", {})

    def close(self) -> None:
        """Close the engine and give the data directory free."""
        self.engine.close()


def open_store(config: StoreConfig) -> Store:
    """Open the store and bring its schema up to date.

    Raises `StoreLocked` when another process holds the data directory, `ConfigurationError` when it cannot be
    written or the schema does not fit, `BackendError` when the engine does not start or cannot be reached.
    """
    engine = _open_engine(config)
    try:
        if config.migrate:
            engine.migrate()
    except BaseException:
        engine.close()
        raise
    return Store(engine, EngineSpanWriter(engine), EngineTraceReader(engine))


def _open_engine(config: StoreConfig) -> Engine:
    if config.data_dir is None:
        return ServerEngine(ServerAddress.parse(config.clickhouse_url))
    return ChdbEngine(config.data_dir, readers=config.readers)
