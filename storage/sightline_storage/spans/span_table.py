"""The `spans` table for queries, derived from `SpanRecord` so that columns are listed once in Python.

The types here are what comparisons need (a bound text, number, time …); the exact types of the stored columns
are in the DDL, and the writer asks the engine for them.
"""

import struct
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final, Literal, cast, get_type_hints

from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import Column, MetaData, Table
from sqlalchemy.sql.type_api import TypeEngine

from sightline_storage.spans.span_record import SpanRecord

COLUMN_OF_KEY: Final = {"start_ns": "start_time", "ingested_ns": "ingested_at"}
"""Record keys whose column has another name, because the column is a `DateTime64(9)`."""

NONZERO_DEFAULTS: Final[dict[str, Any]] = {
    "output_valid": -1,
    "counted": 1,
    "cost_state": "none",
    "emitter_cost_usd": Decimal(-1),
    "cache_hit": -1,
    "retrieved_count": -1,
    "sample_weight": 1.0,
}
"""Sentinels of keys that are left out; all other keys default to an empty value."""

_QUERY_TYPES: Final[dict[Any, Any]] = {
    str: ch.String,
    int: ch.Int64,
    float: ch.Float64,
    Decimal: ch.Decimal(18, 12),
    list[str]: ch.Array(ch.String),
    dict[str, str]: ch.Map(ch.String, ch.String),
    dict[str, float]: ch.Map(ch.String, ch.Float64),
}

_SINGLE_PRECISION: Final[tuple[Literal["cache_similarity", "guardrail_score"], ...]] = (
    "cache_similarity",
    "guardrail_score",
)
"""What emitters measured and the store keeps in 32 bits."""

_KEY_TYPES: Final = get_type_hints(SpanRecord)

RECORD_KEYS: Final[tuple[str, ...]] = tuple(_KEY_TYPES)


def record_of(row: Sequence[Any]) -> SpanRecord:
    """Return the record whose values, in the order of `RECORD_KEYS`, are a row."""
    record = cast(SpanRecord, dict(zip(RECORD_KEYS, row, strict=True)))
    for key in _SINGLE_PRECISION:
        if record[key]:
            record[key] = _shortest(record[key])
    return record


def _shortest(number: float) -> float:
    """Return the number of the fewest digits that 32 bits hold as this one: 0.93 of 0.9300000071525574."""
    stored = struct.pack("f", number)
    shorter = (float(f"{number:.{digits}g}") for digits in (7, 8, 9))
    return next((each for each in shorter if struct.pack("f", each) == stored), number)


def column_of(key: str) -> str:
    """Return the column that holds a record key."""
    return COLUMN_OF_KEY.get(key, key)


def default_of(key: str) -> Any:
    """Return a fresh value for a key that a record leaves out."""
    return NONZERO_DEFAULTS[key] if key in NONZERO_DEFAULTS else _KEY_TYPES[key]()


def _query_type(key: str) -> "TypeEngine[Any]":
    return ch.DateTime64(9, "UTC") if key in COLUMN_OF_KEY else _QUERY_TYPES[_KEY_TYPES[key]]


SPANS: Final = Table(
    "spans",
    MetaData(),
    *(Column(column_of(key), _query_type(key)) for key in RECORD_KEYS),
    Column("is_deleted", ch.UInt8),
)
