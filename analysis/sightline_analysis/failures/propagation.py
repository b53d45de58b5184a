"""Which failing spans of a trace are causes, and which only carry a deeper span's failure upwards."""

from collections.abc import Mapping, Sequence

from sightline_analysis.failures.masking import mask
from sightline_semconv.failure_category import FailureCategory
from sightline_storage.spans.span_record import SpanRecord

_MAX_DEPTH = 10_000
_UNREADABLE = frozenset(
    {
        FailureCategory.INVALID_JSON,
        FailureCategory.TRUNCATION,
        FailureCategory.EMPTY_OUTPUT,
        FailureCategory.REFUSAL,
    }
)
"""Answers of a model that whoever parses them cannot parse."""


def find_carriers(records: Sequence[SpanRecord]) -> dict[str, str]:
    """Return the failing spans of one trace that are no cause themselves → the root that each carries.

    Needs `span_id`, `parent_span_id` and the `failure_*` keys; spans may come in any order, in part, and with
    parents that are missing or form a cycle. A failing ancestor carries a failing descendant when it says the
    same (same template, or its message holds the descendant's), when it says nothing of its own, or when it
    could not read an answer that was found to be unreadable. An ancestor that fails for another reason is a
    root itself, as is a descendant whose error was handled.
    """
    by_id = {record.get("span_id", ""): record for record in records}
    failing = [record for record in records if record.get("failure_category")]
    carried: dict[str, str] = {}
    for record in sorted(
        failing, key=lambda r: (-_depth(r, by_id), r.get("start_ns", 0), r.get("span_id", ""))
    ):
        span_id = record.get("span_id", "")
        root_id = carried.get(span_id, span_id)
        seen = {span_id}
        parent = by_id.get(record.get("parent_span_id", ""))
        while parent is not None and (parent_id := parent.get("span_id", "")) not in seen:
            seen.add(parent_id)
            if (
                parent_id != root_id
                and parent_id not in carried
                and parent.get("failure_category")
                and _carries(parent, by_id[root_id])
            ):
                carried[parent_id] = root_id
            parent = by_id.get(parent.get("parent_span_id", ""))
    return carried


def _depth(record: SpanRecord, by_id: Mapping[str, SpanRecord]) -> int:
    depth, seen = 0, {record.get("span_id", "")}
    parent = by_id.get(record.get("parent_span_id", ""))
    while parent is not None and parent.get("span_id", "") not in seen and depth < _MAX_DEPTH:
        depth += 1
        seen.add(parent.get("span_id", ""))
        parent = by_id.get(parent.get("parent_span_id", ""))
    return depth


def _carries(ancestor: SpanRecord, root: SpanRecord) -> bool:
    if ancestor.get("failure_fingerprint") == root.get("failure_fingerprint"):
        return True
    if (
        ancestor.get("failure_category") == FailureCategory.INVALID_JSON
        and root.get("failure_category") in _UNREADABLE
    ):
        return True
    outer, inner = ancestor.get("failure_message", ""), root.get("failure_message", "")
    if not outer or outer.endswith("ended with status error") or outer == ancestor.get("error_type"):
        return True
    return bool(inner) and (inner in outer or mask(inner) == mask(outer))
