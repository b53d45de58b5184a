"""From a SQLAlchemy statement to the text and the parameters that both engines take."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from clickhouse_connect.cc_sqlalchemy import types as ch
from clickhouse_connect.cc_sqlalchemy.dialect import ClickHouseDialect
from sqlalchemy import ColumnElement, Select, bindparam, func, literal, literal_column

_DIALECT = ClickHouseDialect(server_side_params=True)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Query:
    """SQL with `{name:Type}` placeholders, and their values. Nothing from a caller is ever in the text."""

    sql: str
    params: dict[str, Any]


def compile_query(statement: Select[Any]) -> Query:
    """Compile for ClickHouse; the text depends on the shape of the question only, not on the values."""
    compiled = statement.compile(dialect=_DIALECT)
    return Query(str(compiled), dict(compiled.params))


def nanos(name: str, value: int) -> ColumnElement[Any]:
    """Return a `DateTime64(9)` bound from nanoseconds since the epoch."""
    return func.fromUnixTimestamp64Nano(bindparam(name, value, ch.Int64), literal_column("'UTC'"))


def nanos_of(time: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a `DateTime64(9)` expression as nanoseconds since the epoch."""
    return func.toUnixTimestamp64Nano(time)


def to_ns(time: datetime) -> int:
    """Return nanoseconds since the epoch of an aware time, exactly."""
    return (time - _EPOCH) // timedelta(microseconds=1) * 1000


def text_list(name: str, values: list[str]) -> ColumnElement[Any]:
    """Return `Array(String)` bound to `values`."""
    return literal(values, ch.Array(ch.String)) if not name else bindparam(name, values, ch.Array(ch.String))
