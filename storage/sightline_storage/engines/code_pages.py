"""Giving back the pages of the engine's code that only its start needed."""

import ctypes
import re
import sys
from pathlib import Path

_MADV_DONTNEED = 4
_CODE = re.compile(r"([0-9a-f]+)-([0-9a-f]+) r-xp .*/_chdb[^/]*$", re.MULTILINE)


def release_code_pages() -> None:
    """Unmap what is resident of the embedded engine's code; what is used again comes from the page cache.

    Loading the library touches most of its 370 MB of machine code, which then counts as ours for ever.
    Code is never written to, so nothing can be lost. Does nothing but on Linux.
    """
    if sys.platform != "linux":
        return
    madvise = ctypes.CDLL(None).madvise
    for start, end in _CODE.findall(Path("/proc/self/maps").read_text(encoding="utf-8")):
        first = int(start, 16)
        madvise(ctypes.c_void_p(first), ctypes.c_size_t(int(end, 16) - first), _MADV_DONTNEED)
