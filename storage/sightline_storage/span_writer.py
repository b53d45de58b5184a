"""Span records → one block of columns → one durable insert."""

from collections.abc import Sequence
from typing import Any

from sightline_storage.engine import Engine
from sightline_storage.rollups import mark_minutes
from sightline_storage.span_record import SpanRecord
from sightline_storage.span_table import NONZERO_DEFAULTS, RECORD_KEYS, column_of, default_of


class EngineSpanWriter:
    """`contract.SpanWriter` on any engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._columns = [column_of(key) for key in RECORD_KEYS]
        self._types: list[str] | None = None

    def write(self, records: Sequence[SpanRecord], *, token: str) -> None:
        """See `contract.SpanWriter.write`. An empty block does nothing."""
        if not records:
            return
        self._engine.insert("spans", self._columns, self._column_types(), to_columns(records), token=token)
        # After the spans, never before: a mark that is seen must find them. A crash in between is healed by
        # the journal, which writes the block again.
        starts = ((record["project"], record["start_ns"]) for record in records)
        mark_minutes(self._engine, starts, token=token)

    def _column_types(self) -> list[str]:
        if self._types is None:
            rows = self._engine.query("DESCRIBE TABLE spans", {})
            types = {str(row[0]): str(row[1]) for row in rows}
            self._types = [types[name] for name in self._columns]
        return self._types


def to_columns(records: Sequence[SpanRecord]) -> list[list[Any]]:
    """Return one list for each of `RECORD_KEYS`, with the default where a record leaves a key out."""
    columns: list[list[Any]] = []
    for key in RECORD_KEYS:
        default = NONZERO_DEFAULTS.get(key)
        if default is None:
            default = default_of(key)
        columns.append([record.get(key, default) for record in records])
    return columns
