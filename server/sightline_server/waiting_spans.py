"""Since when spans wait to be stored: in this process, and in collectors that are processes of their own."""

import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from sightline_collector import Collector
from sightline_core.nanoseconds import time_of
from sightline_storage.metadata.collector_backlogs import CollectorBacklogs

_USUAL: Final = timedelta(seconds=5)
"""What waits for less is about to be stored."""


class WaitingSpans:
    """`tell` is for one thread, the rest for any. `backlogs` is None where no other process is."""

    def __init__(self, backlogs: CollectorBacklogs | None, data_dir: Path) -> None:
        self._backlogs = backlogs
        self._collector = f"{socket.gethostname()}:{data_dir.resolve()}"[-500:]
        self._since_here: Callable[[], datetime | None] | None = None
        self._may_be_told = True
        """Of an earlier process, too."""

    def watch(self, collector: Collector) -> None:
        """Count what waits in the journal of this process."""

        def since() -> datetime | None:
            since_ns = collector.backlog().since_ns
            return None if since_ns is None else time_of(since_ns)

        self._since_here = since

    def tell(self) -> None:
        """Tell other processes what waits here."""
        if self._backlogs is None or self._since_here is None:
            return
        since = self._since_here()
        waits_for = timedelta(0) if since is None else datetime.now(UTC) - since
        if waits_for > _USUAL:
            self._may_be_told = True
            self._backlogs.tell(self._collector, waits_for)
        elif self._may_be_told:
            self._backlogs.over(self._collector)
            self._may_be_told = False

    def since(self) -> datetime | None:
        """Return when the oldest span arrived that waits; None: none does."""
        here = None if self._since_here is None else self._since_here()
        elsewhere = None if self._backlogs is None else self._backlogs.waiting_since()
        return min((each for each in (here, elsewhere) if each is not None), default=None)
