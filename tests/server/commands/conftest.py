"""A server for the commands, and what those that run in this process leave behind."""

import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def logging_of_others() -> Iterator[None]:
    """Leave logging, which commands set up as their own, to the tests that follow as it was."""
    root = logging.getLogger()
    level, handlers = root.level, list(root.handlers)
    yield
    root.setLevel(level)
    root.handlers[:] = handlers


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data directory of `server_url`."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def server_url(data_dir: Path) -> Iterator[str]:
    """A server process of its own, one for a module."""
    command = [sys.executable, "-m", "sightline_server", "serve", "--port", "0", "--data-dir", str(data_dir)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SIGHTLINE_")}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        url = process.stdout.readline().rpartition(" ")[2].strip()
        yield url
        process.terminate()
        process.communicate()
