"""Wrapping attributes of other packages, and taking the wrappers off again."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from typing import Any

import wrapt

logger = logging.getLogger(__name__)


class Patches:
    """A set of wrappers that come and go together.

    `when_imported` neither imports a package nor misses it: the patch is made when the app imports it.
    """

    def __init__(self) -> None:
        self.active = False
        self._installed: list[tuple[Any, str, Any]] = []
        self._awaited: set[str] = set()
        self._makers: dict[str, Callable[[Any], None]] = {}

    def wrap(self, owner: Any, name: str, hook: Any) -> None:
        """Put `hook(wrapped, instance, args, kwargs)` around a class's method or a module's function."""
        if isinstance(owner, type):  # that it inherits, as gevent's `Thread` does
            owner = next(base for base in owner.__mro__ if name in vars(base))
        original = owner.__dict__[name]
        wrapper: Any = wrapt.FunctionWrapper(original, hook)
        setattr(owner, name, wrapper)
        self._installed.append((owner, name, wrapper))

    def when_imported(self, module: str, make: Callable[[Any], None]) -> None:
        """Call `make(module)` now if the module is loaded, else when it is, while these patches are
        active."""
        self._makers[module] = make
        loaded = sys.modules.get(module)
        if loaded is not None:
            self._make(loaded)
        elif module not in self._awaited:
            self._awaited.add(module)
            wrapt.register_post_import_hook(self._make, module)

    def _make(self, module: Any) -> None:
        if not self.active:
            return
        try:
            self._makers[module.__name__](module)
        except Exception:
            # Another version of the package: the app works, these calls are not traced.
            logger.warning("%s could not be instrumented", module.__name__, exc_info=True)

    def remove(self) -> None:
        """Put the originals back. Where somebody wrapped over a hook it stays, and must pass everything
        on."""
        self.active = False
        for owner, name, wrapper in reversed(self._installed):
            here: Any = owner.__dict__.get(name)
            if here is wrapper:
                setattr(owner, name, here.__wrapped__)
        self._installed.clear()
