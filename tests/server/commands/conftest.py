"""Commands run in this process, and set up its logging as their own."""

import logging
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def logging_of_others() -> Iterator[None]:
    """Leave logging to the tests that follow as it was."""
    root = logging.getLogger()
    level, handlers = root.level, list(root.handlers)
    yield
    root.setLevel(level)
    root.handlers[:] = handlers
