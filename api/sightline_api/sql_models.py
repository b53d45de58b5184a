"""Request and response of the SQL console."""

from pydantic import Field, JsonValue

from sightline_api.models import Model
from sightline_storage.console.sql_console import MAX_ROWS
from sightline_storage.console.sql_guard import MAX_QUERY


class SqlRequest(Model):
    """A query to run."""

    query: str = Field(
        min_length=1,
        max_length=MAX_QUERY,
        description="one SELECT in ClickHouse's SQL over spans, scores, reprice_audit and the two rollups",
    )
    limit: int = Field(1000, ge=1, le=MAX_ROWS, description="rows of the answer")


class SqlColumnModel(Model):
    """A column of the answer."""

    name: str
    type: str = Field(description="ClickHouse's name of the type")


class SqlAnswer(Model):
    """Rows in the order of `columns`. 64-bit integers and decimals are texts, times are RFC 3339."""

    columns: list[SqlColumnModel]
    rows: list[list[JsonValue]]
    truncated: bool = Field(description="there are more rows than `limit`")
    rows_read: int
    elapsed_s: float


class SqlTable(Model):
    """A table that queries may name."""

    name: str
    columns: list[str]


class SqlTables(Model):
    """The tables that queries may name; every row is of the caller's project."""

    tables: list[SqlTable]
