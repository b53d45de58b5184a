"""A row of a table of metadata that may be there already."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Table, insert, update


def upsert(connection: Connection, table: Table, where: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Change the row with the key `where`, or insert it.

    Raises `IntegrityError` when another transaction inserts it at the same moment.
    """
    conditions = [table.c[name] == value for name, value in where.items()]
    if connection.execute(update(table).where(*conditions).values(values)).rowcount == 0:
        connection.execute(insert(table).values(**where, **values))
