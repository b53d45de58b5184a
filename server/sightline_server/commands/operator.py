"""Commands for operators. Each returns its exit code and raises the errors of the store it opens.

An embedded store is open in one process at a time: stop the server before these commands touch it; only
`export` may be given while it runs.
"""

import argparse
import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from sightline_collector import CollectorConfig
from sightline_collector.checkpoint import oldest_waiting_ns
from sightline_collector.enrich import price_record
from sightline_core.errors import StoreLocked
from sightline_core.money import ZERO
from sightline_core.plain_text import counted
from sightline_core.pricing import Pricer
from sightline_core.settings import Settings
from sightline_core.time_range import TimeRange
from sightline_migrations import Layout, dry_run
from sightline_semconv.kinds import CostState
from sightline_server.control import ask_server
from sightline_server.price_book import PriceBook
from sightline_server.stores import (
    export_to,
    metadata_url,
    opened_metadata,
    opened_spans,
    opened_stores,
    require_project,
    require_store,
)
from sightline_storage import SpanRecord
from sightline_storage.config import ServerAddress
from sightline_storage.lifecycle.backup import read_manifest
from sightline_storage.lifecycle.deletion_requests import DeletionRequests
from sightline_storage.metadata.metadata_database import METADATA_FILE, metadata_statements
from sightline_storage.metadata.sqlite_copy import copy_sqlite, restore_sqlite
from sightline_storage.spend.price_store import PriceStore

_NO_COST = SpanRecord(
    cost_usd=ZERO,
    cost_input_usd=ZERO,
    cost_cached_usd=ZERO,
    cost_output_usd=ZERO,
    cost_state=CostState.NONE.value,
    cost_reason="",
    price_id="",
)


def migrate(options: argparse.Namespace, settings: Settings) -> int:
    """Migrate spans and metadata, or print what that would run."""
    if options.dry_run:
        _say(f"-- spans, in ClickHouse\n{dry_run(_layout(settings))}")
        return _say(f"-- metadata\n{metadata_statements(metadata_url(settings))}")
    with opened_stores(settings, hold_data_dir=True):
        return _say("the schema is up to date")


def backup(options: argparse.Namespace, settings: Settings) -> int:
    """Write spans, scores and SQLite metadata into a folder, and say what is not in it."""
    require_store(settings)
    kept = "metadata included"

    def add_metadata(folder: Path) -> None:
        nonlocal kept
        with opened_metadata(settings) as metadata:
            if not copy_sqlite(metadata, folder / METADATA_FILE):
                kept = "metadata is on PostgreSQL: keep it with pg_dump, at the same time"

    with opened_spans(settings) as store:
        rows = store.back_up(options.folder, add_metadata)
    if oldest_waiting_ns(CollectorConfig(settings.data_dir).journal_dir) is not None:
        kept += "; without the spans that still wait in the journal: start the server, which stores them"
    return _say(f"{rows} rows written to {options.folder}; {kept}")


def restore(options: argparse.Namespace, settings: Settings) -> int:
    """Put a folder back and bring the rollups up to date. Metadata that is there already is kept.

    What was deleted after the backup, and is still repeated, is deleted again.
    """
    read_manifest(options.folder)  # before a store is made for a folder whose name may be wrong
    with opened_spans(settings) as store:
        # First: whatever looks at a store without metadata makes an empty one, which the next try would keep.
        kept = _restore_metadata(options.folder / METADATA_FILE, settings)
        rows = store.restore(options.folder)
        with opened_metadata(settings) as metadata:
            deleted = DeletionRequests(metadata, store.engine).carry_out_in(store.engine)
        while store.refresh_rollups(datetime.now(UTC)):
            pass
    if deleted:
        kept += f"; {counted(deleted, 'trace')} deleted again, as was asked for in the last day"
    return _say(f"{rows} rows restored from {options.folder}; {kept}")


def _restore_metadata(copy: Path, settings: Settings) -> str:
    """Put the metadata in place unless there is one, and return what became of it."""
    target = settings.data_dir / METADATA_FILE
    if not copy.exists():
        return "it holds no metadata"
    if settings.database_url is not None:
        return "its metadata is SQLite and stays there, because SIGHTLINE_DATABASE_URL names another database"
    if target.exists():
        return f"metadata stays as it is; to take that of the backup, remove {target} first"
    restore_sqlite(copy, target)
    return "metadata included"


def export(options: argparse.Namespace, settings: Settings) -> int:
    """Copy the store to a server; a running server that holds the store does it itself."""
    require_store(settings)
    try:
        with opened_stores(settings, hold_data_dir=False) as stores:
            return _say(export_to(stores, options.to))
    except StoreLocked:
        return _say(ask_server(settings.data_dir, "export", options.to))


def reprice(options: argparse.Namespace, settings: Settings) -> int:
    """Price the calls of a time range with the newest catalogue and the project's own prices."""
    require_store(settings)
    with opened_metadata(settings) as metadata:
        project = require_project(metadata, options.project)
        pricer = PriceBook(PriceStore(metadata))
        pricer.refresh()
    with opened_spans(settings) as store:
        changed = store.reprice(
            project,
            TimeRange(options.start, options.end),
            partial(priced_again, pricer),
            datetime.now(UTC),
        )
        while store.refresh_rollups(datetime.now(UTC)):
            pass
        have = "has" if changed == 1 else "have"
        return _say(f"{counted(changed, 'call')} {have} a new price; the old one is in the audit table")


def priced_again(pricer: Pricer, call: SpanRecord) -> SpanRecord:
    """Return the keys of cost that ingest would give the stored call today; {} for a call without a cost."""
    record = call.copy()
    record.update(_NO_COST)
    price_record(pricer, record)
    if "cost_state" not in record or record["cost_state"] == CostState.NONE:
        return {}
    return SpanRecord(
        cost_usd=record["cost_usd"],
        cost_input_usd=record["cost_input_usd"],
        cost_cached_usd=record["cost_cached_usd"],
        cost_output_usd=record["cost_output_usd"],
        cost_state=record["cost_state"],
        cost_reason=record["cost_reason"],
        price_id=record["price_id"],
    )


def _layout(settings: Settings) -> Layout:
    if settings.clickhouse_url is None:
        return Layout()
    address = ServerAddress.parse(settings.clickhouse_url.get_secret_value())
    return Layout(cluster=address.cluster, replicated=address.replicated)


def _say(line: str) -> int:
    sys.stdout.write(f"{line}\n")
    return 0
