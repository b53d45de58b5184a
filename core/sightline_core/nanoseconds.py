"""Times as OpenTelemetry has them: whole nanoseconds since 1970 in UTC, in 64 bits."""

from datetime import UTC, datetime, timedelta
from typing import Final

SECOND_NS: Final = 10**9
MINUTE_NS: Final = 60 * SECOND_NS
HOUR_NS: Final = 60 * MINUTE_NS
DAY_NS: Final = 24 * HOUR_NS

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def to_ns(time: datetime) -> int:
    """Return nanoseconds since the epoch of an aware time, exactly."""
    return (time - EPOCH) // timedelta(microseconds=1) * 1000


def time_of(nanoseconds: int) -> datetime:
    """Return the UTC time of nanoseconds since the epoch, to the microsecond."""
    return EPOCH + timedelta(microseconds=nanoseconds // 1000)
