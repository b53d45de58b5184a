"""Commands whose modules are imported when they run, so that `sightline --help` answers at once."""

import argparse
from collections.abc import Callable
from importlib import import_module


def for_operators(command: Callable[[argparse.Namespace], int]) -> Callable[[argparse.Namespace], int]:
    """Return the command as one that opens a store: it logs errors only, and cleans up on SIGTERM."""

    def run(options: argparse.Namespace) -> int:
        from sightline_server.logs import configure_logging
        from sightline_server.sigterm import stop_on_sigterm

        configure_logging("error")
        stop_on_sigterm()
        return command(options)

    return run


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
