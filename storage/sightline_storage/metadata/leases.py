"""Leases: of several processes, one does a background job at a time."""

import os
import socket
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from sightline_storage.metadata.metadata_database import reading
from sightline_storage.metadata.metadata_tables import LEASES
from sightline_storage.metadata.shared_clock import shared_time


def new_holder() -> str:
    """Return a name that no other process of any machine has, and where to look for this one."""
    # In containers every process may be number 1 of the same host.
    return f"{socket.gethostname()}/{os.getpid()}/{uuid.uuid4().hex}"


class Leases:
    """Leases of one holder (a process)."""

    def __init__(
        self, engine: Engine, holder: str, *, clock: Callable[[Connection], datetime] = shared_time
    ) -> None:
        self._engine = engine
        self._holder = holder
        self._clock = clock

    def acquire(self, name: str, duration: timedelta) -> bool:
        """Take or extend the lease and return whether it is ours until `duration` from now."""
        try:
            with self._engine.begin() as connection:
                now = self._clock(connection)
                free = or_(
                    LEASES.c.holder == self._holder,
                    LEASES.c.expires_at <= now,
                    # Taken before the clock was set back: nobody would do the job until that moment.
                    LEASES.c.expires_at > now + 2 * duration,
                )
                values = {"holder": self._holder, "expires_at": now + duration}
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
            until = self._clock(connection) + duration
            return connection.execute(ours.values(expires_at=until)).rowcount == 1

    def release(self, name: str) -> None:
        """Give the lease back if it is ours."""
        with self._engine.begin() as connection:
            connection.execute(delete(LEASES).where(LEASES.c.name == name, LEASES.c.holder == self._holder))


def expired_leases(engine: Engine) -> list[tuple[str, timedelta]]:
    """Return the jobs whose lease ran out and was not taken again, and how long ago it did."""
    with reading(engine) as connection:
        now = shared_time(connection)
        expired = select(LEASES.c.name, LEASES.c.expires_at).where(LEASES.c.expires_at < now)
        rows = connection.execute(expired.order_by(LEASES.c.name))
        return [(row.name, now - row.expires_at) for row in rows]
