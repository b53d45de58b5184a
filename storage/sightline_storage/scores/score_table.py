"""The `scores` table for queries."""

from typing import Final

from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import Column, MetaData, Table

SCORES: Final = Table(
    "scores",
    MetaData(),
    Column("project", ch.String),
    Column("score_id", ch.String),
    Column("trace_id", ch.String),
    Column("span_id", ch.String),
    Column("session", ch.String),
    Column("name", ch.String),
    Column("source", ch.String),
    Column("author", ch.String),
    Column("value_type", ch.String),
    Column("number", ch.Float64),
    Column("text", ch.String),
    Column("comment", ch.String),
    Column("scored_at", ch.DateTime64(9, "UTC")),
    Column("is_deleted", ch.UInt8),
)
"""`number` is 0 or 1 of a boolean and 0 of a category or text; `text` is empty for the other two."""
