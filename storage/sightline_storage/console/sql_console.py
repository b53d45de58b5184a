"""Runs SQL of a caller over the caller's own rows, within limits."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID, uuid4

import orjson
from clickhouse_connect.driver.exceptions import ClickHouseError

from sightline_core.errors import BackendError, CallerError, TooManyRequests
from sightline_core.fair_slots import FairSlots
from sightline_core.ids import ProjectId
from sightline_storage.console.sql_guard import guard_sql
from sightline_storage.engines.engine import Engine

MAX_ROWS = 10_000
MAX_SECONDS = 10
MAX_MEMORY = 512 * 1024 * 1024
MAX_RESULT = 16 * 1024 * 1024
MAX_RUNNING = 2
"""Queries at once in one process: the embedded engine shares its readers with the page."""

_OF_OTHERS = 1
"""One more of a project that runs none."""

_SETTINGS: Final = {
    "readonly": 2,  # 1 would refuse the settings that follow; the query itself cannot change any
    "max_memory_usage": MAX_MEMORY,
    "max_result_bytes": MAX_RESULT,
    "max_threads": 2,
    "allow_experimental_analyzer": 1,
    "distributed_product_mode": "global",
    "output_format_json_quote_64bit_integers": 1,
    "output_format_json_quote_decimals": 1,
    "output_format_json_quote_denormals": 0,
    "date_time_output_format": "iso",
}

_STOP: Final = "KILL QUERY WHERE Settings['log_comment'] = {run: String} ASYNC"
"""The embedded engine takes no ids of queries, but a comment."""

_STOPPED: Final = {
    158: "it reads too many rows",
    159: "it took too long",
    160: "it would take too long",
    241: f"it needs more than {MAX_MEMORY // 1024**2} MB of memory",
    307: "it reads too much",
    394: "its caller left, or an operator ended it",
    396: f"its result is larger than {MAX_RESULT // 1024**2} MB",
}
_UNKNOWN_TABLE: Final = 60
"""The guard knows all tables, so it was a name of a WITH; the engine would suggest tables of its own."""

_NOT_THE_CALLERS: Final = frozenset({81, 164, 202, 209, 210, 243, 279, 425, 439, 497, 516})
"""Codes of an engine that is busy, away, full or set up wrongly."""

_REASON = re.compile(
    r"DB::Exception: (.*?)(?::? (?:In scope|In query SELECT|[Ww]hile) |\. \([A-Z_]+\)|$)", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class SqlColumn:
    """A column of a result; `type` is ClickHouse's name of it."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class SqlResult:
    """Rows of JSON values in the order of `columns`.

    64-bit integers and decimals are texts, times are RFC 3339, what is not a number is None. `truncated`:
    there were more rows than asked for.
    """

    columns: list[SqlColumn]
    rows: list[list[Any]]
    truncated: bool
    rows_read: int
    elapsed_s: float


class SqlConsole:
    """Blocking and thread-safe, as `contract.TraceReader`."""

    def __init__(self, engine: Engine, *, max_seconds: float = MAX_SECONDS) -> None:
        self._engine = engine
        self._settings = {**_SETTINGS, "max_execution_time": max_seconds}
        self._slots = FairSlots(MAX_RUNNING, for_others=_OF_OTHERS)

    def run(self, project: ProjectId, query: str, *, limit: int, run_id: UUID | None = None) -> SqlResult:
        """Return at most `limit` rows; `run_id` is what `stop` takes.

        Raises `CallerError` with the reason when the query is refused, wrong, over a limit or stopped, and
        `TooManyRequests` when others are running.
        """
        guarded = guard_sql(query, project)
        refusal = TooManyRequests(f"{MAX_RUNNING} queries are running, which is the limit", 2)
        with self._slots.taken(project, refusal), _caller_errors():
            settings = {**self._settings, "limit": limit + 1, "log_comment": str(run_id or uuid4())}
            answer = self._engine.read_json(guarded.sql, guarded.params, settings)
        return _result(answer, limit)

    def stop(self, run_id: UUID) -> None:
        """Stop a run. One that has not reached the engine yet goes on."""
        self._engine.query(_STOP, {"run": str(run_id)})


@contextmanager
def _caller_errors() -> Iterator[None]:
    """Tell the caller's mistakes from the engine's troubles."""
    try:
        yield
    except BackendError as error:
        code = getattr(error.__cause__, "code", None)
        if not isinstance(error.__cause__, ClickHouseError) or not code or code in _NOT_THE_CALLERS:
            raise
        if code in _STOPPED:
            raise CallerError(f"the query was stopped: {_STOPPED[code]}") from error
        if code == _UNKNOWN_TABLE:
            raise CallerError("a name of a WITH is used outside of its query") from error
        found = _REASON.search(str(error.__cause__))
        raise CallerError(found[1][:300] if found else "the engine refused the query") from error


def _result(answer: bytes, limit: int) -> SqlResult:
    try:
        document = orjson.loads(answer)
        statistics = document["statistics"]
        rows = document["data"]
        return SqlResult(
            columns=[SqlColumn(column["name"], column["type"]) for column in document["meta"]],
            rows=rows[:limit],
            truncated=len(rows) > limit,
            rows_read=int(statistics["rows_read"]),
            elapsed_s=float(statistics["elapsed"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise BackendError("the store broke off in the middle of its answer") from error
