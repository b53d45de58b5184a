"""Read-only SQL over the project's own rows."""

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Request
from fastapi.concurrency import run_in_threadpool

from sightline_api.dependencies import Caller, Services
from sightline_api.sql_models import SqlAnswer, SqlColumnModel, SqlRequest, SqlTable, SqlTables
from sightline_core.errors import BackendError
from sightline_storage.console.sql_console import SqlConsole
from sightline_storage.console.sql_words import TABLES

_STOP_AGAIN_S = 0.5

logger = logging.getLogger(__name__)

router = APIRouter(tags=["sql"])


async def _run_id(services: Services, request: Request) -> AsyncIterator[UUID]:
    """Name a run that ends when its caller leaves."""
    run_id = uuid4()
    watch = asyncio.create_task(_stop_when_left(request, services.sql, run_id))
    try:
        yield run_id
    finally:
        watch.cancel()


async def _stop_when_left(request: Request, console: SqlConsole, run_id: UUID) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
    try:
        while True:  # the run may have to wait for its turn at the engine
            await run_in_threadpool(console.stop, run_id)
            await asyncio.sleep(_STOP_AGAIN_S)
    except BackendError as error:
        logger.warning("a query that nobody waits for runs on", extra={"reason": str(error)})


@router.post("/sql")
def run_sql(
    services: Services,
    caller: Caller,
    request: SqlRequest,
    run_id: Annotated[UUID, Depends(_run_id, scope="function")],
) -> SqlAnswer:
    """Run one SELECT within limits of time, memory and rows; the answer says when rows were left out.

    A caller who closes the connection stops it.
    """
    result = services.sql.run(caller.project, request.query, limit=request.limit, run_id=run_id)
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
