"""A request as a shell command or a Python program that sends it.

Prompts are written by strangers: whatever is in them, the shell and Python see one text. Keys are never in
it, and neither is an address from a span: the caller's environment decides where the request goes.
"""

import json
import pprint
import re

from sightline_api.replay_request import ReplayRequest

# An argument of a command holds at most 128 kB on Linux.
_LONGEST_ARGUMENT = 100_000
_METHOD = {
    "/chat/completions": "chat.completions",
    "/responses": "responses",
    "/completions": "completions",
    "/embeddings": "embeddings",
}
_END = "END_OF_REQUEST"


def curl_command(request: ReplayRequest) -> str:
    """Return a command for POSIX shells."""
    body = _shell_json(request)
    data = f"'{body}'" if len(body.encode()) <= _LONGEST_ARGUMENT else f"@- <<'{_END}'\n{body}\n{_END}"
    option = "--data-raw" if data.startswith("'") else "--data-binary"
    return (
        f"{_comments(request)}"
        f'curl --fail-with-body "${{OPENAI_BASE_URL:-https://api.openai.com/v1}}{request.path}" \\\n'
        '  --header "Authorization: Bearer $OPENAI_API_KEY" \\\n'
        "  --header 'Content-Type: application/json' \\\n"
        f"  {option} {data}\n"
    )


def python_program(request: ReplayRequest) -> str:
    """Return a program for the `openai` package, which reads key and address from the environment."""
    body = pprint.pformat(request.body, sort_dicts=False, width=100)
    return (
        f"{_comments(request)}"
        "from openai import OpenAI\n\n"
        "client = OpenAI()  # reads OPENAI_API_KEY and OPENAI_BASE_URL\n"
        f"request = {body}\n"
        f"answer = client.{_METHOD[request.path]}.create(**request)\n"
        "print(answer.model_dump_json(indent=2))\n"
    )


def _shell_json(request: ReplayRequest) -> str:
    """Return the body as one line of JSON without a single quote, or anything that a terminal obeys."""
    text = json.dumps(request.body, ensure_ascii=False)
    return re.sub(r"'|[^ -~]", _escaped, text)


def _escaped(match: re.Match[str]) -> str:
    character = match[0]
    if character != "'" and character.isprintable():
        return character
    return json.dumps(character)[1:-1] if character != "'" else "\\u0027"


def _comments(request: ReplayRequest) -> str:
    lines = [f"not recorded, so not sent: {item}" for item in request.missing]
    return "".join(f"# {ascii(line)[1:-1]}\n" for line in lines)
