"""`sightline demo`: the server of `sightline serve` with its companion process beside it."""

import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from sightline_core.errors import ConfigurationError
from sightline_core.settings import Settings
from sightline_server.serve import serve

_STOP_WITHIN_S = 10


def run_demo(settings: Settings, *, live: bool) -> int:
    """Run until Ctrl-C or SIGTERM and return 0. Raises `ConfigurationError` when it cannot start."""
    if importlib.util.find_spec("openai") is None:
        raise ConfigurationError("the demo's sample app needs the OpenAI client: pip install openai")
    if live and not os.environ.get("OPENAI_API_KEY"):
        raise ConfigurationError("--live calls the real OpenAI API and needs OPENAI_API_KEY")
    return serve(settings, beside=lambda url: _companion(url, settings, live=live))


@contextmanager
def _companion(url: str, settings: Settings, *, live: bool) -> Iterator[None]:
    """Run the companion while the server is up; it has ended when this returns."""
    command = [sys.executable, "-m", "sightline_server.demo.companion", "--endpoint", url]
    environment = dict(os.environ)
    if settings.api_key is not None:
        environment["SIGHTLINE_API_KEY"] = settings.api_key.get_secret_value()
    # In a group of its own: Ctrl-C is for the server, which ends the companion once it has ended.
    process = subprocess.Popen([*command, "--live"] if live else command, env=environment, process_group=0)
    sys.stdout.write("The sample app support-assistant is running; its first traces arrive in seconds.\n")
    sys.stdout.flush()
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(_STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
