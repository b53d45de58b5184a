"""What `make` does in a folder where nothing is installed yet."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

_PYTHON = f"""#!/bin/sh
touch asked-by-$RUN
exec {sys.executable} "$@"
"""
_PIP = """#!/bin/sh
while [ ! -e asked-by-1 ] || [ ! -e asked-by-2 ]; do sleep 0.01; done
echo "$*" >> installed
"""
"""Installs once both have begun."""


def test_of_two_that_are_called_at_once_one_installs_and_the_other_waits(tmp_path: Path) -> None:
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / ".venv").mkdir()
    for name, text in (("the-python", _PYTHON), ("pip", _PIP), ("python", "#!/bin/sh\n")):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    runs = [
        subprocess.Popen(
            ["make", "install", "PYTHON=./the-python", "BIN=."],
            cwd=tmp_path,
            env={**os.environ, "RUN": number, "MAKEFLAGS": ""},
            stdout=subprocess.DEVNULL,
        )
        for number in ("1", "2")
    ]
    assert [run.wait(60) for run in runs] == [0, 0]
    installed = (tmp_path / "installed").read_text().splitlines()
    assert [line.split()[1:3] for line in installed] == [
        ["--quiet", "--upgrade"],
        ["--quiet", "--constraint"],
    ]
