"""Repeated calls whose spans met in the store only: before a restart, or through different processes."""

import uuid
from datetime import datetime, timedelta

from sightline_collector.repeated_calls import RepeatedCalls
from sightline_core.time_range import TimeRange
from sightline_storage.contract import SpanWriter
from sightline_storage.repeated_call_reader import RepeatedCallReader
from sightline_storage.span_lookup import SpanLookup
from sightline_storage.span_record import SpanRecord
from sightline_storage.sql import to_ns

LOOK_BACK = timedelta(minutes=20)
_AHEAD = timedelta(minutes=1)


def settle_stored_calls(
    reader: RepeatedCallReader, spans: SpanLookup, writer: SpanWriter, now: datetime
) -> int:
    """Let each call that started lately count on one span only; return how many spans were written again.

    Safe to repeat and to be cut off: what is settled is no longer found.
    """
    changed: list[SpanRecord] = []
    for project, trace_ids in reader.find_traces(TimeRange(now - LOOK_BACK, now + _AHEAD)).items():
        lines = reader.read_lines(project, trace_ids)
        counted = [line for line in lines if line["counted"]]
        RepeatedCalls().mark(lines)
        repeats = [(line["trace_id"], line["span_id"]) for line in counted if not line["counted"]]
        for record in spans.find(project, repeats):
            version = max(to_ns(now), record["ingested_ns"] + 1)
            changed.append({**record, "counted": 0, "ingested_ns": version})
    if changed:
        writer.write(changed, token=f"repeated-{uuid.uuid4().hex}")
    return len(changed)
