"""Read-only SQL over the project's own rows."""

from fastapi import APIRouter

from sightline_api.dependencies import Caller, Services
from sightline_api.sql_models import SqlAnswer, SqlColumnModel, SqlRequest, SqlTable, SqlTables
from sightline_storage.console.sql_words import TABLES

router = APIRouter(tags=["sql"])


@router.post("/sql")
def run_sql(services: Services, caller: Caller, request: SqlRequest) -> SqlAnswer:
    """Run one SELECT within limits of time, memory and rows; the answer says when rows were left out."""
    result = services.sql.run(caller.project, request.query, limit=request.limit)
    return SqlAnswer(
        columns=[SqlColumnModel(name=column.name, type=column.type) for column in result.columns],
        rows=result.rows,
        truncated=result.truncated,
        rows_read=result.rows_read,
        elapsed_s=result.elapsed_s,
    )


@router.get("/sql/tables")
def list_sql_tables(caller: Caller) -> SqlTables:
    """Return the tables and columns that a query may name."""
    return SqlTables(tables=[SqlTable(name=name, columns=list(columns)) for name, columns in TABLES.items()])
