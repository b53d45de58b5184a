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
