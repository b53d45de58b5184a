"""The SQL that runs in the console: which kinds of node a tree may hold, and what each of them may say."""

import re
from collections.abc import Callable
from typing import Final, NoReturn

from sqlglot import exp

from sightline_core.errors import CallerError
from sightline_storage.console.sql_words import FUNCTIONS, TABLES, TYPES, UNITS

# Older analyzers let the alias of a WITH take the place of a column inside of subqueries, of ours too.
PROJECT = "project"

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}", re.ASCII)
_NUMBER = re.compile(r"\d{1,40}(\.\d{1,40})?([eE][+-]?\d{1,3})?", re.ASCII)


class RefusedSql(CallerError):
    """The query is not one that runs here; the message says what is in the way."""


_BINARY = ("this", "expression")
_QUERY = ("with_", "order", "limit", "offset")

_ALLOWED: Final[dict[type[exp.Expr], tuple[str, ...]]] = {
    exp.Select: (
        *_QUERY,
        "expressions",
        "from_",
        "joins",
        "where",
        "group",
        "having",
        "qualify",
        "windows",
        "distinct",
    ),
    exp.Union: (*_QUERY, *_BINARY, "distinct"),
    exp.Intersect: (*_QUERY, *_BINARY, "distinct"),
    exp.Except: (*_QUERY, *_BINARY, "distinct"),
    exp.Subquery: ("this", "alias"),
    exp.With: ("expressions",),
    exp.CTE: ("this", "alias", "scalar"),
    exp.From: ("this",),
    exp.Table: ("this", "alias"),
    exp.TableAlias: ("this",),
    exp.Join: ("this", "side", "kind", "on", "using"),
    exp.Where: ("this",),
    exp.Group: ("expressions", "rollup", "cube"),
    exp.Rollup: ("expressions",),
    exp.Cube: ("expressions",),
    exp.Having: ("this",),
    exp.Qualify: ("this",),
    exp.Order: ("expressions",),
    exp.Ordered: ("this", "desc", "nulls_first"),
    exp.Limit: ("expression", "expressions"),
    exp.Offset: ("expression",),
    exp.Distinct: ("expressions",),
    exp.Window: ("this", "partition_by", "order", "spec", "alias", "over"),
    exp.WindowSpec: ("kind", "start", "start_side", "end", "end_side"),
    exp.Identifier: ("this", "quoted"),
    exp.Column: ("this", "table"),
    exp.Alias: ("this", "alias"),
    exp.Star: ("except_",),
    exp.Literal: ("this", "is_string"),
    exp.Boolean: ("this",),
    exp.Null: (),
    exp.Paren: ("this",),
    exp.Tuple: ("expressions",),
    exp.Array: ("expressions",),
    exp.Bracket: ("this", "expressions"),
    exp.Dot: _BINARY,
    exp.Lambda: ("this", "expressions"),
    exp.Case: ("this", "ifs", "default"),
    exp.If: ("this", "true"),
    exp.Cast: ("this", "to"),
    exp.DataType: ("this", "expressions", "nested", "nullable"),
    exp.DataTypeParam: ("this",),
    exp.Interval: ("this", "unit"),
    exp.Var: ("this",),
    exp.Between: ("this", "low", "high"),
    exp.In: ("this", "expressions", "query"),
    exp.Anonymous: ("this", "expressions"),
    exp.AnonymousAggFunc: ("this", "expressions"),
    exp.CombinedAggFunc: ("this", "expressions"),
    exp.ParameterizedAgg: ("this", "expressions", "params"),
    exp.CombinedParameterizedAgg: ("this", "expressions", "params"),
    **dict.fromkeys((exp.Not, exp.Neg), ("this",)),
    **dict.fromkeys(
        (
            exp.And,
            exp.Or,
            exp.EQ,
            exp.NEQ,
            exp.GT,
            exp.GTE,
            exp.LT,
            exp.LTE,
            exp.Is,
            exp.Like,
            exp.ILike,
            exp.Add,
            exp.Sub,
            exp.Mul,
            exp.Div,
            exp.IntDiv,
            exp.Mod,
            exp.DPipe,
        ),
        (*_BINARY, "typed", "safe"),
    ),
}
"""Kind of node → arguments that it may have."""

_JOIN_SIDES = frozenset({"", "LEFT", "RIGHT", "FULL"})
_JOIN_KINDS = frozenset({"", "INNER", "CROSS", "OUTER", "ANY", "SEMI", "ANTI", "ASOF", "ARRAY", "ALL"})
_FRAME = frozenset({"", "ROWS", "RANGE", "UNBOUNDED", "CURRENT ROW", "PRECEDING", "FOLLOWING"})


def check_node(node: exp.Expr) -> None:
    """Raise `RefusedSql` when the node, or what it says by itself, is not allowed."""
    allowed = _ALLOWED.get(type(node))
    if allowed is None:
        refuse(f"{_spoken(node)} is not part of the SQL that runs here")
    for name, value in node.args.items():
        if value not in (None, False, "", []) and name not in allowed:
            if isinstance(node, exp.Table) and name in ("db", "catalog"):
                refuse(f"tables are named without a database here; there are {', '.join(TABLES)}")
            refuse(f"{name.strip('_').replace('_', ' ').upper()} is not possible in {_spoken(node)} here")
    check = _CHECKS.get(type(node))
    if check is not None:
        check(node)


def _spoken(node: exp.Expr) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(node).__name__).upper()


def refuse(reason: str) -> NoReturn:
    """Raise `RefusedSql`."""
    raise RefusedSql(reason)


def _check_name(node: exp.Expr) -> None:
    if not isinstance(node.this, str) or not _NAME.fullmatch(node.this):
        refuse(
            f"{str(node.this)[:100]!r} is no name: names are letters, digits and _, and do not begin with a"
            " digit; a text stands in single quotes"
        )
    if node.this.lower() == PROJECT:
        refuse(f"{PROJECT!r} is no name here: every row is of your own project")


def _check_select(node: exp.Expr) -> None:
    if not node.expressions:
        refuse("SELECT says nothing to select")


def _check_group(node: exp.Expr) -> None:
    if not any(node.args.get(name) for name in ("expressions", "rollup", "cube")):
        refuse("GROUP BY says nothing to group by")


def _check_table(node: exp.Expr) -> None:
    if not isinstance(node.this, exp.Identifier):
        refuse("table functions do not run here")


def _check_function(node: exp.Expr) -> None:
    # A quoted name comes as an identifier; no function of the list needs quotes.
    if not isinstance(node.this, str) or node.this.lower() not in FUNCTIONS:
        refuse(f"the function {node.name[:100]!r} does not run here")


def _check_literal(node: exp.Expr) -> None:
    if not node.args.get("is_string") and not _NUMBER.fullmatch(node.this):
        refuse("a number is digits with a fraction and an exponent")


def _check_in(node: exp.Expr) -> None:
    """A name after IN is a table for the engine, in parentheses too."""
    for item in node.expressions:
        plain = item
        while isinstance(plain, exp.Paren) or (isinstance(plain, exp.Tuple) and len(plain.expressions) == 1):
            plain = plain.this if isinstance(plain, exp.Paren) else plain.expressions[0]
        if isinstance(plain, exp.Column | exp.Identifier | exp.Dot):
            refuse("IN takes values or a subquery here, not a name")
    if not node.expressions and not isinstance(node.args.get("query"), exp.Subquery):
        refuse("IN takes values or a subquery here, not a name")


def _check_count(node: exp.Expr) -> None:
    value = node.args.get("expression")
    if not isinstance(value, exp.Literal) or not str(value.this).isdigit():
        refuse("LIMIT and OFFSET take a number")


def _check_join(node: exp.Expr) -> None:
    side, kind = (str(node.args.get(name) or "").upper() for name in ("side", "kind"))
    target = (exp.Column, exp.Alias) if kind == "ARRAY" else (exp.Table, exp.Subquery)
    if side not in _JOIN_SIDES or kind not in _JOIN_KINDS or not isinstance(node.this, target):
        refuse("this JOIN does not run here")


def _check_from(node: exp.Expr) -> None:
    if isinstance(node.this, exp.Final):
        refuse("leave FINAL out: rows are final already")
    if not isinstance(node.this, exp.Table | exp.Subquery):
        refuse("FROM takes a table or a subquery")


def _check_type(node: exp.Expr) -> None:
    if not isinstance(node.this, exp.DataType.Type) or node.this.name not in TYPES:
        refuse(f"a cast to {str(node.this)[:100]!r} does not run here")


def _check_unit(node: exp.Expr) -> None:
    if str(node.this).upper() not in UNITS:
        refuse(f"{str(node.this)[:100]!r} is no unit of time")


def _check_frame(node: exp.Expr) -> None:
    words = (node.args.get(name) for name in ("kind", "start", "start_side", "end", "end_side"))
    if any(isinstance(word, str) and word.upper() not in _FRAME for word in words):
        refuse("this window frame does not run here")


_CHECKS: Final[dict[type[exp.Expr], Callable[[exp.Expr], None]]] = {
    exp.Identifier: _check_name,
    exp.Select: _check_select,
    exp.Group: _check_group,
    exp.Table: _check_table,
    exp.Literal: _check_literal,
    exp.In: _check_in,
    exp.Limit: _check_count,
    exp.Offset: _check_count,
    exp.Join: _check_join,
    exp.From: _check_from,
    exp.DataType: _check_type,
    exp.Var: _check_unit,
    exp.WindowSpec: _check_frame,
    exp.Anonymous: _check_function,
    exp.AnonymousAggFunc: _check_function,
    exp.CombinedAggFunc: _check_function,
    exp.ParameterizedAgg: _check_function,
    exp.CombinedParameterizedAgg: _check_function,
}
