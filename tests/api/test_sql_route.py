"""SQL over HTTP."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from tests.e2e.polling import until
from tests.made_spans import MakeSpan

from sightline_core.errors import CallerError, TooManyRequests
from sightline_core.ids import ProjectId
from sightline_storage import Store
from sightline_storage.console.sql_console import MAX_RUNNING, SqlConsole
from sightline_storage.console.sql_guard import MAX_QUERY


def test_a_query_answers_columns_and_rows(api: httpx.Client, store: Store, span: MakeSpan) -> None:
    store.writer.write([span(app=app) for app in ("a", "b", "b")], token="sql")
    query = "SELECT app, count() AS calls, max(cost_usd) AS cost, NULL FROM spans GROUP BY app ORDER BY app"
    answer = api.post("/sql", json={"query": query, "limit": 1}).json()
    assert answer["columns"][:3] == [
        {"name": "app", "type": "LowCardinality(String)"},
        {"name": "calls", "type": "UInt64"},
        {"name": "cost", "type": "Decimal(18, 12)"},
    ]
    assert answer["rows"] == [["a", "1", "0.000001000001", None]]
    assert answer["truncated"] is True
    assert answer["rows_read"] == 3


def test_what_does_not_run_is_a_problem_with_the_reason(api: httpx.Client) -> None:
    for query, reason in (
        ("SELECT * FROM system.users", "without a database"),
        ("SELECT 1 +", "line 1, column 10, at '+': something is missing"),
        ("SELECT 1\nFORM spans", "line 2, column 6, at 'spans': not expected here"),
        ("SELECT * FROM", "line 1, column 10, at 'FROM': Expected table name"),
        ("SELECT", "nothing to select"),
        ("SELECT app FROM spans GROUP BY", "nothing to group by"),
        ('SELECT * FROM spans WHERE app = "a-b"', "'a-b' is no name"),
        ("DROP TABLE spans", "only SELECT"),
        ("x" * (MAX_QUERY + 1), "characters"),
    ):
        answer = api.post("/sql", json={"query": query})
        assert answer.status_code == 400, query
        assert answer.headers["content-type"] == "application/problem+json"
        assert reason in answer.json()["detail"]
    # The engine repeats the query as it was rewritten, with what keeps it in its project.
    grouped = api.post("/sql", json={"query": "SELECT app FROM spans GROUP BY model"}).json()["detail"]
    assert grouped == "Column 'spans.app' is not under aggregate function and not in GROUP BY keys."


def test_the_tables_name_their_columns(api: httpx.Client) -> None:
    tables = {table["name"]: table["columns"] for table in api.get("/sql/tables").json()["tables"]}
    assert {"spans", "scores", "rollup_minute", "rollup_hour", "reprice_audit"} == set(tables)
    assert "cost_usd" in tables["spans"]
    assert "project" not in tables["spans"]


def test_a_caller_who_leaves_stops_the_query(
    api: httpx.Client, api_url: str, store: Store, span: MakeSpan, project: ProjectId
) -> None:
    store.writer.write([span() for _ in range(300)], token="left")
    hash_of_four = "cityHash64(a.span_id, b.span_id, c.span_id, d.span_id)"
    slow = f"SELECT count() FROM spans a, spans b, spans c, spans d WHERE {hash_of_four} = 1"
    running = (
        "SELECT count() FROM system.processes WHERE query LIKE '%cityHash64(%' AND query NOT LIKE '%LIKE%'"
    )

    async def ask_and_leave() -> None:
        headers = {"authorization": f"Bearer {project}"}
        async with httpx.AsyncClient(base_url=api_url, headers=headers, timeout=60) as caller:
            asked = asyncio.create_task(caller.post("/sql", json={"query": slow}))
            await asyncio.to_thread(until, lambda: store.engine.query(running, {})[0][0])
            asked.cancel()

    asyncio.run(ask_and_leave())
    until(lambda: store.engine.query(running, {}) == [(0,)])
    assert api.post("/sql", json={"query": "SELECT 1"}).json()["rows"] == [[1]]


def test_queries_over_the_number_that_may_run_are_told_to_come_back(
    store: Store, span: MakeSpan, project: ProjectId
) -> None:
    store.writer.write([span() for _ in range(300)], token="slow")
    console = SqlConsole(store.engine, max_seconds=5)
    hash_of_four = "sipHash64(a.span_id, b.span_id, c.span_id, d.span_id)"
    slow = f"SELECT count() FROM spans a, spans b, spans c, spans d WHERE {hash_of_four} = 1"

    def ask() -> None:
        with pytest.raises(CallerError, match="too long"):
            console.run(project, slow, limit=1)

    with ThreadPoolExecutor() as threads:
        running = [threads.submit(ask) for _ in range(MAX_RUNNING)]
        count = "SELECT count() FROM system.processes WHERE query LIKE '%sipHash64(%'"
        until(lambda: store.engine.query(count, {})[0][0] > MAX_RUNNING)  # the question itself is one
        with pytest.raises(TooManyRequests) as refusal:
            console.run(project, "SELECT 1", limit=1)
        # Another project has its turn all the same.
        assert console.run(ProjectId("neighbour"), "SELECT 1", limit=1).rows == [[1]]
        for answer in running:
            answer.result()
    assert refusal.value.retry_after_s > 0
    assert console.run(project, "SELECT 1", limit=1).rows == [[1]]
