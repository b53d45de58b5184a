"""Leaving the database of the tests' PostgreSQL as it was found."""

from sqlalchemy import Connection, text


def empty_postgres(connection: Connection) -> None:
    """Drop all that was made in it."""
    connection.execute(text("DROP SCHEMA public CASCADE"))
    connection.execute(text("CREATE SCHEMA public"))
