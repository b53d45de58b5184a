"""Things to do that do not depend on each other: one that fails holds up no other."""

from collections.abc import Callable, Iterable
from typing import Final

from sightline_core.errors import BackendError

_TOLD: Final = 3


def one_by_one(steps: Iterable[tuple[str, Callable[[], object]]]) -> None:
    """Do all steps, each with what it is for, and raise `BackendError` in the end when some failed with one.

    It names the first of those, and counts the others.
    """
    failed: list[tuple[str, BackendError]] = []
    for name, step in steps:
        try:
            step()
        except BackendError as error:
            failed.append((name, error))
    if failed:
        told = "; ".join(f"{name}: {error}" for name, error in failed[:_TOLD])
        more = f"; and {len(failed) - _TOLD} more" if len(failed) > _TOLD else ""
        raise BackendError(f"{told}{more}") from failed[0][1]
