"""The process beside the demo's server: the stand-in for OpenAI, some days of history, and the sample app."""

import argparse
import logging
import os
import signal
import socket
import sys
import threading
from datetime import UTC, datetime
from types import FrameType

import httpx
import openai
import uvicorn

import sightline
from sightline_server.configuration import load_settings
from sightline_server.demo.history import seed_history
from sightline_server.demo.openai_stub import Pace, create_openai_stub
from sightline_server.demo.sample_rules import make_rules
from sightline_server.demo.support_assistant.assistant import SupportAssistant
from sightline_server.demo.support_assistant.customers import serve_customers

HISTORY_DAYS = 4
APP = "support-assistant"
_STOPS_WITHIN_S = 30


def main() -> int:
    """Run until a signal arrives or the process that started us is gone."""
    options = _parser().parse_args()
    stopped = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopped.set()

    signal.signal(signal.SIGTERM, stop)
    key = load_settings().api_key
    secret = key.get_secret_value() if key else None
    sightline.instrument(app=APP, endpoint=options.endpoint, key=secret, environment="demo")
    threading.Thread(target=_seed, args=(options.endpoint, secret, stopped), daemon=True).start()
    client, async_client = _clients(None if options.live else _start_stub())
    parent = os.getppid()
    serve_customers(
        SupportAssistant(client, async_client),
        pause=lambda seconds: not stopped.wait(seconds) and os.getppid() == parent,
    )
    client.close()
    # The server goes down at the same time, so what is still on its way may find nobody.
    logging.getLogger("sightline").setLevel(logging.CRITICAL)
    sightline.flush(timeout_s=2)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Keep a demo server busy.")
    parser.add_argument("--endpoint", required=True)
    parser.add_argument("--live", action="store_true")
    return parser


def _clients(base_url: str | None) -> tuple[openai.OpenAI, openai.AsyncOpenAI]:
    """Return clients of the stand-in, or of the real API when there is no `base_url`."""
    if base_url is None:
        return openai.OpenAI(), openai.AsyncOpenAI()
    # Not through a proxy of the environment, which would look for the stand-in on its own machine.
    return (
        openai.OpenAI(
            api_key="sk-demo", base_url=base_url, http_client=openai.DefaultHttpxClient(trust_env=False)
        ),
        openai.AsyncOpenAI(
            api_key="sk-demo", base_url=base_url, http_client=openai.DefaultAsyncHttpxClient(trust_env=False)
        ),
    )


def _start_stub() -> str:
    """Serve the stand-in on a free port of loopback from a thread and return its base URL."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    stub = create_openai_stub(seed=1, pace=Pace())
    server = uvicorn.Server(uvicorn.Config(stub, lifespan="off", log_config=None, access_log=False))
    threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True).start()
    return f"http://127.0.0.1:{listener.getsockname()[1]}/v1"


def _seed(endpoint: str, secret: str | None, stopped: threading.Event) -> None:
    headers = {"authorization": f"Bearer {secret}"} if secret else {}
    try:
        seed_history(endpoint, headers, days=HISTORY_DAYS, now=datetime.now(UTC))
        make_rules(endpoint, headers)
    except httpx.HTTPError as error:
        # A server that is stopped tells us once it has ended.
        if stopped.wait(_STOPS_WITHIN_S):
            return
        sys.stderr.write(f"sightline demo: the history could not be stored: {error}\n")


if __name__ == "__main__":
    sys.exit(main())
