"""Room for gRPC messages that are on their way or not answered yet.

gRPC hands a message over once it is whole, and does not tell how much of it has come: until then it counts as
the largest that may be.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from sightline_core.errors import BackendError
from sightline_core.limits import MAX_HELD_SIZE

_PATIENCE_S = 60.0
_LEAST_PATIENCE_S = 10.0
"""As long as exporters wait for an answer."""
_LAST_PATIENCE_S = 1.0


class MessageRoom:
    """Used by one event loop only."""

    def __init__(self, largest: int) -> None:
        """`largest`: bytes of a message."""
        self._largest = largest
        self._held = 0
        self._turns: deque[asyncio.Future[None]] = deque()
        """Of those that wait; woken one by one, as all of them at once would find room for one."""
        self._awaited: dict[asyncio.Timeout, None] = {}

    @asynccontextmanager
    async def message(self, read: Callable[[], Awaitable[bytes]]) -> AsyncIterator[bytes]:
        """Yield what `read` returns, and have its bytes counted in the meantime.

        Raises `TimeoutError` when it does not come, after ten seconds if others need the room, and
        `BackendError` when there is no room.
        """
        await self._make_room()
        size = self._largest
        self._held += size
        try:
            async with asyncio.timeout(_PATIENCE_S) as wait:
                self._awaited[wait] = None
                try:
                    body = await read()
                finally:
                    self._awaited.pop(wait, None)
            self._free(size - len(body))
            size = len(body)
            yield body
        finally:
            self._free(size)

    def stop(self) -> None:
        """Give what is on its way a last moment."""
        for wait in self._awaited:
            wait.reschedule(asyncio.get_running_loop().time() + _LAST_PATIENCE_S)

    async def _make_room(self) -> None:
        try:
            async with asyncio.timeout(_PATIENCE_S):
                # One that is larger than the room for all is taken when there is no other.
                while self._held > 0 and self._held + self._largest > MAX_HELD_SIZE:
                    await self._wait_or_cut()
        except TimeoutError as error:
            raise BackendError("too much is being sent at once", retry_after_s=1) from error

    async def _wait_or_cut(self) -> None:
        """Wait for an answer to end; where that takes long, end the message that is awaited for longest."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._turns.append(turn)
        try:
            async with asyncio.timeout(_LEAST_PATIENCE_S):
                await turn
        except asyncio.CancelledError:
            self._free(0)  # it may have been this one's turn
            raise
        except TimeoutError:
            if longest := next(iter(self._awaited), None):
                del self._awaited[longest]
                longest.reschedule(0)

    def _free(self, size: int) -> None:
        self._held -= size
        while self._turns:
            turn = self._turns.popleft()
            if not turn.done():
                turn.set_result(None)
                break
