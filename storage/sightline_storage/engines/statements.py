"""Running statements of SQLAlchemy on an engine."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select

from sightline_storage.engines.engine import Engine, Row
from sightline_storage.engines.sql import Query, compile_query, with_condition

T = TypeVar("T")


def run(engine: Engine, statement: Select[Any]) -> list[Row]:
    """Return all rows of a SELECT."""
    query = compile_query(statement)
    return engine.query(query.sql, query.params)


def run_whole(
    engine: Engine, build: Callable[[Sequence[T]], Select[Any]], items: Sequence[T], limit: int
) -> list[Row]:
    """Return the rows about all items; where that is as many as the statement's limit, by halves of them.

    An item that has as many alone is left out: what its rows lack could turn their meaning.
    """
    rows = run(engine, build(items))
    if len(rows) < limit:
        return rows
    middle = len(items) // 2
    halves = (items[:middle], items[middle:]) if middle else ()
    return [row for half in halves for row in run_whole(engine, build, half, limit)]


def insert_select(engine: Engine, table: str, columns: Sequence[str], statement: Select[Any]) -> None:
    """Insert the rows of a SELECT, whose columns go into `columns` of the table in this order."""
    query = compile_query(statement)
    engine.command(f"INSERT INTO {table} ({', '.join(columns)})\n{query.sql}", query.params)


class Prepared:
    """A SELECT that is asked often: it is built and compiled once, with values that do not matter."""

    def __init__(self, build: Callable[[], Select[Any]]) -> None:
        self._build = build

    @cached_property
    def _query(self) -> Query:
        return compile_query(self._build())

    def run(
        self, engine: Engine, values: Mapping[str, Any], condition: ColumnElement[bool] | None = None
    ) -> list[Row]:
        """Return all rows for the values of all parameters that differ from call to call, by name.

        Where the statement has an `OPEN_CONDITION`, `condition` is that.
        """
        if unknown := values.keys() - self._query.params.keys():
            raise KeyError(f"the statement has no parameters {sorted(unknown)}")
        query = self._query if condition is None else with_condition(self._query, condition)
        return engine.query(query.sql, query.params | dict(values))
