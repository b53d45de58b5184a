"""The `sightline` command: `run` works in the light install, everything else belongs to the server."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from pathlib import Path

USAGE = "usage: sightline run [--app NAME] [--environment NAME] [--endpoint URL] -- COMMAND [ARGUMENT …]"
HELP = f"""{USAGE}

Trace the OpenAI calls of a Python command, without a change of its code.

  --app NAME          what the app is called
  --environment NAME  for example production
  --endpoint URL      where Sightline is (http://127.0.0.1:4318)

Its exit code is that of the command. SIGHTLINE_API_KEY is the key that is sent."""
MISSING_SERVER = "sightline: the server is not installed; run: pip install 'sightline[server]'"
_OPTIONS = {
    "--app": "SIGHTLINE_APP",
    "--endpoint": "SIGHTLINE_ENDPOINT",
    "--environment": "SIGHTLINE_ENVIRONMENT",
}


def main(argv: list[str] | None = None) -> int:
    """Exit status: that of the command, or 2 when it cannot be run."""
    arguments = sys.argv[1:] if argv is None else argv
    if arguments[:1] == ["run"]:
        return _run(arguments[1:])
    try:
        server = import_module("sightline_server.cli")
        return int(server.main(arguments))
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] in {"sightline", "sightline_semconv"}:
            raise
        print(MISSING_SERVER, file=sys.stderr)  # noqa: T201
        return 2


def _run(arguments: list[str]) -> int:
    """Replace this process by the command, with the bootstrap folder in front of its Python path."""
    if arguments[:1] in (["--help"], ["-h"]):
        print(HELP)  # noqa: T201
        return 0
    environment = dict(os.environ)
    while arguments and arguments[0] in _OPTIONS and len(arguments) > 1:
        environment[_OPTIONS[arguments[0]]] = arguments[1]
        arguments = arguments[2:]
    if arguments[:1] == ["--"]:
        arguments = arguments[1:]
    if not arguments or arguments[0].startswith("-"):
        print(USAGE, file=sys.stderr)  # noqa: T201
        return 2
    bootstrap = str(Path(__file__).parent / "bootstrap")
    existing = environment.get("PYTHONPATH")
    environment["PYTHONPATH"] = f"{bootstrap}{os.pathsep}{existing}" if existing else bootstrap
    try:
        os.execvpe(arguments[0], arguments, environment)
    except OSError as error:
        print(f"sightline: {arguments[0]}: {error.strerror}", file=sys.stderr)  # noqa: T201
        return 2
