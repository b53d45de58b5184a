"""Carries the current span and `sightline.context` into threads, as tasks get them from asyncio."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import MethodType
from typing import Any

from opentelemetry import context as otel_context

from sightline.patching import Patches


class ThreadHooks(Patches):
    """Hooks `Thread.start` and `ThreadPoolExecutor.submit`. A thread runs in the context of its start, what a
    pool does in that of its `submit`, also where that is empty."""

    def install(self) -> None:
        """Wrap the two methods."""
        self.active = True
        self.wrap(threading.Thread, "start", _start)
        self.wrap(ThreadPoolExecutor, "submit", _submit)


def _start(wrapped: Any, thread: Any, args: Any, kwargs: Any) -> Any:
    here = otel_context.get_current()
    if here:
        inner = _within(here, thread.run)

        def run(thread: Any) -> None:
            # It is not called again, and would keep the thread until the garbage collector comes.
            vars(thread).pop("run", None)
            inner()

        # A bound method, as others that wrap it (Sentry) expect, and call with the thread they run in.
        thread.run = MethodType(run, thread)
    return wrapped(*args, **kwargs)


def _submit(wrapped: Any, executor: Any, args: Any, kwargs: Any) -> Any:
    if args:
        args = (_within(otel_context.get_current(), args[0]), *args[1:])
    # A thread that the pool starts now serves others later.
    return _within(otel_context.Context(), wrapped)(*args, **kwargs)


def _within(context: otel_context.Context, function: Callable[..., Any]) -> Callable[..., Any]:
    def run(*args: Any, **kwargs: Any) -> Any:
        token = otel_context.attach(context)
        try:
            return function(*args, **kwargs)
        finally:
            otel_context.detach(token)

    return run
