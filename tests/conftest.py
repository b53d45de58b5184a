"""Options of the whole suite."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the one flag that regenerates golden files."""
    parser.addoption("--update-golden", action="store_true", help="write the golden SQL files anew")
