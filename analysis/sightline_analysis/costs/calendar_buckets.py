"""Calendar buckets in an IANA time zone: every instant is in exactly one hour, day, week and month.

All instants in and out are aware UTC datetimes; only the cutting follows the local clock. Weeks begin on
Monday (ISO 8601). Around clock changes a local day has 23 or 25 hours, a skipped day (Samoa, 30 December
2011) has no bucket, and an hour that is cut by a change in its middle (Lord Howe) becomes two.
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Literal, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sightline_core.errors import CallerError
from sightline_core.nanoseconds import EPOCH
from sightline_core.time_range import TimeRange

Unit = Literal["hour", "day", "week", "month"]
UNITS: tuple[Unit, ...] = get_args(Unit)

MAX_BUCKETS = 10_000

_MONTH = re.compile("([0-9]{4})-(0[1-9]|1[0-2])")
_BESIDE_ZONES = re.compile("localtime|posixrules|Factory|(posix|right)/.*", re.DOTALL)
"""Files that lie beside those of the IANA database, or copies of it."""

_HOUR = timedelta(hours=1)
_FIRST_YEAR, _LAST_YEAR = 1971, 2099


def load_zone(name: str) -> ZoneInfo:
    """Return the zone; `CallerError` when the name is not one of the IANA database."""
    unknown = CallerError(f"unknown time zone {name!r}; give an IANA name such as Europe/Berlin")
    if _BESIDE_ZONES.fullmatch(name):
        raise unknown
    try:
        return ZoneInfo(name)
    # ZoneInfo opens files by name: a hostile name raises whatever the file system answers.
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise unknown from error


def bucket_start(instant: datetime, unit: Unit, zone: ZoneInfo) -> datetime:
    """Return the start (UTC) of the bucket that `instant` lies in."""
    if unit == "hour":
        return _hour_start(instant, zone)
    first = _first_day(instant.astimezone(zone).date(), unit)
    start, following = _midnight(first, zone), _midnight(_next_first_day(first, unit), zone)
    # Where the clock was set back over midnight, the evening is repeated after the new day has begun.
    return following if following <= instant.astimezone(UTC) else start


def next_bucket_start(start: datetime, unit: Unit, zone: ZoneInfo) -> datetime:
    """Return the start (UTC) of the bucket after the one at `start`; always later than `start`."""
    if unit == "hour":
        return _hour_end(start, zone)
    first = _first_day(start.astimezone(zone).date(), unit)
    following = start
    while following <= start:
        first = _next_first_day(first, unit)
        following = _midnight(first, zone)
    return following


def calendar_buckets(time_range: TimeRange, unit: Unit, zone: ZoneInfo) -> list[datetime]:
    """Return the starts of all buckets that touch the range, oldest first.

    The first may begin before the range and the last end after it. `CallerError` over `MAX_BUCKETS`.
    """
    starts: list[datetime] = []
    for start in _walk(bucket_start(time_range.start, unit, zone), unit, zone):
        if start >= time_range.end:
            return starts
        if len(starts) == MAX_BUCKETS:
            raise CallerError(
                f"the range has more than {MAX_BUCKETS} buckets of one {unit}; choose a larger unit"
            )
        starts.append(start)
    return starts


def enclosing_bucket(instant: datetime, unit: Unit, zone: ZoneInfo) -> TimeRange:
    """Return the whole bucket that `instant` lies in, for example its calendar month."""
    start = bucket_start(instant, unit, zone)
    return TimeRange(start, next_bucket_start(start, unit, zone))


def previous_period(time_range: TimeRange, zone: ZoneInfo) -> TimeRange:
    """Return the period to compare with: the calendar unit before, else the same length directly before.

    A range that is exactly one local day, week or month is compared with the whole day, week or month before
    it, though that may have another length.
    """
    units: tuple[Unit, ...] = ("month", "week", "day")
    for unit in units:
        if enclosing_bucket(time_range.start, unit, zone) == time_range:
            return enclosing_bucket(time_range.start - timedelta(seconds=1), unit, zone)
    return TimeRange(max(time_range.start - time_range.duration, EPOCH), time_range.start)


def parse_month(text: str, zone: ZoneInfo) -> TimeRange:
    """Return the calendar month named as `2026-10`; `CallerError` for anything else.

    The store counts seconds since 1970 in 32 bits: months that it cannot hold are no months to it.
    """
    match = _MONTH.fullmatch(text)
    if match is None:
        raise CallerError(f"{text!r} is not a month; write it as 2026-10")
    year, month = map(int, match.groups())
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise CallerError(f"{text!r} is not between {_FIRST_YEAR} and {_LAST_YEAR}")
    first = date(year, month, 1)
    return TimeRange(_midnight(first, zone), _midnight(_next_first_day(first, "month"), zone))


def _walk(start: datetime, unit: Unit, zone: ZoneInfo) -> Iterator[datetime]:
    while True:
        yield start
        start = next_bucket_start(start, unit, zone)


def _first_day(day: date, unit: Unit) -> date:
    if unit == "month":
        return day.replace(day=1)
    return day - timedelta(days=day.weekday()) if unit == "week" else day


def _next_first_day(first: date, unit: Unit) -> date:
    if unit == "month":
        return (first + timedelta(days=31)).replace(day=1)
    return first + timedelta(days=7 if unit == "week" else 1)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    # fold=0: the first midnight when it happens twice; when it is skipped, the instant of the skip.
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def _hour_start(instant: datetime, zone: ZoneInfo) -> datetime:
    local = instant.astimezone(zone)
    utc = instant.astimezone(UTC)
    into_hour = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    floor = utc - into_hour
    change = _clock_change(floor, utc, zone)
    return floor if change is None else change


def _hour_end(start: datetime, zone: ZoneInfo) -> datetime:
    local = start.astimezone(zone)
    into_hour = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    end = start.astimezone(UTC) - into_hour + _HOUR
    change = _clock_change(start.astimezone(UTC), end, zone)
    return end if change is None else change


def _clock_change(low: datetime, high: datetime, zone: ZoneInfo) -> datetime | None:
    """Return the first instant in (low, high] with another UTC offset than `low`, if any."""
    offset = low.astimezone(zone).utcoffset()
    if high.astimezone(zone).utcoffset() == offset:
        return None
    while high - low > timedelta(microseconds=1):
        middle = low + (high - low) / 2
        if middle.astimezone(zone).utcoffset() == offset:
            low = middle
        else:
            high = middle
    return high
