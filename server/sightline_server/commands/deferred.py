"""Commands whose modules are imported when they run, so that `sightline --help` answers at once."""

import argparse
from collections.abc import Callable
from importlib import import_module


def deferred(module: str, function: str) -> Callable[[argparse.Namespace], int]:
    """Return what runs `sightline_server.commands.<module>.<function>(options, settings)`.

    Settings are read then, too; an option `--data-dir` wins over its variable.
    """

    def run(options: argparse.Namespace) -> int:
        from sightline_server.configuration import load_settings

        settings = load_settings({"data_dir": getattr(options, "data_dir", None)})
        command = getattr(import_module(f"sightline_server.commands.{module}"), function)
        return int(command(options, settings))

    return run
