"""How many connections there may be, by the files that the process may open: the store needs some, too."""

import resource

from sightline_core.limits import MAX_CONNECTIONS


def raise_limit() -> None:
    """Let the process open as many files as most connections need, as far as it may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * MAX_CONNECTIONS
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def max_http_connections() -> int:
    """Return half of the files."""
    return _share(2)


def max_grpc_connections() -> int:
    """Return a quarter of the files."""
    return _share(4)


def _share(parts: int) -> int:
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MAX_CONNECTIONS if files == resource.RLIM_INFINITY else min(MAX_CONNECTIONS, files // parts)
