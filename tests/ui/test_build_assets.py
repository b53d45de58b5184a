"""The script that builds the page, with a stand-in for npm, as the real one needs the network."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from tests.e2e.polling import until

UI = Path(__file__).parents[2] / "ui"
NPM = """#!/bin/sh
echo "$1" >> npm.log
mkdir -p node_modules sightline_ui/static
case "$1" in
  ci) read -r _ < go ;;
  run) test ! -e broken && echo page > sightline_ui/static/index.html ;;
esac
"""


@pytest.fixture
def ui(tmp_path: Path) -> Path:
    """The script and the lock file of modules; `npm ci` there waits for a line in the pipe `go`."""
    folder = tmp_path / "ui"
    (folder / "scripts").mkdir(parents=True)
    shutil.copy(UI / "scripts" / "build_assets.py", folder / "scripts")
    (folder / "package-lock.json").write_text("{}")
    for name in ("npm", "node"):
        program = tmp_path / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(NPM)
        program.chmod(0o755)
    os.mkfifo(folder / "go")
    return folder


@pytest.fixture
def build(ui: Path) -> Iterator[Callable[[], subprocess.Popen[str]]]:
    """Start the script in a process of its own; those that are left at the end are killed."""
    with ExitStack() as started:

        def start() -> subprocess.Popen[str]:
            process = subprocess.Popen(
                [sys.executable, str(ui / "scripts" / "build_assets.py")],
                env={"PATH": f"{ui.parent / 'bin'}{os.pathsep}{os.environ['PATH']}"},
                stderr=subprocess.PIPE,
                text=True,
                start_new_session=True,
            )
            started.enter_context(process)
            started.callback(end_group, process)
            return process

        yield start


def end_group(process: subprocess.Popen[str]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def calls_of_npm(ui: Path) -> list[str]:
    log = ui / "npm.log"
    return log.read_text().split() if log.exists() else []


def waits_for_a_lock(process: subprocess.Popen[str]) -> bool:
    lines = [line.split() for line in Path("/proc/locks").read_text().splitlines()]
    return any("->" in words and str(process.pid) in words for words in lines)


@pytest.mark.skipif(not Path("/proc/locks").exists(), reason="says who waits for a lock on Linux only")
def test_second_build_waits_for_the_first_and_has_nothing_left_to_do(
    ui: Path, build: Callable[[], subprocess.Popen[str]]
) -> None:
    first = build()
    until(lambda: calls_of_npm(ui) == ["ci"])
    second = build()
    until(lambda: waits_for_a_lock(second) or len(calls_of_npm(ui)) > 1)
    (ui / "go").write_text("go\n")
    assert (first.wait(30), second.wait(30)) == (0, 0)
    assert calls_of_npm(ui) == ["ci", "run"]


def test_build_that_fails_says_so_in_one_line(ui: Path, build: Callable[[], subprocess.Popen[str]]) -> None:
    (ui / "broken").touch()
    process = build()
    (ui / "go").write_text("go\n")
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 1
    assert errors.splitlines() == [
        f"building the page failed: {ui.parent / 'bin' / 'npm'} run build ended with 1"
    ]
