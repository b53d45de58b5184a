"""Leases: of several processes, one does a background job at a time."""

import os
import socket
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from sightline_storage.metadata.metadata_tables import LEASES


def _utc_now() -> datetime:
    return datetime.now(UTC)


def new_holder() -> str:
    """Return a name that no other process of any machine has, and where to look for this one."""
    # In containers every process may be number 1 of the same host.
    return f"{socket.gethostname()}/{os.getpid()}/{uuid.uuid4().hex}"


class Leases:
    """Leases of one holder (a process). The holders' clocks must agree to well within a lease's time."""

    def __init__(self, engine: Engine, holder: str, *, clock: Callable[[], datetime] = _utc_now) -> None:
        self._engine = engine
        self._holder = holder
        self._clock = clock

    def acquire(self, name: str, duration: timedelta) -> bool:
        """Take or extend the lease and return whether it is ours until `duration` from now."""
        now = self._clock()
        free = or_(
            LEASES.c.holder == self._holder,
            LEASES.c.expires_at <= now,
            # Of a process that died while its clock was ahead: nobody would do the job until that moment.
            LEASES.c.expires_at > now + 2 * duration,
        )
        values = {"holder": self._holder, "expires_at": now + duration}
        try:
            with self._engine.begin() as connection:
                taken = connection.execute(update(LEASES).where(LEASES.c.name == name, free).values(values))
                if taken.rowcount == 0:
                    connection.execute(insert(LEASES).values(name=name, **values))
        except IntegrityError:
            return False  # somebody else holds it
        return True

    def renew(self, name: str, duration: timedelta) -> bool:
        """Extend the lease, unless it was given back, and return whether it is still ours."""
        ours = update(LEASES).where(LEASES.c.name == name, LEASES.c.holder == self._holder)
        with self._engine.begin() as connection:
            return connection.execute(ours.values(expires_at=self._clock() + duration)).rowcount == 1

    def release(self, name: str) -> None:
        """Give the lease back if it is ours."""
        with self._engine.begin() as connection:
            connection.execute(delete(LEASES).where(LEASES.c.name == name, LEASES.c.holder == self._holder))


def expired_leases(engine: Engine, before: datetime) -> list[tuple[str, datetime]]:
    """Return the jobs whose lease ran out before that moment and was not taken again, and when it did."""
    statement = select(LEASES.c.name, LEASES.c.expires_at).where(LEASES.c.expires_at < before)
    with engine.begin() as connection:
        return [(row.name, row.expires_at) for row in connection.execute(statement.order_by(LEASES.c.name))]
