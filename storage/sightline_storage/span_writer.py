"""Span records → blocks of columns → one durable insert."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sightline_core.nanoseconds import DAY_NS, MINUTE_NS
from sightline_storage.engines.engine import Engine
from sightline_storage.engines.native_block import encode_block
from sightline_storage.rollups.rollup_refresh import mark_minutes, minutes_changing
from sightline_storage.spans.span_record import SpanRecord
from sightline_storage.spans.span_table import RECORD_KEYS, column_of, default_of

_PARTITIONS_AN_INSERT = 100  # the engine's own limit, which protects it from a part for each row


class EngineSpanWriter:
    """`contract.SpanWriter` on any engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._types: dict[str, str] = {}

    def write(self, records: Sequence[SpanRecord], *, token: str) -> None:
        """See `contract.SpanWriter.write`."""
        if not records:
            return
        block = self.block()
        block.add(records)
        with minutes_changing(self._engine, block.minutes, token=token):
            block.insert(token)

    def block(self) -> "EngineSpanBlock":
        """See `contract.SpanWriter.block`."""
        if not self._types:
            rows = self._engine.query("DESCRIBE TABLE spans", {})
            self._types = {str(row[0]): str(row[1]) for row in rows}
        return EngineSpanBlock(self._engine, self._types)


@dataclass(slots=True)
class _Insert:
    """Blocks in Native format, and the columns (as the keys of a dict) that any of them has."""

    columns: dict[str, None] = field(default_factory=dict)
    blocks: list[bytes] = field(default_factory=list)


class EngineSpanBlock:
    """`contract.SpanBlock` on any engine. Spans are kept as the engine will read them."""

    def __init__(self, engine: Engine, types: Mapping[str, str]) -> None:
        self._engine = engine
        self._types = types
        self.minutes: set[tuple[str, int]] = set()
        self._insert_of_day: dict[tuple[str, int], int] = {}
        self._inserts: dict[int, _Insert] = {}

    def add(self, records: Sequence[SpanRecord]) -> None:
        """See `contract.SpanBlock.add`."""
        encoded: list[tuple[int, list[str], bytes]] = []
        minutes = {(record["project"], record["start_ns"] // MINUTE_NS * MINUTE_NS) for record in records}
        for number, chosen in self._by_insert(records, minutes):
            columns = to_columns(chosen)
            encoded.append((number, list(columns), encode_block(columns, self._types)))
        self.minutes |= minutes
        for number, names, block in encoded:
            insert = self._inserts.setdefault(number, _Insert())
            insert.columns.update(dict.fromkeys(names))
            insert.blocks.append(block)

    def store(self, *, token: str) -> None:
        """See `contract.SpanBlock.store`."""
        self.insert(token)
        # After the spans, never before: a mark that is seen must find them. A crash in between is healed by
        # the journal, which writes the block again.
        if self.minutes:
            mark_minutes(self._engine, self.minutes, token=token)

    def insert(self, token: str) -> None:
        """Store the spans and leave it to the caller to mark their minutes."""
        for number, insert in self._inserts.items():
            name = f"{token}+{number}" if number else token
            self._engine.insert("spans", list(insert.columns), insert.blocks, token=name)

    def _by_insert(
        self, records: Sequence[SpanRecord], minutes: set[tuple[str, int]]
    ) -> Iterator[tuple[int, Sequence[SpanRecord]]]:
        """Yield the records by the number of their insert.

        That is one, unless the whole block is of more projects and days than an insert may touch.
        """
        of_day = self._insert_of_day
        days = sorted({(project, start_ns // DAY_NS) for project, start_ns in minutes})
        for day in days:
            of_day.setdefault(day, len(of_day) // _PARTITIONS_AN_INSERT)
        numbers = sorted({of_day[day] for day in days})
        if len(numbers) == 1:
            yield numbers[0], records
            return
        for number in numbers:
            yield (
                number,
                [r for r in records if of_day[r["project"], r["start_ns"] // DAY_NS] == number],
            )


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
