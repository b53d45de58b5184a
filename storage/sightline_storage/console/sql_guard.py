"""Makes SQL of a stranger safe: read into a tree, checked against what is allowed, written anew.

Nothing of the given text reaches the engine. The tree may hold only what `sql_grammar` lists; names are
plain; functions, types and tables are those of `sql_words`. Every table becomes a subquery with the columns
and rows that the caller may see. So it does not matter what the parser understands otherwise than the engine
(comments, quotes, nesting): the engine reads what was checked.
"""

import re
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, ClassVar, Final

from sqlglot import exp
from sqlglot.dialects.clickhouse import ClickHouse
from sqlglot.errors import SqlglotError
from sqlglot.parsers.clickhouse import ClickHouseParser
from sqlglot.tokenizer_core import TokenType

from sightline_core.ids import ProjectId
from sightline_storage.console.sql_grammar import PROJECT, RefusedSql, check_node, refuse
from sightline_storage.console.sql_words import TABLES

MAX_QUERY = 20_000
"""Characters of a query."""

# Nothing in the database has such a name, so a name that is used out of its scope finds nothing.
_CTE_PREFIX = "cte_"

_MAX_DEPTH = 100
_DEPTH: Final = {
    TokenType.L_PAREN: 1,
    TokenType.R_PAREN: -1,
    TokenType.L_BRACKET: 1,
    TokenType.R_BRACKET: -1,
    TokenType.CASE: 1,
    TokenType.END: -1,
}

_SPOKEN: Final = {
    r"^Required keyword.*": "something is missing",
    r"^Invalid expression.*": "not expected here",
    r" but got <.*": "",
}
"""What the parser says of its own classes and tokens → what it means."""


@dataclass(frozen=True, slots=True)
class GuardedSql:
    """SQL that was written here, and its bound values."""

    sql: str
    params: dict[str, Any]


class _Parser(ClickHouseParser):
    """ClickHouse's, but a function is a name with arguments: none is turned into another."""

    FUNCTIONS: ClassVar[dict[str, Any]] = {}
    FUNCTION_PARSERS: ClassVar[dict[str, Any]] = {"CAST": ClickHouseParser.FUNCTION_PARSERS["CAST"]}
    NO_PAREN_FUNCTIONS: ClassVar[dict[Any, Any]] = {}
    NO_PAREN_FUNCTION_PARSERS: ClassVar[dict[str, Any]] = {
        "CASE": ClickHouseParser.NO_PAREN_FUNCTION_PARSERS["CASE"]
    }


class _Dialect(ClickHouse):
    Parser = _Parser


def guard_sql(query: str, project: ProjectId) -> GuardedSql:
    """Return the query as it may run for the project; raises `RefusedSql`."""
    try:
        tree = _parse(query)
        for node in tree.walk():
            check_node(node)
        uses_tables = _replace_tables(tree)
        sql = tree.sql(dialect=_Dialect, identify=True, comments=False)
    except SqlglotError as error:
        raise RefusedSql(_message(error)) from error
    except RecursionError as error:
        raise RefusedSql("the query is nested too deeply") from error
    return GuardedSql(sql, {"project": project} if uses_tables else {})


def _parse(query: str) -> exp.Query:
    if len(query) > MAX_QUERY:
        raise RefusedSql(f"a query has at most {MAX_QUERY:,} characters")
    tokens = _Dialect().tokenize(query)
    # Anything else is a command, which the parser would take as plain text.
    if not tokens or tokens[0].token_type not in (TokenType.SELECT, TokenType.WITH, TokenType.L_PAREN):
        raise RefusedSql("only SELECT, or WITH … SELECT, runs here")
    depth = max(accumulate(_DEPTH.get(token.token_type, 0) for token in tokens))
    if depth > _MAX_DEPTH:
        raise RefusedSql("the query is nested too deeply")
    statements = [item for item in _Dialect().parser().parse(tokens, query) if item is not None]
    if len(statements) != 1:
        raise RefusedSql("one statement at a time")
    (tree,) = statements
    if not isinstance(tree, exp.Query):
        raise RefusedSql("only SELECT, or WITH … SELECT, runs here")
    return tree


def _message(error: SqlglotError) -> str:
    details = getattr(error, "errors", None)
    if not details:
        return "the query cannot be read: a quote or a comment does not end"
    first = details[0]
    word, fault = first["highlight"], first["description"]
    column = max(1, first["col"] - len(word) + 1)  # the parser counts to the end of the word
    for pattern, spoken in _SPOKEN.items():
        fault = re.sub(pattern, spoken, fault, flags=re.DOTALL)
    return f"line {first['line']}, column {column}, at {word[:60]!r}: {fault}"


def _replace_tables(tree: exp.Expr) -> bool:
    """Put what the caller may see in the place of every table; return whether there was one."""
    own = {cte.alias for cte in tree.find_all(exp.CTE) if not cte.args.get("scalar")}
    if own & TABLES.keys():
        refuse("a WITH must not have the name of a table")
    for cte in tree.find_all(exp.CTE):
        if not cte.args.get("scalar"):
            cte.set("alias", exp.TableAlias(this=exp.to_identifier(_CTE_PREFIX + cte.alias)))
    found = False
    for table in list(tree.find_all(exp.Table)):
        name, alias = table.name, exp.TableAlias(this=exp.to_identifier(table.alias or table.name))
        if name in own:
            table.replace(exp.Table(this=exp.to_identifier(_CTE_PREFIX + name), alias=alias))
        elif name in TABLES:
            table.replace(exp.Subquery(this=_visible(name), alias=alias))
            found = True
        else:
            refuse(f"there is no table {name!r}; there are {', '.join(TABLES)}")
    return found


def _visible(table: str) -> exp.Select:
    columns = ", ".join(TABLES[table])
    text = f"SELECT {columns} FROM {table} AS own FINAL WHERE own.{PROJECT} = {{project: String}}"
    visible = _Dialect().parse(text)[0]
    assert isinstance(visible, exp.Select)
    return visible
