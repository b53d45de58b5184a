"""`sightline mcp`: serves tools to one coding agent until it closes our standard input."""

import argparse
from contextlib import closing

from sightline_core.errors import ConfigurationError
from sightline_core.settings import Settings
from sightline_server.commands.server_client import ServerClient


def run_mcp(options: argparse.Namespace, settings: Settings) -> int:
    """Return 0 when the agent is done; `ConfigurationError` when the `mcp` package is missing."""
    try:
        from sightline_server.mcp.server import build_mcp_server
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "mcp":
            raise
        raise ConfigurationError("the mcp package is missing; run: pip install 'sightline[mcp]'") from error
    with closing(ServerClient(settings, options.server)) as client:
        build_mcp_server(client).run()
    return 0
