"""Carries the current span and `sightline.context` into threads, as tasks get them from asyncio."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import wrapt
from opentelemetry import context as otel_context


class ThreadHooks:
    """Hooks `Thread.start` and `ThreadPoolExecutor.submit`. Nothing changes where there is nothing to
    carry."""

    def __init__(self) -> None:
        self._installed: list[tuple[type, str, Any]] = []

    def install(self) -> None:
        """Wrap the two methods."""
        for owner, name, hook in (
            (threading.Thread, "start", _start),
            (ThreadPoolExecutor, "submit", _submit),
        ):
            wrapper: Any = wrapt.FunctionWrapper(owner.__dict__[name], hook)
            setattr(owner, name, wrapper)
            self._installed.append((owner, name, wrapper))

    def remove(self) -> None:
        """Put the originals back, unless somebody has wrapped over them since."""
        for owner, name, wrapper in self._installed:
            here: Any = owner.__dict__.get(name)
            if here is wrapper:
                setattr(owner, name, here.__wrapped__)
        self._installed.clear()


def _start(wrapped: Any, thread: Any, args: Any, kwargs: Any) -> Any:
    here = otel_context.get_current()
    if here:
        thread.run = _within(here, thread.run)
    return wrapped(*args, **kwargs)


def _submit(wrapped: Any, executor: Any, args: Any, kwargs: Any) -> Any:
    here = otel_context.get_current()
    if here and args:
        args = (_within(here, args[0]), *args[1:])
    return wrapped(*args, **kwargs)


def _within(context: otel_context.Context, function: Callable[..., Any]) -> Callable[..., Any]:
    def run(*args: Any, **kwargs: Any) -> Any:
        token = otel_context.attach(context)
        try:
            return function(*args, **kwargs)
        finally:
            otel_context.detach(token)

    return run
