"""A real ClickHouse server for tests: `clickhouse-local` from the chdb wheel, told to listen.

    python clickhouse_listener.py FOLDER     # with config.xml and users.xml in FOLDER

The entry point is not chdb's documented API, so only tests use it. Prints `ready` when it listens, or the
reason why it does not, and ends when its standard input is closed.
"""

import os
import sys


def main(folder: str) -> None:
    """Start the listeners and block until the FIFO that the parent holds open is closed."""
    import chdb  # noqa: F401  (loads the engine's library)
    from chdb import _chdb

    os.chdir(folder)
    _chdb.query(  # type: ignore[attr-defined]
        "SYSTEM START LISTEN HTTP; SYSTEM START LISTEN TCP; "
        "SELECT * FROM file('alive.fifo', 'LineAsString') FORMAT Null",
        "TabSeparated",
        path=os.path.join(folder, "data"),
    )


if __name__ == "__main__":
    main(sys.argv[1])
