"""Stored spans as tables: one row a span, the columns of `SpanRecord`, in CSV or Parquet.

What is not known is empty or null, where the store keeps a number in its place: sums of a column stay right.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, get_type_hints

import orjson

from sightline_api.csv_text import plain_cell
from sightline_core.nanoseconds import SECOND_NS
from sightline_storage.spans.span_record import SpanRecord
from sightline_storage.spans.span_table import COLUMN_OF_KEY, NONZERO_DEFAULTS, column_of

if TYPE_CHECKING:
    import pyarrow

_TYPES: dict[str, Any] = {key: kind for key, kind in get_type_hints(SpanRecord).items() if key != "project"}
_NOT_KNOWN = {
    "http_status": 0,
    "time_to_first_token_ns": 0,
    **{key: default for key, default in NONZERO_DEFAULTS.items() if default == -1},
}
_COSTS = frozenset({"cost_usd", "cost_input_usd", "cost_cached_usd", "cost_output_usd"})


def csv_table(pages: Iterable[list[SpanRecord]]) -> Iterator[bytes]:
    """Yield the header, then the rows of each page. Times are RFC 3339 in UTC, lists and maps are JSON."""
    yield _csv_lines([[column_of(key) for key in _TYPES]])
    for page in pages:
        yield _csv_lines([_csv_cell(key, value) for key, value in _values(record)] for record in page)


def _csv_lines(rows: Iterable[list[Any]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def _csv_cell(key: str, value: Any) -> Any:
    if key in COLUMN_OF_KEY:
        return time_text(value)
    if isinstance(value, str):
        return plain_cell(value)
    if isinstance(value, list | dict):
        return orjson.dumps(value).decode()
    return format(value, "f") if isinstance(value, Decimal) else value


def time_text(time_ns: int) -> str:
    """Return RFC 3339 in UTC with all nine digits."""
    seconds, nanoseconds = divmod(time_ns, SECOND_NS)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{nanoseconds:09}Z"


def _values(record: SpanRecord) -> Iterator[tuple[str, Any]]:
    columns: dict[str, Any] = dict(record)
    unknown = {key for key, value in _NOT_KNOWN.items() if columns[key] == value}
    if record["cost_state"] not in ("priced", "estimated"):
        unknown |= _COSTS
    return ((key, None if key in unknown else columns[key]) for key in _TYPES)


def parquet_table(pages: Iterable[list[SpanRecord]]) -> Iterator[bytes]:
    """Yield a Parquet file, one row group for each page. Times are nanoseconds with the zone UTC."""
    # Takes half a second, and few servers are ever asked for it.
    import pyarrow
    import pyarrow.parquet

    schema = _schema(pyarrow)
    sink = _Sink()
    with pyarrow.parquet.ParquetWriter(sink, schema, compression="zstd") as writer:
        for page in pages:
            rows = [{column_of(key): value for key, value in _values(record)} for record in page]
            writer.write_table(pyarrow.Table.from_pylist(rows, schema))
            yield sink.taken()
    yield sink.taken()


def _schema(arrow: Any) -> "pyarrow.Schema":
    text = arrow.string()
    types = {
        str: text,
        int: arrow.int64(),
        float: arrow.float64(),
        Decimal: arrow.decimal128(18, 12),
        list[str]: arrow.list_(text),
        dict[str, str]: arrow.map_(text, text),
        dict[str, float]: arrow.map_(text, arrow.float64()),
    }
    time = arrow.timestamp("ns", tz="UTC")
    return arrow.schema(
        [(column_of(key), time if key in COLUMN_OF_KEY else types[kind]) for key, kind in _TYPES.items()]
    )


class _Sink(io.RawIOBase):
    """Hands on what is written to it; only the position is kept."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._position = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def write(self, piece: Any) -> int:
        self._pieces.append(bytes(piece))
        self._position += len(self._pieces[-1])
        return len(self._pieces[-1])

    def taken(self) -> bytes:
        """Return what was written since the last time."""
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)
