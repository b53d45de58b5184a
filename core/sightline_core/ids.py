"""Typed ids. Trace and span ids are lower-case hex, as in W3C Trace Context (32 and 16 digits)."""

import re
from typing import NewType

ProjectId = NewType("ProjectId", str)
TraceId = NewType("TraceId", str)
SpanId = NewType("SpanId", str)

DEFAULT_PROJECT = ProjectId("default")
PROJECT_ID_PATTERN = "[a-z0-9_-]{1,64}"

_TRACE_ID = re.compile(r"[0-9a-f]{32}")
_SPAN_ID = re.compile(r"[0-9a-f]{16}")


def parse_trace_id(text: str) -> TraceId | None:
    """Return the id in lower case, or `None` when it is not 32 hex digits or all zero."""
    lowered = text.lower()
    return TraceId(lowered) if _TRACE_ID.fullmatch(lowered) and lowered.strip("0") else None


def parse_span_id(text: str) -> SpanId | None:
    """Return the id in lower case, or `None` when it is not 16 hex digits or all zero."""
    lowered = text.lower()
    return SpanId(lowered) if _SPAN_ID.fullmatch(lowered) and lowered.strip("0") else None
