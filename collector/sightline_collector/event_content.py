"""What a span's log events say → the span's record."""

import json
from collections.abc import Sequence
from typing import Any, cast

from sightline_collector.log_events import LogEvent
from sightline_collector.span_decoder import SpanDecoder
from sightline_semconv import gen_ai, marks, sightline
from sightline_semconv.dialects import Attributes
from sightline_semconv.dialects.event_messages import messages_of_events
from sightline_semconv.dialects.flattened import dump_json, parse_json
from sightline_storage.spans.span_record import SpanRecord


def add_events(
    decoder: SpanDecoder, record: SpanRecord, events: Sequence[LogEvent], *, had_more: bool = False
) -> bool:
    """Add, in place, what the record does not say yet; return whether it changed. Twice changes nothing.

    The span's own word wins over that of an event, and its own conversation is not mixed with events. Prices
    and findings of a record that says it all already stay what they were made since. `had_more` says that the
    span has events that were not held.
    """
    before = dict(record)
    columns = cast(dict[str, Any], record)
    columns["marks"] = list(record.get("marks", []))
    inputs, outputs = messages_of_events(event.fields for event in events)
    _add_messages(columns, "input", marks.INPUT_FROM_EVENTS, marks.INPUT_TRUNCATED, inputs)
    _add_messages(columns, "output", marks.OUTPUT_FROM_EVENTS, marks.OUTPUT_TRUNCATED, outputs)
    details: Attributes = {}
    for event in events:
        if event.name == gen_ai.INFERENCE_DETAILS_EVENT:
            details.update(event.fields)
    details.pop("event.name", None)
    if any(event.fields.get(sightline.MARKS) == [marks.INVALID_UTF8_REPLACED] for event in events):
        columns["marks"].append(marks.INVALID_UTF8_REPLACED)
    if had_more:
        columns["marks"].append(marks.EVENTS_DROPPED)
    decoder.complete(record, details)
    for column, mark in (("input", marks.INPUT_FROM_EVENTS), ("output", marks.OUTPUT_FROM_EVENTS)):
        if columns.get(column) and not before.get(column):
            columns["marks"].append(mark)
    if dict(record) == before:
        return False
    decoder.enrich(record)
    return True


def _add_messages(
    record: dict[str, Any], column: str, mark: str, cut_mark: str, messages: list[dict[str, Any]]
) -> None:
    known = parse_json(record.get(column, "")) or []
    # In what was cut, a message that is there cannot be told from a new one.
    is_closed = mark not in record["marks"] or cut_mark in record["marks"] or not isinstance(known, list)
    if known and is_closed:
        return
    there = set(map(_canonical, known))
    added = [message for message in messages if _canonical(message) not in there]
    if added:
        record[column] = dump_json([*known, *added])


def _canonical(message: Any) -> bytes:
    """Return a text that is the same for a message and for what it is once it was stored by `dump_json`."""
    return json.dumps(message, ensure_ascii=False, sort_keys=True, default=str).encode("utf-8", "replace")
