"""The only code that knows SQL: engines, the span writer, readers, metadata tables."""

from sightline_storage.config import StoreConfig
from sightline_storage.contract import (
    AppRow,
    CostTotals,
    SpanRow,
    SpanWriter,
    TokenTotals,
    TracePage,
    TraceReader,
    TraceRow,
)
from sightline_storage.spans.span_record import SpanRecord
from sightline_storage.store import Store, look_into_store, open_store

__all__ = [
    "AppRow",
    "CostTotals",
    "SpanRecord",
    "SpanRow",
    "SpanWriter",
    "Store",
    "StoreConfig",
    "TokenTotals",
    "TracePage",
    "TraceReader",
    "TraceRow",
    "look_into_store",
    "open_store",
]
