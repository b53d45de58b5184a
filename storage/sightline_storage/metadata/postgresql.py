"""Connections to PostgreSQL that wait for no answer without end; imported only where there is one."""

import math
import time
from collections.abc import Mapping
from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen
from sqlalchemy import URL, Dialect, Engine, create_engine, event
from sqlalchemy.pool import ConnectionPoolEntry, Pool, _ConnectionFairy

_NOTICED_LOSS = {
    "connect_timeout": "10",
    "keepalives_idle": "15",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
}
"""Of libpq: a machine that vanishes is noticed after half a minute, where jobs would wait for hours."""

_LONGEST_REST = "30s"
"""Between two statements of a transaction, where none of ours rests.

A process that is stopped there, as a virtual machine may be, would keep all others waiting for its locks.
"""

_LONGEST_WAITS = {"lock_timeout": "10s", "statement_timeout": "60s"}
"""Of PostgreSQL, unless the URL or the role says otherwise; by itself it waits for ever.

Somebody who holds a lock, as by VACUUM FULL, would hold up all requests and jobs, then also those without it.
"""

_LONGEST_SILENCE_S = 10.0
"""Of a server that should answer at once, or should have ended a statement by itself."""

_Result = TypeVar("_Result")


class _Connection(psycopg.Connection[Any]):
    """One whose server may be stopped, while its machine goes on to acknowledge what is sent."""

    statement_timeout_s = math.inf
    """What the server lets a statement take."""
    longest_wait_s = math.inf

    def wait(self, gen: PQGen[_Result], *arguments: Any, **named: Any) -> _Result:
        """See psycopg; closes the connection when there is no answer for `longest_wait_s`."""
        return super().wait(self._bounded(gen), *arguments, **named)

    def _bounded(self, gen: PQGen[_Result]) -> PQGen[_Result]:
        # It is sent 0 whenever nothing has come for a moment.
        until_s = time.monotonic() + self.longest_wait_s
        try:
            wanted = next(gen)
            while True:
                ready = yield wanted
                if not ready and time.monotonic() > until_s:
                    self.close()
                    raise psycopg.OperationalError("the server does not answer")
                wanted = gen.send(ready)
        except StopIteration as done:
            result: _Result = done.value
            return result


def postgresql_engine(url: URL, pool: type[Pool]) -> Engine:
    """Return an engine for the URL; it waits without end until `wait_with_an_end`."""
    url = url.set(drivername="postgresql+psycopg", query={**_NOTICED_LOSS, **url.query})
    engine = create_engine(url, poolclass=pool, pool_pre_ping=True, hide_parameters=True)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "before_cursor_execute", _replace_nul, retval=True)
    return engine


def wait_with_an_end(engine: Engine) -> None:
    """Have the engine give up on a server that is silent, for whoever does not migrate.

    Its connections so far are closed.
    """
    engine.dispose()

    def lent(connection: _Connection, _entry: ConnectionPoolEntry, _lent: _ConnectionFairy) -> None:
        connection.longest_wait_s = connection.statement_timeout_s + _LONGEST_SILENCE_S

    def returned(connection: _Connection | None, _entry: ConnectionPoolEntry) -> None:
        if connection is not None:
            # Whoever has it next asks first whether the server is still there.
            connection.longest_wait_s = _LONGEST_SILENCE_S

    event.listen(engine, "do_connect", _connect)
    event.listen(engine, "connect", _ask_for_timeout)
    event.listen(engine, "checkout", lent)
    event.listen(engine, "checkin", returned)


def _connect(
    _dialect: Dialect, _entry: ConnectionPoolEntry, arguments: list[Any], named: dict[str, Any]
) -> psycopg.Connection[Any]:
    return _Connection.connect(*arguments, **named)


def _ask_for_timeout(connection: _Connection, _entry: ConnectionPoolEntry) -> None:
    asked = "SELECT setting::int FROM pg_settings WHERE name = 'statement_timeout'"
    row = connection.execute(asked).fetchone()
    # 0 is none.
    connection.statement_timeout_s = row[0] / 1000 if row and row[0] else math.inf
    connection.commit()


def _prepare(connection: psycopg.Connection[Any], _entry: ConnectionPoolEntry) -> None:
    for name, longest in _LONGEST_WAITS.items():
        connection.execute(
            "SELECT set_config(%s, %s, false) WHERE current_setting(%s) = '0'", (name, longest, name)
        )
    connection.execute(f"SET idle_in_transaction_session_timeout = '{_LONGEST_REST}'")
    connection.commit()


def _replace_nul(
    _connection: object, _cursor: object, statement: str, parameters: Any, _context: object, _many: bool
) -> tuple[str, Any]:
    """Bind U+FFFD for NUL, which spans and callers may have in their texts and PostgreSQL takes in none."""
    return statement, _without_nul(parameters)


def _without_nul(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "\ufffd")
    if isinstance(value, Mapping):
        return {name: _without_nul(each) for name, each in value.items()}
    return [_without_nul(each) for each in value] if isinstance(value, list) else value
