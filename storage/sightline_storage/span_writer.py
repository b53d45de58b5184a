"""Span records → one block of columns → one durable insert."""

from collections.abc import Iterator, Sequence
from typing import Any

from sightline_storage.engine import Engine
from sightline_storage.rollups import mark_minutes
from sightline_storage.span_record import SpanRecord
from sightline_storage.span_table import RECORD_KEYS, column_of, default_of

_DAY_NS = 86_400_000_000_000
_PARTITIONS_AN_INSERT = 100  # the engine's own limit, which protects it from a part for each row


class EngineSpanWriter:
    """`contract.SpanWriter` on any engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._types: dict[str, str] = {}

    def write(self, records: Sequence[SpanRecord], *, token: str) -> None:
        """See `contract.SpanWriter.write`. An empty block does nothing."""
        if not records:
            return
        types = self._column_types()
        for number, part in enumerate(_of_few_partitions(records)):
            columns = to_columns(part)
            self._engine.insert(
                "spans",
                list(columns),
                [types[name] for name in columns],
                list(columns.values()),
                token=f"{token}+{number}" if number else token,
            )
        # After the spans, never before: a mark that is seen must find them. A crash in between is healed by
        # the journal, which writes the block again.
        starts = ((record["project"], record["start_ns"]) for record in records)
        mark_minutes(self._engine, starts, token=token)

    def _column_types(self) -> dict[str, str]:
        if not self._types:
            rows = self._engine.query("DESCRIBE TABLE spans", {})
            self._types = {str(row[0]): str(row[1]) for row in rows}
        return self._types


def _of_few_partitions(records: Sequence[SpanRecord]) -> Iterator[Sequence[SpanRecord]]:
    """Yield the records in one piece, unless they are of more projects and days than one insert may touch."""
    partitions = {(record["project"], record["start_ns"] // _DAY_NS) for record in records}
    if len(partitions) <= _PARTITIONS_AN_INSERT:
        yield records
        return
    ordered = sorted(partitions)
    for first in range(0, len(ordered), _PARTITIONS_AN_INSERT):
        chosen = set(ordered[first : first + _PARTITIONS_AN_INSERT])
        yield [record for record in records if (record["project"], record["start_ns"] // _DAY_NS) in chosen]


def to_columns(records: Sequence[SpanRecord]) -> dict[str, list[Any]]:
    """Return column → values, for the columns that say something; the engine fills in the others.

    Half of the columns concern few spans, and a column that is not sent costs nothing. Rows of the same keys
    stand together, as most records have one of a few sets of keys and are turned into columns at once.
    """
    rows_by_keys: dict[tuple[str, ...], list[Any]] = {}
    for record in records:
        rows_by_keys.setdefault(tuple(record), []).append(record.values())
    present = set().union(*rows_by_keys)
    columns: dict[str, list[Any]] = {key: [] for key in RECORD_KEYS if key in present}
    for keys, rows in rows_by_keys.items():
        values_of = dict(zip(keys, zip(*rows, strict=True), strict=True))
        for key, column in columns.items():
            column += values_of[key] if key in values_of else [default_of(key)] * len(rows)
    return {column_of(key): values for key, values in columns.items() if default_of(key) or any(values)}
