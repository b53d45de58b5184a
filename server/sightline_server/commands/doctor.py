"""What `sightline doctor` does: check what an operator would, and say what needs attention."""

import argparse
import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sightline_collector.checkpoint import oldest_waiting_ns
from sightline_collector.config import CollectorConfig
from sightline_collector.dead_letters import DeadLetters
from sightline_core.errors import BackendError, CallerError, ConfigurationError, StoreLocked
from sightline_core.settings import Settings
from sightline_migrations.metadata import lacking_revisions
from sightline_server.configuration import misspelt
from sightline_server.control import ask_server
from sightline_server.stores import Stores, looked_into_stores, require_store
from sightline_storage.alerts.alert_outbox import AlertOutbox
from sightline_storage.condition import NodeCondition, node_conditions, oldest_mark_age_s
from sightline_storage.lifecycle.deletion_requests import DeletionRequests
from sightline_storage.metadata.collector_backlogs import COUNTS_FOR, CollectorBacklogs
from sightline_storage.metadata.job_failures import failing_jobs
from sightline_storage.metadata.leases import Leases, expired_leases, new_holder
from sightline_storage.metadata.metadata_database import METADATA_FILE
from sightline_storage.metadata.shared_clock import SharedClock
from sightline_storage.metadata.sqlite_copy import check_sqlite
from sightline_storage.spend.price_store import PriceStore

_LETTERS_SHOWN = 20
_MAX_SKEW_S = 5.0
_MAX_PARTS = 300  # the engine slows inserts into a partition down at a thousand
_MAX_LAG_S = 300.0
_ESSENTIAL_JOBS = {
    "rollups": timedelta(minutes=10),
    "repeated-calls": timedelta(minutes=10),
    "deletions": timedelta(minutes=10),
    "retention": timedelta(minutes=70),
}
"""By when another worker takes a lease that ran out: within a period, which is an hour of the last."""

_LONGEST_DELETION = timedelta(hours=1)
"""Ten minutes are usual until what it deletes is off the disk."""

_CHANNELS_SHOWN = 10
_REFUSALS_TOLD_FOR = timedelta(days=1)
"""How long it is told that messages to a channel were given up."""

_OLD_PRICES = timedelta(days=90)
_LITTLE_SPACE = 2 * 1024**3
_OLD_JOURNAL_S = 600.0
_OLD_BACKLOG = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Report:
    """What was found in order, and what needs attention."""

    fine: list[str] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)

    def failed(self, error: Exception) -> None:
        """Note what did not answer, once however many have asked it."""
        if str(error) not in self.findings:
            self.findings.append(str(error))


def doctor(_options: argparse.Namespace, settings: Settings) -> int:
    """Print what was checked and what needs attention; 1 when something does."""
    report = _stores(settings)
    letters = _dead_letters(settings)
    for line in (*report.fine, *letters.fine):
        sys.stdout.write(f"{line}\n")
    findings = [*misspelt(os.environ), *report.findings, *_journal(settings), *letters.findings]
    for finding in findings:
        sys.stdout.write(f"needs attention: {finding}\n")
    return 1 if findings else 0


def _stores(settings: Settings) -> Report:
    """Look at the stores, or have the process do so that holds the embedded one."""
    try:
        require_store(settings)
        _require_metadata(settings)
        with looked_into_stores(settings) as stores:
            return examine(stores)
    except StoreLocked as locked:
        try:
            return Report(**json.loads(ask_server(settings.data_dir, "doctor", "")))
        except (BackendError, CallerError) as error:
            return Report(findings=[str(locked), str(error)])
    except (BackendError, ConfigurationError) as error:
        return Report(findings=[str(error)])


def _require_metadata(settings: Settings) -> None:
    """Raise `ConfigurationError` when the data directory lacks it: looking would make an empty one."""
    if settings.database_url is None and not (settings.data_dir / METADATA_FILE).exists():
        raise ConfigurationError(
            f"the store in {settings.data_dir} has no {METADATA_FILE}: restore it, or start the server,"
            " which makes an empty one"
        )


def examine_in(stores: Stores, checks: Sequence[Callable[[], None]], _argument: str) -> str:
    """Return the report of a running server on its stores, and on what keeps it from being ready, as JSON."""
    report = examine(stores)
    for check in checks:
        try:
            check()
        except BackendError as error:
            report.findings.append(f"the server is not ready: {error}")
    return json.dumps(asdict(report))


def examine(stores: Stores) -> Report:
    """Look at open stores; what does not answer keeps nothing else from being looked at."""
    report = Report()
    # This version cannot read what is in another one's tables.
    spans_are_current = _look(stores, report, _look_at_span_schema)
    metadata_is_current = _look(stores, report, _look_at_metadata_schema)
    _look(stores, report, _look_at_nodes)
    _look(stores, report, _look_at_metadata)
    if spans_are_current:
        _look(stores, report, _look_at_rollups)
    if metadata_is_current:
        _look(stores, report, _look_at_writing)
        _look(stores, report, _look_at_jobs)
        _look(stores, report, _look_at_collectors)
        _look(stores, report, _look_at_channels)
        _look(stores, report, _look_at_deletions)
        _look(stores, report, _look_at_prices)
    return report


def _look(stores: Stores, report: Report, look: Callable[[Stores, Report], None]) -> bool:
    """Return whether it found nothing."""
    before = len(report.findings)
    try:
        look(stores, report)
    except (BackendError, ConfigurationError) as error:
        report.failed(error)
        return False
    return len(report.findings) == before


def _look_at_span_schema(stores: Stores, report: Report) -> None:
    lacking = [f"{file.version:04}_{file.name}" for file in stores.spans.engine.lacking()]
    _tell_of_schema("span store", lacking, report)


def _look_at_metadata_schema(stores: Stores, report: Report) -> None:
    name = stores.metadata.url.get_backend_name()
    _tell_of_schema(f"metadata ({name})", lacking_revisions(stores.metadata), report)


def _tell_of_schema(store: str, lacking: Sequence[str], report: Report) -> None:
    if lacking:
        report.findings.append(
            f"{store}: migrations have not been run: {', '.join(lacking)};"
            " `sightline migrate` runs them, and so does each server at its start"
        )
    else:
        report.fine.append(f"{store}: open and migrated")


def _look_at_nodes(stores: Stores, report: Report) -> None:
    for node in node_conditions(stores.spans.engine):
        if isinstance(node, BackendError):
            report.failed(node)
            continue
        named = f"ClickHouse {node.name}" if node.name else "embedded ClickHouse"
        clock = f", clock {node.skew_s:+.1f} s" if node.name else ""
        parts = f"{node.fullest_partition} parts in the fullest day"
        report.fine.append(f"{named}: {node.version}, {_gib(node.free_bytes)} free{clock}, {parts}")
        report.findings.extend(f"{named}: {problem}" for problem in _problems(node))


def _problems(node: NodeCondition) -> Iterator[str]:
    if abs(node.skew_s) > _MAX_SKEW_S:
        yield f"its clock and ours are {abs(node.skew_s):.0f} seconds apart"
    if node.free_bytes < _LITTLE_SPACE:
        yield f"only {_gib(node.free_bytes)} are free on its disk"
    if node.fullest_partition > _MAX_PARTS:
        yield f"a partition has {node.fullest_partition} parts: merges do not keep up"
    if node.broken_parts:
        first, more = node.broken_parts[0], len(node.broken_parts) - 1
        yield (
            f"{first}{f' and {more} more' if more else ''} broke on its disk: unless a replica has it, or"
            " the power failed while it was merged, what it held is missing; restore a backup, then remove"
            " the folder"
        )
    if node.read_only_tables:
        yield f"it has lost Keeper, and takes nothing into {', '.join(node.read_only_tables)}"
    if node.replica_delay_s > _MAX_LAG_S:
        yield f"it is {node.replica_delay_s / 60:.0f} minutes behind other replicas"


def _look_at_metadata(stores: Stores, _report: Report) -> None:
    check_sqlite(stores.metadata)


def _look_at_writing(stores: Stores, _report: Report) -> None:
    """On a disk that is full metadata is read; all jobs fail, and cannot note there that they do."""
    lease = Leases(stores.metadata, new_holder())
    lease.acquire("doctor", timedelta(minutes=1))
    lease.release("doctor")


def _look_at_rollups(stores: Stores, report: Report) -> None:
    lag_s = oldest_mark_age_s(stores.spans.engine)
    if lag_s > _MAX_LAG_S:
        report.findings.append(
            f"rollups are {lag_s / 60:.0f} minutes behind: no worker refreshes them, or it does not keep up"
        )


def _look_at_jobs(stores: Stores, report: Report) -> None:
    for name, ago in expired_leases(stores.metadata):
        if ago > _ESSENTIAL_JOBS.get(name, timedelta.max):
            since = datetime.now(UTC) - ago
            report.findings.append(f"no worker does the job {name!r} since {since:%Y-%m-%d %H:%M} UTC")
    for job in failing_jobs(stores.metadata):
        host, process = job.holder.split("/")[:2]
        report.findings.append(
            f"the job {job.name!r} fails since {job.since:%Y-%m-%d %H:%M} UTC: {job.reason}; the log of"
            f" process {process} on {host} has more"
        )


def _look_at_collectors(stores: Stores, report: Report) -> None:
    now = SharedClock(stores.metadata)()
    for one in CollectorBacklogs(stores.metadata).all():
        waits = f"spans of {one.waiting_since:%Y-%m-%d %H:%M} UTC wait in the collector {one.collector}"
        if now - one.told_at > COUNTS_FOR:
            report.findings.append(f"{waits}, which tells nothing since {one.told_at:%H:%M}: start it again")
        elif now - one.waiting_since > _OLD_BACKLOG:
            report.findings.append(f"{waits}: its store does not keep up or is away")


def _look_at_channels(stores: Stores, report: Report) -> None:
    refusals = AlertOutbox(stores.metadata).refusals(datetime.now(UTC) - _REFUSALS_TOLD_FOR)
    for one in refusals[:_CHANNELS_SHOWN]:
        report.findings.append(
            f"the channel {one.channel!r} of project {one.project!r} takes no messages of alerts,"
            f" {one.messages} since {one.since:%Y-%m-%d %H:%M} UTC: {one.reason}"
        )
    if more := len(refusals[_CHANNELS_SHOWN:]):
        report.findings.append(f"{more} more channels do not take messages of alerts")


def _look_at_deletions(stores: Stores, report: Report) -> None:
    kept = DeletionRequests(stores.metadata, stores.spans.engine).open()
    last_due = datetime.now(UTC) - _LONGEST_DELETION
    for what, late in (
        ("have not been carried out", [one for one in kept if one.state == "waiting"]),
        ("have left rows on the disk", [one for one in kept if one.is_on_disk]),
    ):
        # Not of whom: what doctor prints is kept and sent around.
        since = [time for one in late if (time := one.done_at or one.requested_at) < last_due]
        if since:
            report.findings.append(
                f"{len(since)} requested deletions {what} since {min(since):%Y-%m-%d %H:%M} UTC: no worker"
                " does so, or its log says what it lacks"
            )


def _look_at_prices(stores: Stores, report: Report) -> None:
    stored = PriceStore(stores.metadata).catalogue()
    if stored is not None and datetime.now(UTC) - stored.fetched_at > _OLD_PRICES:
        report.findings.append(
            "the prices are of three months ago; `sightline prices update` gets the newest"
        )


def _journal(settings: Settings) -> Iterator[str]:
    try:
        since_ns = oldest_waiting_ns(CollectorConfig(settings.data_dir).journal_dir)
    except OSError as error:
        yield f"the journal cannot be read: {error}"
        since_ns = None
    if since_ns is not None:
        waited_s = time.time() - since_ns / 1e9
        if waited_s > _OLD_JOURNAL_S:
            yield f"the journal holds spans that have not been stored for {waited_s / 60:.0f} minutes"
    free = shutil.disk_usage(_existing(settings.data_dir)).free
    if free < _LITTLE_SPACE:
        yield f"only {_gib(free)} are free in {settings.data_dir}; the journal and the store need room"


def _dead_letters(settings: Settings) -> Report:
    """What a crash left unfinished was never acknowledged: nothing is missing, and nobody has to act."""
    report = Report()
    try:
        letters = list(DeadLetters(CollectorConfig(settings.data_dir).journal_dir / "dead-letters"))
    except OSError as error:
        return Report(findings=[f"what was set aside cannot be read: {error}"])
    for letter in letters[-_LETTERS_SHOWN:]:
        lines = report.findings if letter.acknowledged else report.fine
        again = f"; can be sent again to {letter.path}" if letter.path else ""
        lines.append(f"set aside in {letter.content} ({letter.size} bytes{again}): {letter.reason}")
    before = letters[:-_LETTERS_SHOWN]
    if before:
        lines = report.findings if any(letter.acknowledged for letter in before) else report.fine
        lines.append(f"{len(before)} more were set aside before")
    return report


def _existing(folder: Path) -> Path:
    return next(path for path in (folder, *folder.parents) if path.is_dir())


def _gib(size: int) -> str:
    return f"{size / 1024**3:.1f} GiB"
