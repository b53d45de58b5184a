"""Times as nanoseconds and back."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from sightline_core.nanoseconds import time_of, to_ns

_IN_64_BITS = st.datetimes(
    datetime(1700, 1, 1), datetime(2250, 1, 1), timezones=st.timezones() | st.just(UTC)
)


@given(_IN_64_BITS)
def test_a_time_survives_the_way_to_nanoseconds_and_back(time: datetime) -> None:
    assert time_of(to_ns(time)) == time.astimezone(UTC)


@given(st.integers(-(2**62), 2**62))
def test_what_is_below_a_microsecond_is_cut_off_downwards(nanoseconds: int) -> None:
    assert 0 <= nanoseconds - to_ns(time_of(nanoseconds)) < 1000
