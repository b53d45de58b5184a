"""Runs of `sightline` to their end."""

from __future__ import annotations

import os
import subprocess
import tempfile

from tests.forked_process import ForkedProcess


def run_cli(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `sightline` in a process of its own, without our settings."""
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        process = ForkedProcess(
            "sightline_server",
            *arguments,
            env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", **environment},
            stdout=output.fileno(),
            stderr=errors.fileno(),
        )
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
        for file in (output, errors):
            file.seek(0)
        return subprocess.CompletedProcess(arguments, process.wait(), output.read(), errors.read())


def assert_refused(done: subprocess.CompletedProcess[str], *words: str) -> None:
    """One line on standard error, exit code 2."""
    assert done.returncode == 2, done
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    for word in words:
        assert word in lines[0]
