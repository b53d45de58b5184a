"""The one door to stored data."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sightline_core.errors import BackendError
from sightline_core.ids import ProjectId
from sightline_core.time_range import TimeRange
from sightline_storage.config import ServerAddress, StoreConfig
from sightline_storage.contract import SpanWriter, TraceReader
from sightline_storage.engines.chdb_engine import ChdbEngine
from sightline_storage.engines.engine import Engine
from sightline_storage.engines.server_engine import ServerEngine
from sightline_storage.lifecycle import backup, deletion, expiry, purge, transfer
from sightline_storage.rollups.rollup_refresh import refresh_rollups
from sightline_storage.span_writer import EngineSpanWriter
from sightline_storage.spend.repricing import Reprice, reprice_calls
from sightline_storage.traces.trace_reader import EngineTraceReader

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Store:
    """An open store. Thread-safe; whoever opened it closes it, after the last call has come back."""

    engine: Engine
    writer: SpanWriter
    traces: TraceReader

    def refresh_rollups(self, now: datetime) -> int:
        """Recompute marked minutes and return their number; see `rollups.refresh_rollups`."""
        return refresh_rollups(self.engine, now)

    def delete_traces(self, project: ProjectId, trace_ids: Sequence[str]) -> int:
        """Delete traces and return how many were stored; see `deletion.delete_traces`."""
        return deletion.delete_traces(self.engine, project, trace_ids)

    def delete_user(self, project: ProjectId, user: str) -> int:
        """Delete every trace with a span of the user and return how many those were."""
        sessions = deletion.find_sessions(self.engine, project, user)
        return deletion.delete_user(self.engine, project, user, sessions)

    def delete_session(self, project: ProjectId, session: str) -> int:
        """Delete every trace with a span of the session and return how many those were."""
        return deletion.delete_session(self.engine, project, session)

    def purge(self, since: datetime | None = None) -> int:
        """Take deleted rows off the disk; return how many partitions were rewritten; see `purge.purge`."""
        return purge.purge(self.engine, since)

    def drop_expired(self, project: ProjectId, before: date) -> int:
        """Drop whole partitions from before a day (UTC) and return how many; see `expiry.drop_expired`."""
        return expiry.drop_expired(self.engine, project, before)

    def reprice(self, project: ProjectId, time_range: TimeRange, reprice: Reprice, now: datetime) -> int:
        """Price stored calls again and return how many changed; see `repricing.reprice_calls`."""
        return reprice_calls(self.engine, self.writer, project, time_range, reprice, now)

    def export_to(self, target: "Store") -> int:
        """Copy everything to another store while this one takes spans; see `transfer.export_to`."""
        return transfer.export_to(self.engine, target.engine)

    def back_up(self, folder: Path, add: Callable[[Path], None] = lambda _folder: None) -> int:
        """Write everything into a new folder and return how many rows; see `backup.back_up`."""
        # What a deleted trace had cost is known until then. A purge would ask for room that may be lacking.
        purge.forget_traces(self.engine)
        return backup.back_up(self.engine, folder, add)

    def restore(self, folder: Path) -> int:
        """Put a backup back and return how many rows it held; see `backup.restore`.

        What was deleted after the backup was made comes back with it.
        """
        # A row that marks a span as deleted is newer than the span, and would hide it.
        self.purge()
        return backup.restore(self.engine, folder)

    def ping(self) -> None:
        """Return when every shard answers; raises `BackendError` when one does not."""
        self.engine.query("SELECT count() FROM spans WHERE project = '' LIMIT 1", {})

    def close(self) -> None:
        """Close the engine and give the data directory free."""
        self.engine.close()


def open_store(config: StoreConfig, *, server_may_be_away: bool = False) -> Store:
    """Open the store and bring its schema up to date.

    Raises `StoreLocked` when another process holds the data directory, `ConfigurationError` when it cannot be
    written or the schema does not fit, `BackendError` when the engine does not start or cannot be reached.

    With `server_may_be_away` the latter is no error for a server: calls of the store raise it until the
    server is there, and the first one then brings the schema up to date.
    """
    store = look_into_store(config)
    try:
        try:
            store.engine.migrate()
        except BackendError as error:
            if config.data_dir is not None or not server_may_be_away:
                raise
            log.warning(
                "ClickHouse is not there; it is asked again until it is", extra={"reason": str(error)}
            )
    except BaseException:
        store.close()
        raise
    return store


def look_into_store(config: StoreConfig) -> Store:
    """Open the store with the schema that it has, maybe of another version; raises as `open_store`."""
    if config.data_dir is None:
        engine: Engine = ServerEngine(ServerAddress.parse(config.clickhouse_url))
    else:
        engine = ChdbEngine(config.data_dir)
    return Store(engine, EngineSpanWriter(engine), EngineTraceReader(engine))
