"""Looking at one project or rule after the other."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from sightline_core.errors import BackendError

log = logging.getLogger(__name__)


@contextmanager
def set_apart(**facts: str) -> Iterator[None]:
    """Let a defect that one project or rule meets cost the others nothing.

    A store that is down ends the pass.
    """
    try:
        yield
    except BackendError:
        raise
    except Exception:
        log.exception("alerts could not be evaluated", extra=facts)
