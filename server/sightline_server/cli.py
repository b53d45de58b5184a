"""The command line. Parts are imported by the command that needs them, so that `--help` answers at once."""

import argparse
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from sightline_core.errors import BackendError, CallerError, ConfigurationError
from sightline_server.commands.operator_options import add_operator_commands
from sightline_server.commands.options import (
    add_alerts_command,
    add_failures_command,
    add_mcp_command,
    add_reconcile_command,
    add_report_command,
)
from sightline_server.commands.project_options import add_project_commands
from sightline_server.sigterm import Terminated, end_on_sigterm
from sightline_server.standard_streams import is_unread, open_standard_streams

_OPERATOR_ERROR = 2
_INTERRUPTED = 130
_UNREAD = 141
_ROLES = {
    "collector": ("only receive and store, beside other processes on the same server", "OTLP/HTTP"),
    "api": ("only the API and the page", "the API and the page"),
    "worker": ("only the background jobs", "/readyz and /metrics"),
}
"""What each does, and what its port is for."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 found problems, 2 cannot run as configured."""
    open_standard_streams()
    options = _parser().parse_args(argv)
    try:
        code = int(options.run(options))
        sys.stdout.flush()
        return code
    except (CallerError, ConfigurationError, BackendError, OSError) as error:
        if isinstance(error, BrokenPipeError) and is_unread():
            return _UNREAD
        sys.stderr.write(f"sightline: {error}\n")
        return _OPERATOR_ERROR
    except KeyboardInterrupt as asked:
        # A server that was not ready yet has nothing to drain.
        return 0 if options.run in (_serve, _demo) and isinstance(asked, Terminated) else _INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sightline",
        description="Traces, failures and cost of LLM apps.",
        epilog="`sightline run -- COMMAND` traces the OpenAI calls of a Python command, by the SDK.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"sightline {version('sightline')}")
    commands = parser.add_subparsers(title="commands", metavar="command", required=True)

    serve = commands.add_parser("serve", help="receive, store and show traces: everything in one process")
    _add_listen_options(serve)
    serve.set_defaults(run=_serve, role="ALL")

    demo = commands.add_parser("demo", help="start a server with a sample app that keeps it busy")
    _add_listen_options(demo)
    demo.set_defaults(run=_demo, data_dir=Path(".sightline/demo"))
    demo.add_argument(
        "--live", action="store_true", help="call the real OpenAI API with OPENAI_API_KEY, which costs money"
    )
    for role, (help_text, port_of) in _ROLES.items():
        part = commands.add_parser(role, help=help_text)
        _add_listen_options(part, port_of, takes_spans=role == "collector")
        part.set_defaults(run=_serve, role=role.upper())
    add_operator_commands(commands)
    add_project_commands(commands)
    add_report_command(commands)
    add_reconcile_command(commands)
    add_alerts_command(commands)
    add_mcp_command(commands)
    add_failures_command(commands)
    return parser


def _add_listen_options(
    parser: argparse.ArgumentParser,
    port_of: str = "OTLP/HTTP, the API and the page",
    *,
    takes_spans: bool = True,
) -> None:
    parser.add_argument("--host", help="address to listen on (127.0.0.1)")
    parser.add_argument("--port", type=int, help=f"port of {port_of} (4318)")
    if takes_spans:
        parser.add_argument("--grpc-port", type=int, help="port of OTLP/gRPC, by custom 4317; 0 is off (0)")
    parser.add_argument("--data-dir", type=Path, help="folder of the embedded store and the journal")


def _given(options: argparse.Namespace) -> dict[str, object]:
    """Return the options that are settings; `None` where one was not given."""
    return {name: getattr(options, name, None) for name in ("host", "port", "grpc_port", "data_dir")}


def _serve(options: argparse.Namespace) -> int:
    # At once: the first process of a container hears only of signals that it has asked for.
    end_on_sigterm()
    from sightline_server.configuration import load_settings
    from sightline_server.serve import serve

    return serve(load_settings(_given(options)), role=options.role)


def _demo(options: argparse.Namespace) -> int:
    end_on_sigterm()
    from sightline_server.configuration import load_settings
    from sightline_server.demo.run import run_demo

    return run_demo(load_settings(_given(options)), live=options.live)
