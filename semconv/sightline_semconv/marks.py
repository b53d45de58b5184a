"""Marks: what the collector had to change or add so that a span could be stored. Shown beside the span."""

INPUT_TRUNCATED = "input_truncated"
OUTPUT_TRUNCATED = "output_truncated"
ATTRIBUTE_TRUNCATED = "attribute_truncated"
ATTRIBUTES_DROPPED = "attributes_dropped"
EVENTS_DROPPED = "events_dropped"
LINKS_DROPPED = "links_dropped"
INVALID_UTF8_REPLACED = "invalid_utf8_replaced"
NUL_REPLACED = "nul_replaced"
END_BEFORE_START = "end_before_start"
END_TIME_IMPLAUSIBLE = "end_time_implausible"
NO_END_TIME = "no_end_time"
NO_START_TIME = "no_start_time"
START_TIME_IMPLAUSIBLE = "start_time_implausible"
INPUT_FROM_EVENTS = "input_from_events"
OUTPUT_FROM_EVENTS = "output_from_events"

ALL = frozenset(
    {
        INPUT_TRUNCATED,
        OUTPUT_TRUNCATED,
        ATTRIBUTE_TRUNCATED,
        ATTRIBUTES_DROPPED,
        EVENTS_DROPPED,
        LINKS_DROPPED,
        INVALID_UTF8_REPLACED,
        NUL_REPLACED,
        END_BEFORE_START,
        END_TIME_IMPLAUSIBLE,
        NO_END_TIME,
        NO_START_TIME,
        START_TIME_IMPLAUSIBLE,
        INPUT_FROM_EVENTS,
        OUTPUT_FROM_EVENTS,
    }
)
