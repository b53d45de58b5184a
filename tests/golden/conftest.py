"""Where the golden files lie."""

from pathlib import Path

import pytest


@pytest.fixture
def golden_folder() -> Path:
    """The folder of golden SQL, one file for each builder."""
    return Path(__file__).parent / "sql"
