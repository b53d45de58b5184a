"""SQL of a caller: what runs, what is refused, and that no row of another project is ever seen."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.contract.sql_attacks import ATTACKS
from tests.contract.stopped_run import stop_a_run
from tests.made_spans import BASE_NS, MakeSpan

from sightline_core.errors import CallerError
from sightline_core.ids import ProjectId
from sightline_storage import Store
from sightline_storage.console.sql_console import SqlConsole
from sightline_storage.console.sql_words import TABLES

SECRET = "secret-of-the-neighbour"
NEIGHBOUR = ProjectId("neighbour")


@pytest.fixture(scope="module")
def console(store: Store) -> SqlConsole:
    """The console over a store in which a neighbour keeps a secret."""
    secret: dict[str, Any] = {
        "project": NEIGHBOUR,
        "trace_id": "e" * 32,
        "span_id": "e" * 16,
        "kind": "llm",
        "start_ns": BASE_NS,
        "ingested_ns": BASE_NS,
        **dict.fromkeys(("name", "app", "user", "session", "input", "output"), SECRET),
    }
    store.writer.write([secret], token="secret")  # type: ignore[list-item]
    return SqlConsole(store.engine)


def values(console: SqlConsole, project: ProjectId, query: str) -> list[list[Any]]:
    """The rows of the answer."""
    return console.run(project, query, limit=100).rows


def test_the_documented_columns_are_those_of_the_tables(store: Store) -> None:
    hidden = {"project", "is_deleted", "version", "duration", "time_to_first_token"}
    for table, columns in TABLES.items():
        described = {str(row[0]) for row in store.engine.query(f"DESCRIBE TABLE {table}", {})}
        assert described - set(columns) <= hidden
        assert set(columns) <= described


def test_questions_are_answered_with_exact_values(
    store: Store, console: SqlConsole, project: ProjectId, span: MakeSpan
) -> None:
    spans = [
        span(app=app, cost_usd=Decimal("0.000000000001"), tags=["a", "b"], attributes={"tenant": "acme"})
        for app in ("shop", "shop", "desk")
    ]
    store.writer.write(spans, token=project)
    result = console.run(
        project,
        "SELECT app, count() AS calls, sum(cost_usd) AS cost FROM spans"
        " WHERE start_time >= '2026-09-21' AND attributes['tenant'] = 'acme'"
        " GROUP BY app ORDER BY calls DESC",
        limit=10,
    )
    assert [column.name for column in result.columns] == ["app", "calls", "cost"]
    assert result.rows == [["shop", "2", "0.000000000002"], ["desk", "1", "0.000000000001"]]
    assert not result.truncated
    (row,) = values(
        console, project, "SELECT start_time, tags[1], tags[-1] FROM spans ORDER BY start_time LIMIT 1"
    )
    assert row == ["2026-09-21T14:13:20.001000000Z", "a", "b"]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM spans",
        "SELECT * EXCEPT (input) FROM spans AS s",
        "select s.app, uniq(trace_id), countIf(status = 'error') from spans s group by 1",
        "SELECT quantile(0.9)(duration_ns), quantilesIf(0.5, 0.9)(duration_ns, app = 'x') FROM spans",
        "WITH t AS (SELECT app FROM spans) SELECT a.app FROM t AS a JOIN t AS b ON a.app = b.app",
        "WITH 5 AS few SELECT few, app FROM spans",
        "SELECT app FROM spans WHERE trace_id IN (SELECT trace_id FROM scores WHERE name = 'x')",
        "SELECT * FROM spans AS s LEFT JOIN scores AS c ON s.trace_id = c.trace_id",
        "SELECT app FROM spans UNION ALL SELECT model FROM spans ORDER BY app LIMIT 3",
        "SELECT arrayJoin(tags) AS tag, count() FROM spans GROUP BY tag WITH ROLLUP",
        "SELECT tag FROM spans ARRAY JOIN tags AS tag",
        "SELECT toStartOfHour(bucket) AS hour, sum(calls) FROM rollup_minute GROUP BY hour ORDER BY hour",
        "SELECT app, sum(cost_usd) OVER (PARTITION BY app ORDER BY start_time) FROM spans",
        "SELECT arrayMap(x -> x + 1, [1, 2]), (1, 2).1, CAST(1 AS UInt8), 5 / 2, NOT 1, 'a' || 'b'",
        "SELECT CASE WHEN status = 'error' THEN 1 ELSE 0 END FROM spans LIMIT 1 BY app",
        "SELECT count(DISTINCT app), topK(3)(app), argMax(app, start_time) FROM spans HAVING count() > 0",
        "SELECT app FROM spans WHERE start_time > now() - INTERVAL 1 DAY AND app NOT IN ('a', 'b')",
        "SELECT arrayMap((x, y) -> x + y, [1], [2]), arrayFilter(x -> x > 1, [1, 2])",
        "SELECT app FROM spans ORDER BY start_time DESC NULLS LAST LIMIT 5 OFFSET 2",
        "SELECT (SELECT count() FROM spans), app -- a comment\n FROM spans /* another */",
        'SELECT "app", `name` FROM `spans`',
    ],
)
def test_ordinary_sql_runs(console: SqlConsole, project: ProjectId, query: str) -> None:
    console.run(project, query, limit=5)


@pytest.mark.parametrize("query", ATTACKS, ids=range(len(ATTACKS)))
def test_what_is_not_allowed_is_refused_with_a_reason(
    console: SqlConsole, project: ProjectId, query: str
) -> None:
    with pytest.raises(CallerError) as refusal:
        console.run(project, query, limit=10)
    assert 0 < len(str(refusal.value)) < 400
    assert SECRET not in str(refusal.value)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM spans",
        "SELECT * FROM spans WHERE 1 OR 1 = 1",
        "SELECT app FROM spans WHERE app != '' OR 'x' = 'x' UNION ALL SELECT input FROM spans",
        "SELECT input FROM spans AS a RIGHT JOIN spans AS b ON 1 = 1",
        "SELECT groupArray(input) FROM spans",
        "SELECT a.* FROM scores AS s FULL JOIN spans AS a ON a.trace_id = s.trace_id",
        "WITH 'neighbour' AS own SELECT * FROM spans",
        "SELECT * FROM spans AS own, spans AS spans",
        "WITH own AS (SELECT 'neighbour' AS x) SELECT * FROM spans, own",
        "SELECT app FROM rollup_minute UNION ALL SELECT app FROM rollup_hour",
        "SELECT toUInt8(user) FROM spans",
        "SELECT user FROM spans WHERE toUInt8(user) = 1",
        "SELECT user FROM spans WHERE toDateTime(input) > now() ORDER BY toUInt8(output)",
        "SELECT JSONExtractString(input, 'x') FROM spans WHERE match(input, 'secret')",
        "SELECT count() FROM spans HAVING count() = 0",
    ],
)
def test_no_row_of_another_project_is_seen_in_an_answer_or_an_error(
    console: SqlConsole, project: ProjectId, query: str
) -> None:
    try:
        shown = str(values(console, project, query))
    except CallerError as error:
        shown = str(error)
    assert SECRET not in shown


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("SELECT nope FROM spans", "nope"),
        ("SELECT sum(app) FROM spans", "sum"),
        ("SELECT app, count() FROM spans", "GROUP BY"),
        ("SELECT FROM", "line 1, column"),
        ("SELECT toUInt8('x')", "Cannot parse"),
        ("SELECT * FROM span", "there is no table 'span'"),
    ],
)
def test_a_mistake_is_told_without_what_is_around_it(
    console: SqlConsole, project: ProjectId, query: str, reason: str
) -> None:
    with pytest.raises(CallerError) as refusal:
        console.run(project, query, limit=10)
    assert reason in str(refusal.value)
    assert project not in str(refusal.value)
    assert "127.0.0.1" not in str(refusal.value)


def test_rows_over_the_limit_are_left_out_and_said(
    store: Store, console: SqlConsole, project: ProjectId, span: MakeSpan
) -> None:
    store.writer.write([span() for _ in range(5)], token=project)
    result = console.run(project, "SELECT span_id FROM spans ORDER BY span_id", limit=3)
    assert ([row[0][-1] for row in result.rows], result.truncated) == (["1", "2", "3"], True)
    result = console.run(project, "SELECT span_id FROM spans ORDER BY span_id LIMIT 2", limit=3)
    assert (len(result.rows), result.truncated) == (2, False)


def test_a_query_that_wants_too_much_is_stopped(
    store: Store, console: SqlConsole, project: ProjectId, span: MakeSpan
) -> None:
    store.writer.write([span(input="x" * 1000) for _ in range(300)], token=project)
    cross = "spans a, spans b, spans c, spans d"
    slow = f"SELECT count() FROM {cross} WHERE sipHash64(a.span_id, b.span_id, c.span_id, d.span_id) = 1"
    with pytest.raises(CallerError, match="too long"):
        SqlConsole(store.engine, max_seconds=1).run(project, slow, limit=1)
    for query, reason in (
        ("SELECT groupArray((a.input, b.input, c.input)) FROM spans a, spans b, spans c", "memory"),
        ("SELECT a.input, b.input FROM spans a, spans b", "larger"),
    ):
        with pytest.raises(CallerError, match=reason):
            SqlConsole(store.engine, max_seconds=60).run(project, query, limit=10_000)


def test_a_run_is_stopped_by_its_id(
    store: Store, console: SqlConsole, project: ProjectId, span: MakeSpan
) -> None:
    store.writer.write([span() for _ in range(300)], token=project)
    stop_a_run(SqlConsole(store.engine, max_seconds=600), project)


def test_limits_of_the_console_stay_with_the_console(
    store: Store, console: SqlConsole, project: ProjectId
) -> None:
    for _ in range(5):
        console.run(project, "SELECT 1", limit=1)
        assert len(store.engine.query("SELECT number FROM numbers(10)", {})) == 10


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40))
def test_any_text_between_quotes_is_that_text(console: SqlConsole, project: ProjectId, text: str) -> None:
    quoted = text.replace("\\", "\\\\").replace("'", "\\'")
    assert values(console, project, f"SELECT '{quoted}', length('{quoted}')") == [
        [text, str(len(text.encode()))]
    ]


VOCABULARY = r"""
SELECT * FROM spans scores trace_index system one system.one ( ) , WITH AS a b own UNION ALL IN NOT WHERE
project app input 'x' 'neighbour' = 1 JOIN ON ARRAY LEFT GROUP BY ORDER LIMIT FINAL -- /* */ ; ` " . [ ] -> ::
{ } SETTINGS FORMAT file( numbers( lower( hostName( arrayMap( x \ # $$
"""
WORDS = st.sampled_from(VOCABULARY.split())
STARTS = st.sampled_from(["SELECT * FROM spans", "SELECT app", "WITH", "(SELECT 1"])


@settings(
    max_examples=400,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(words=st.lists(WORDS, max_size=14), start=STARTS)
def test_words_in_any_order_are_answered_or_refused_and_show_nothing_of_others(
    console: SqlConsole, project: ProjectId, words: list[str], start: str
) -> None:
    try:
        shown = str(values(console, project, " ".join([start, *words])))
    except CallerError as error:
        shown = str(error)
    assert SECRET not in shown
