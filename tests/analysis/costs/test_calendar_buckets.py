from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sightline_analysis.costs.calendar_buckets import (
    UNITS,
    Unit,
    bucket_start,
    calendar_buckets,
    enclosing_bucket,
    load_zone,
    next_bucket_start,
    parse_month,
    previous_period,
)
from sightline_core.errors import CallerError
from sightline_core.time_range import TimeRange

# Each of these has had a strange clock: a date skipped, half-hour summer time, midnight repeated or skipped.
STRANGE_ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/Sao_Paulo",
    "America/Toronto",
    "Asia/Kolkata",
    "Asia/Beirut",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Africa/Casablanca",
]
instants = st.datetimes(datetime(1985, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC))
zones = st.sampled_from(STRANGE_ZONES).map(load_zone)
units = st.sampled_from(UNITS)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@settings(max_examples=300)
@given(instants, units, zones)
def test_every_instant_lies_in_exactly_one_bucket(instant: datetime, unit: Unit, zone_info: object) -> None:
    zone = load_zone(str(zone_info))
    start = bucket_start(instant, unit, zone)
    end = next_bucket_start(start, unit, zone)
    assert start <= instant < end
    assert bucket_start(start, unit, zone) == start
    assert bucket_start(end - timedelta(microseconds=1), unit, zone) == start
    assert bucket_start(end, unit, zone) == end


@given(instants, st.timedeltas(timedelta(minutes=1), timedelta(days=3)), units, zones)
def test_buckets_of_a_range_are_contiguous_and_cover_it(
    start: datetime, length: timedelta, unit: Unit, zone_info: object
) -> None:
    zone = load_zone(str(zone_info))
    buckets = calendar_buckets(TimeRange(start, start + length), unit, zone)
    assert buckets[0] <= start
    assert next_bucket_start(buckets[-1], unit, zone) >= start + length
    assert [next_bucket_start(bucket, unit, zone) for bucket in buckets[:-1]] == buckets[1:]


def test_a_day_in_berlin_has_23_or_25_hours_when_the_clock_changes() -> None:
    zone = load_zone("Europe/Berlin")
    spring = enclosing_bucket(utc("2026-03-29T12:00:00+00:00"), "day", zone)
    autumn = enclosing_bucket(utc("2026-10-25T12:00:00+00:00"), "day", zone)
    assert spring == TimeRange(utc("2026-03-28T23:00:00+00:00"), utc("2026-03-29T22:00:00+00:00"))
    assert autumn.duration == timedelta(hours=25)
    assert len(calendar_buckets(autumn, "hour", zone)) == 25


def test_a_date_that_a_country_skipped_has_no_bucket() -> None:
    zone = load_zone("Pacific/Apia")
    around = TimeRange(utc("2011-12-29T12:00:00+00:00"), utc("2011-12-31T12:00:00+00:00"))
    local_days = [
        bucket.astimezone(zone).date().isoformat() for bucket in calendar_buckets(around, "day", zone)
    ]
    assert local_days == ["2011-12-29", "2011-12-31", "2012-01-01"]


def test_an_hour_cut_by_a_half_hour_clock_change_becomes_two_buckets() -> None:
    zone = load_zone("Australia/Lord_Howe")
    change = utc("2026-04-04T15:00:00+00:00")
    assert bucket_start(change + timedelta(minutes=10), "hour", zone) == change
    assert next_bucket_start(change, "hour", zone) == change + timedelta(minutes=30)


def test_weeks_begin_on_monday_of_the_local_calendar() -> None:
    zone = load_zone("America/New_York")
    week = enclosing_bucket(utc("2026-11-02T03:00:00+00:00"), "week", zone)
    assert week.start == utc("2026-10-26T04:00:00+00:00")


@pytest.mark.parametrize(
    ("start", "end", "previous_start", "previous_end"),
    [
        ("2026-03-01", "2026-04-01", "2026-02-01", "2026-03-01"),
        ("2026-03-09", "2026-03-16", "2026-03-02", "2026-03-09"),
        ("2026-03-09", "2026-03-10", "2026-03-08", "2026-03-09"),
        ("2026-03-09", "2026-03-12", "2026-03-06", "2026-03-09"),
    ],
)
def test_a_calendar_unit_is_compared_with_the_unit_before(
    start: str, end: str, previous_start: str, previous_end: str
) -> None:
    period = TimeRange(utc(start + "T00:00+00:00"), utc(end + "T00:00+00:00"))
    expected = TimeRange(utc(previous_start + "T00:00+00:00"), utc(previous_end + "T00:00+00:00"))
    assert previous_period(period, load_zone("UTC")) == expected


def test_a_month_is_parsed_in_its_own_zone() -> None:
    assert parse_month("2026-10", load_zone("Europe/Berlin")) == TimeRange(
        utc("2026-09-30T22:00:00+00:00"), utc("2026-10-31T23:00:00+00:00")
    )


@pytest.mark.parametrize("text", ["2026-13", "october", "2026-10-01", "", "2026-1", "226-10", "٢٠٢٦-10"])
def test_a_month_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(CallerError, match="write it as 2026-10"):
        parse_month(text, load_zone("UTC"))


@pytest.mark.parametrize(
    "name",
    [
        "Mars/Olympus",
        "../../etc/passwd",
        "/etc/passwd",
        "",
        "\x00",
        "Europe",
        "a" * 5000,
        "localtime",
        "posixrules",
        "Factory",
        "right/Europe/Berlin",
    ],
)
def test_a_hostile_zone_name_is_refused(name: str) -> None:
    with pytest.raises(CallerError, match="unknown time zone"):
        load_zone(name)


def test_a_range_with_too_many_buckets_is_refused() -> None:
    with pytest.raises(CallerError, match="choose a larger unit"):
        calendar_buckets(
            TimeRange(utc("2000-01-01T00:00+00:00"), utc("2026-01-01T00:00+00:00")), "hour", load_zone("UTC")
        )
