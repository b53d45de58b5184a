"""Options of the whole suite."""

import pytest
from hypothesis import settings

# The same examples each time: a suite that decides what lands must not fail by luck. `make pytest
# ARGS=--hypothesis-profile=default` looks at others.
settings.register_profile("fixed", derandomize=True)
settings.load_profile("fixed")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the one flag that regenerates golden files."""
    parser.addoption("--update-golden", action="store_true", help="write the golden SQL files anew")
