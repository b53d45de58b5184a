"""How many connections there may be, by the files that the process may open: the store needs some, too."""

import resource

from sightline_core.errors import ConfigurationError
from sightline_core.limits import MAX_CONNECTIONS

_OF_THE_STORE = 256
"""Files that no connection takes. With less than a hundred, the embedded engine stores nothing."""
_LEAST = 2 * _OF_THE_STORE


def raise_limit() -> None:
    """Let the process open as many files as most connections need, as far as it may.

    Raises `ConfigurationError` when that is too little to work with.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * MAX_CONNECTIONS + _OF_THE_STORE
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    if soft != resource.RLIM_INFINITY and soft < _LEAST:
        raise ConfigurationError(
            f"this process may open {soft} files and needs {_LEAST}: raise the limit"
            " (`ulimit -n`, LimitNOFILE= of systemd, --ulimit nofile= of Docker)"
        )


def max_http_connections() -> int:
    """Return half of the files that the store leaves."""
    return _share(2)


def max_grpc_connections() -> int:
    """Return a quarter of the files that the store leaves."""
    return _share(4)


def _share(parts: int) -> int:
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files == resource.RLIM_INFINITY:
        return MAX_CONNECTIONS
    return min(MAX_CONNECTIONS, (files - _OF_THE_STORE) // parts)
