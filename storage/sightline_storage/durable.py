"""Making what was written survive a power loss."""

import os
from pathlib import Path


def sync(path: Path) -> None:
    """Return once a file is on the disk, or the names in a folder: made, changed and removed ones."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def put_in_place(fresh: Path, path: Path) -> None:
    """Return once a file that was just written has its name on the disk: whole, or what was there before."""
    sync(fresh)
    fresh.replace(path)
    sync(path.parent)
