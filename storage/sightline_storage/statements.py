"""Running statements of SQLAlchemy on an engine."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select

from sightline_storage.engine import Engine, Row
from sightline_storage.sql import compile_query


def run(engine: Engine, statement: Select[Any]) -> list[Row]:
    """Return all rows of a SELECT."""
    query = compile_query(statement)
    return engine.query(query.sql, query.params)


def insert_select(engine: Engine, table: str, columns: Sequence[str], statement: Select[Any]) -> None:
    """Insert the rows of a SELECT, whose columns go into `columns` of the table in this order."""
    query = compile_query(statement)
    engine.command(f"INSERT INTO {table} ({', '.join(columns)})\n{query.sql}", query.params)
