"""`python -m sightline_server`: the same command line as `sightline`."""

import sys

from sightline_server.cli import main

if __name__ == "__main__":
    sys.exit(main())
