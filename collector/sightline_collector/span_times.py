"""Start and duration of a span whose clock may be wrong, missing or hostile."""

from sightline_collector.config import CollectorConfig
from sightline_core.nanoseconds import DAY_NS, SECOND_NS
from sightline_semconv import marks


def settle_times(
    start: int, end: int, received_ns: int, config: CollectorConfig
) -> tuple[int, int, list[str]]:
    """Return start and duration in nanoseconds, and marks for what had to change.

    A start outside of the accepted years would open a partition of its own (ADR 2). It is replaced by the end
    when that is plausible, else by the time of arrival, which `FirstArrivals` looks at again. An end that is
    too late is none: durations of centuries overflow where they are added up.
    """
    oldest = received_ns - config.max_age_days * DAY_NS
    newest = received_ns + config.max_future_s * SECOND_NS
    if oldest <= start <= newest:
        if end > newest:
            return start, 0, [marks.END_TIME_IMPLAUSIBLE]
        if end >= start:
            return start, end - start, []
        return start, 0, [marks.END_BEFORE_START if end else marks.NO_END_TIME]
    mark = marks.NO_START_TIME if start == 0 else marks.START_TIME_IMPLAUSIBLE
    if oldest <= end <= newest:
        return end, 0, [mark]
    return received_ns, (end - start if 0 < start < end <= start + DAY_NS else 0), [mark]
