"""Limits and paths of the collector."""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from sightline_core.ids import ProjectId
from sightline_core.limits import MAX_REQUEST_SPANS, IngestLimits


@dataclass(frozen=True, slots=True)
class Sampling:
    """Keep `rate` (0 < rate < 1) of the traces that neither failed nor were slow or costly, once quiet."""

    rate: float
    quiet_s: float
    slow_s: float
    costly_usd: Decimal


@dataclass(frozen=True, slots=True)
class CollectorConfig:
    """All sizes are bytes, all times seconds. The journal lives in `data_dir/journal`."""

    data_dir: Path
    max_journal: int = 4 * 1024 * 1024 * 1024
    segment_size: int = 64 * 1024 * 1024

    limits: IngestLimits = field(default_factory=IngestLimits)
    own_limits: Callable[[ProjectId], IngestLimits | None] = lambda _project: None
    """What holds for projects with limits of their own; None: `limits` do."""
    max_request_spans: int = MAX_REQUEST_SPANS
    max_events: int = 256
    max_links: int = 256

    max_age_days: int = 3 * 366
    max_future_s: int = 24 * 3600

    flush_spans: int = 8_192
    flush_size: int = 32 * 1024 * 1024
    flush_interval_s: float = 0.5
    drain_timeout_s: float = 10.0

    sampling: Sampling | None = None
    """`None` keeps every trace."""

    def limits_of(self, project: ProjectId) -> IngestLimits:
        """Return what a project may send now; it may change at any time."""
        return self.own_limits(project) or self.limits

    @property
    def journal_dir(self) -> Path:
        """Where segments, the checkpoint and dead letters are."""
        return self.data_dir / "journal"
