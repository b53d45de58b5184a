"""Built assets as they are sent: bytes by name and content coding."""

import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_CODINGS = (("br", ".br"), ("gzip", ".gz"))
"""Best first; the build writes both beside every text file."""

_TYPES = {".js": "text/javascript", ".woff2": "font/woff2", ".svg": "image/svg+xml"}
"""Where the machine's own table may differ or lack an entry."""


@dataclass(frozen=True, slots=True)
class Asset:
    """One file. `coded` holds its precompressed forms by content coding."""

    content: bytes
    content_type: str
    coded: Mapping[str, bytes]

    def select(self, accept_encoding: str) -> tuple[bytes, str | None]:
        """Return the bytes to send and their content coding, None for plain."""
        accepted = _accepted_codings(accept_encoding)
        for coding, _ in _CODINGS:
            if coding in accepted and coding in self.coded:
                return self.coded[coding], coding
        return self.content, None


def load_assets(folder: Path) -> dict[str, Asset]:
    """Return the files of a folder by name, read once; empty when there is no such folder.

    All of them together are about a megabyte, and a name that is not in the result cannot be asked for, which
    leaves no way out of the folder.
    """
    if not folder.is_dir():
        return {}
    suffixes = tuple(suffix for _, suffix in _CODINGS)
    return {
        path.name: _load(path)
        for path in folder.iterdir()
        if path.is_file() and not path.name.endswith(suffixes)
    }


def _load(path: Path) -> Asset:
    forms = ((coding, path.with_name(path.name + suffix)) for coding, suffix in _CODINGS)
    guessed = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0]
    return Asset(
        path.read_bytes(),
        guessed or "application/octet-stream",
        {coding: form.read_bytes() for coding, form in forms if form.is_file()},
    )


def _accepted_codings(header: str) -> set[str]:
    accepted = set()
    for item in header.split(","):
        coding, _, parameters = item.strip().lower().partition(";")
        if parameters.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000"):
            accepted.add(coding.strip())
    return accepted
