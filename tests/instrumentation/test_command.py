"""The `sightline` command in the light install."""

from __future__ import annotations

import subprocess
import sys

import pytest

LIGHT = """
import sys
for name in ("fastapi", "uvicorn", "pydantic", "sqlalchemy", "chdb", "clickhouse_connect"):
    sys.modules[name] = None
from sightline.cli import main
sys.exit(main({arguments!r}))
"""


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", LIGHT.format(arguments=list(arguments))]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_serve_without_the_server_names_the_line_to_install_it() -> None:
    done = _run("serve")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "sightline: the server is not installed; run: pip install 'sightline[server]'\n"


@pytest.mark.parametrize("arguments", [("run",), ("run", "--"), ("run", "--nonsense")])
def test_run_without_a_command_explains_itself(arguments: tuple[str, ...]) -> None:
    done = _run(*arguments)
    assert done.returncode == 2
    assert done.stderr.startswith("usage: sightline run")


def test_run_explains_itself_when_asked() -> None:
    done = _run("run", "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert "--environment NAME  for" in done.stdout


def test_run_with_a_command_that_does_not_exist_says_so() -> None:
    done = _run("run", "--", "no-such-command-here")
    assert (done.returncode, done.stderr) == (
        2,
        "sightline: no-such-command-here: No such file or directory\n",
    )


def test_run_passes_the_exit_status_on_and_adds_no_output() -> None:
    done = _run("run", "--", sys.executable, "-c", "raise SystemExit(7)")
    assert (done.returncode, done.stdout, done.stderr) == (7, "", "")
