"""How long the store is waited for: by people and rules a minute, by jobs and copies for ever."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from clickhouse_connect.driver.client import Client

LONGEST_ANSWER_S = 60

_SETTING: Final = "max_execution_time"
_WITHIN_S: ContextVar[int | None] = ContextVar("within_s", default=None)


@contextmanager
def answered_within(seconds: int | None = None) -> Iterator[None]:
    """Have each query of this thread, or task, that takes longer end with `QueryOverLimit`; None: a minute.

    By itself a client waits as long as a server says that it goes on, and the four readers of the embedded
    engine are all that there are for everybody.
    """
    outer = _WITHIN_S.set(LONGEST_ANSWER_S if seconds is None else seconds)
    try:
        yield
    finally:
        _WITHIN_S.reset(outer)


def time_limit(client: Client) -> Mapping[str, int]:
    """Return the setting for a query that is asked now; none where an operator's own limit is lower."""
    within_s, own = _WITHIN_S.get(), client.server_settings.get(_SETTING)
    own_s = float(own.value) if own is not None else 0.0
    return {} if within_s is None or 0 < own_s <= within_s else {_SETTING: within_s}
