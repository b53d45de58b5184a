"""From a SQLAlchemy statement to the text and the parameters that both engines take."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from clickhouse_connect.cc_sqlalchemy import Lambda
from clickhouse_connect.cc_sqlalchemy import types as ch
from clickhouse_connect.cc_sqlalchemy.dialect import ClickHouseDialect
from clickhouse_connect.cc_sqlalchemy.sql.compiler import ChStatementCompiler
from sqlalchemy import ColumnElement, Select, and_, bindparam, func, literal_column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class _Compiler(ChStatementCompiler):
    """Keeps `FINAL` where it was said.

    The one of clickhouse-connect loses it in an aliased subquery, because it takes the alias of the subquery
    for one of the table, and hands it on to subqueries that did not ask for it.
    """

    _ch_from_modifiers: Any = None

    def visit_table(self, table: Any, *given: Any, **options: Any) -> Any:
        alias = options.get("enclosing_alias")
        if alias is not None and alias.element is not table:
            options["enclosing_alias"] = None
        return super().visit_table(table, *given, **options)  # type: ignore[no-untyped-call]

    def _compose_select_body(self, *given: Any, **options: Any) -> Any:
        outer, self._ch_from_modifiers = self._ch_from_modifiers, None
        try:
            return super()._compose_select_body(*given, **options)  # type: ignore[no-untyped-call]
        finally:
            self._ch_from_modifiers = outer


class _Dialect(ClickHouseDialect):
    statement_compiler = _Compiler


_DIALECT = _Dialect(server_side_params=True)
_PLACEHOLDER = re.compile(r"\{(\w+):([^{}]+)\}")
_OWN = "condition_"


@dataclass(frozen=True, slots=True)
class Query:
    """SQL with `{name:Type}` placeholders, and their values. Nothing from a caller is ever in the text."""

    sql: str
    params: dict[str, Any]


def compile_query(statement: Select[Any]) -> Query:
    """Compile for ClickHouse.

    The text depends on the shape of the question, and on which of its values without a name are equal. Each
    of those is sent once: a server takes a thousand fields, and a word is compared with a dozen columns.
    """
    return _compile(statement)


OPEN_CONDITION: ColumnElement[bool] = literal_column("open_condition")
"""Stands in a statement for a condition that `with_condition` puts there."""


def with_condition(query: Query, condition: ColumnElement[bool]) -> Query:
    """Return a compiled statement with the condition in place of `OPEN_CONDITION`.

    Compiling the condition alone takes a tenth of the time. Its parameters get names of their own.
    """
    own = _compile(condition)
    text = _PLACEHOLDER.sub(rf"{{{_OWN}\1:\2}}", own.sql)
    params = {f"{_OWN}{name}": value for name, value in own.params.items()}
    return Query(query.sql.replace(str(OPEN_CONDITION), f"({text})"), query.params | params)


def _compile(element: Select[Any] | ColumnElement[Any]) -> Query:
    compiled = element.compile(dialect=_DIALECT)
    nameless = {name for name, bound in compiled.binds.items() if bound.unique}
    params = dict(compiled.params)
    name_of_value: dict[tuple[str, str], str] = {}

    def share(match: re.Match[str]) -> str:
        name, type_ = match.groups()
        if name not in nameless:
            return match[0]
        kept = name_of_value.setdefault((type_, repr(params[name])), name)
        if kept != name:
            shared.add(name)
        return f"{{{kept}:{type_}}}"

    shared: set[str] = set()
    text = _PLACEHOLDER.sub(share, str(compiled))
    return Query(text, {name: value for name, value in params.items() if name not in shared})


def nanos(name: str, value: int) -> ColumnElement[Any]:
    """Return a `DateTime64(9)` bound from nanoseconds since the epoch."""
    return func.fromUnixTimestamp64Nano(bindparam(name, value, ch.Int64), literal_column("'UTC'"))


def nanos_of(time: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a `DateTime64(9)` expression as nanoseconds since the epoch."""
    return func.toUnixTimestamp64Nano(time)


def as_utc(time: datetime) -> datetime:
    """Return a time of the store in UTC; a naive one is UTC already."""
    # Some engine versions drop the zone of DateTime('UTC') on the way to Python.
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


def text_list(name: str, values: list[str]) -> ColumnElement[Any]:
    """Return `Array(String)` bound to `values`."""
    return bindparam(name, values, ch.Array(ch.String))


def lambda_of(parameters: Sequence[str], body: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a lambda for functions of arrays; `body` names the parameters with `name_of`."""
    made: ColumnElement[Any] = Lambda(list(parameters), body)  # type: ignore[no-untyped-call]
    return made


def name_of(name: str) -> ColumnElement[Any]:
    """Return a name of ours as it stands: a label, or a parameter of a lambda."""
    return literal_column(name)


def windows_with(
    moment: ColumnElement[Any], starts: ColumnElement[Any], ends: ColumnElement[Any]
) -> ColumnElement[Any]:
    """Return the numbers, from 1, of the half-open windows that a moment lies in: a row for each."""
    number = name_of("number")
    inside = and_(moment >= func.arrayElement(starts, number), moment < func.arrayElement(ends, number))
    return func.arrayJoin(func.arrayFilter(lambda_of(["number"], inside), func.arrayEnumerate(starts)))


class exact_quantiles(FunctionElement[Any]):
    """Return `[median, 95th percentile]` of an expression; a second one says how often each value counts."""

    inherit_cache = True
    name = "exact_quantiles"


@compiles(exact_quantiles)
def _compile_exact_quantiles(element: exact_quantiles, compiler: Any, **options: Any) -> str:
    return f"quantilesExactWeighted(0.5, 0.95)({compiler.process(element.clauses, **options)})"


def tuple_less(
    left: Sequence[ColumnElement[Any]], right: Sequence[ColumnElement[Any]]
) -> ColumnElement[bool]:
    """Return the condition that `left` comes before `right`, compared column by column."""
    return func.less(func.tuple(*left), func.tuple(*right))
