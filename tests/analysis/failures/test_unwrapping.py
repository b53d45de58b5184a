"""Wrappers come off down to the sentence that the failing component wrote."""

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sightline_analysis.failures.unwrapping import MAX_CHARS, unwrap

SENTENCE = "The flux capacitor needs more power than is available"


def _escaped(levels: int) -> str:
    body = SENTENCE
    for _ in range(levels):
        body = json.dumps({"error": {"message": body, "code": 400}})
    return body


@pytest.mark.parametrize("levels", range(6))
def test_json_inside_json_is_opened_to_the_innermost_message(levels: int) -> None:
    assert unwrap(_escaped(levels)).message == SENTENCE


@pytest.mark.parametrize(
    "text",
    [
        f"openai.BadRequestError: Error code: 400 - {{'error': {{'message': '{SENTENCE}', 'type': None}}}}",
        f"litellm.BadRequestError: OpenAIException - {SENTENCE}",
        f"Error: 400 {SENTENCE}",
        f'API Error (529 {{"type":"error","error":{{"message":"{SENTENCE}"}}}}) · Retrying',
        f"2025-01-02 03:04:05,678 - app.worker - ERROR - Error in workflow: {SENTENCE}",
        f"[agent] Failed to call the model: {SENTENCE}",
        f'{{ "error" => {{ "message" => "{SENTENCE}" }} }}',
        f"{{ message: '{SENTENCE}', code: 'bad' }}",
        f"ApiError('{SENTENCE}')",
        f'<_InactiveRpcError of RPC:\n\tstatus = StatusCode.INTERNAL\n\tdetails = "{SENTENCE}"\n>',
        f"rpc error: code = Internal desc = {SENTENCE}",
        f"<html><head><title>{SENTENCE}</title></head><body>x</body></html>",
        f"Error: {SENTENCE}\n    at Foo.bar (file:///a/b.js:1:2)\n    at baz (c.js:3:4)",
        f"a.OutException: x\n\tat a.B.c(B.java:1)\nCaused by: a.InException: {SENTENCE}\n\tat x.Y(Y:9)",
        f"{{\"detail\":\"500: Error code: 400 - {{'error': {{'message': '{SENTENCE}'}}}}\"}}",
        f"sqlalchemy.exc.DBAPIError: (psycopg2.errors.Odd) {SENTENCE}\nLINE 1: SELECT a\n  ^\n\n[SQL: a: b]",
        f"(psycopg.errors.Odd) {SENTENCE}\nDETAIL:  Key (a)=(b) is odd.\n[SQL: x]\n[parameters: {{'a': 1}}]",
        f"(asyncpg.exceptions.OddError) <class 'asyncpg.exceptions.OddError'>: {SENTENCE}\n[SQL: SELECT 1]",
        f'(pymysql.err.OperationalError) (1045, "{SENTENCE}")\n(Background on this error at: https://sqlalche.me/e)',
    ],
)
def test_a_wrapper_is_removed(text: str) -> None:
    assert unwrap(text).message.rstrip(" .'\")}") == SENTENCE


@pytest.mark.parametrize("text", ["{body}", "Error code: 429 - {body}", "ApiError('{inner}')"])
def test_an_escaped_emoji_is_one_character_and_half_of_one_a_mark(text: str) -> None:
    inner = "Too many requests \\ud83d\\ude00, half \\ud83d"
    message = unwrap(text.format(body=f'{{"error": {{"message": "{inner}"}}}}', inner=inner)).message
    assert message == "Too many requests \U0001f600, half \ufffd"


@pytest.mark.parametrize("frames", [90, 91, 300, 2_000])
def test_a_long_traceback_ends_with_its_exception(frames: int) -> None:
    calls = "".join(
        f'  File "/app/module_{at}.py", line {at}, in call_{at}\n    return await next_{at}(request)\n'
        for at in range(frames)
    )
    root = unwrap(f"Traceback (most recent call last):\n{calls}openai.RateLimitError: {SENTENCE}")
    assert (root.message, root.types) == (SENTENCE, ["openai.RateLimitError"])


def test_the_first_exception_of_a_chain_is_the_root() -> None:
    text = (
        'Traceback (most recent call last):\n  File "a.py", line 1, in f\n    g()\n'
        f"ValueError: {SENTENCE}\n\nDuring handling of the above exception, another exception occurred:\n\n"
        'Traceback (most recent call last):\n  File "b.py", line 2, in h\n    f()\n'
        "RuntimeError: the agent gave up on it\n"
    )
    assert unwrap(text).message.strip() == SENTENCE


def test_the_first_member_of_an_exception_group_is_the_root() -> None:
    text = (
        "  + Exception Group Traceback (most recent call last):\n"
        '  |   File "a.py", line 1, in f\n'
        "  | ExceptionGroup: unhandled errors in a TaskGroup (1 sub-exception)\n"
        "  +-+---------------- 1 ----------------\n    | Traceback (most recent call last):\n"
        f'    |   File "b.py", line 2, in g\n'
        f"    | OSError: {SENTENCE}\n    +------------------------------------\n"
    )
    assert unwrap(text).message.splitlines()[0].strip() == SENTENCE


def test_codes_and_statuses_of_the_layers_are_kept() -> None:
    root = unwrap(
        "openai.RateLimitError: Error code: 429 - {'error': {'message': 'Slow down, please', 'code': 'slow'}}"
    )
    assert root.statuses[-1] == 429
    assert "slow" in root.codes
    assert "openai.RateLimitError" in root.types


def test_a_protocol_code_belongs_to_the_message() -> None:
    assert unwrap("Error executing tool:\nMCP error -32001: Request timed out").message.startswith(
        "MCP error -32001"
    )


def test_an_operating_system_word_keeps_the_call_that_failed() -> None:
    assert "chdir" in unwrap("loader: chdir failed: No such file or directory").message


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_unwrapped_without_an_error_and_never_grows(text: str) -> None:
    assert len(unwrap(text).message) <= max(len(text), 1)


@pytest.mark.parametrize(
    "unit",
    ["{", "[", '"', "'", "\\", "(", "{'a':", '{"error":', "Error: ", "a.", "a/", "1-", "caused by: ",
     "Caused by: x\n",
     "Traceback (most recent call last):\n", "<", "'x' ", "error - ", "  at a (b:1)\n",
     "=>", "\n", "X", "a@", "0:", "é "],
)  # fmt: skip
def test_hostile_text_costs_time_in_proportion_to_its_size(unit: str) -> None:
    """Twice the text may cost a few times the time, not its square."""

    def cost(size: int) -> float:
        text = (unit * (size // len(unit) + 1))[:size]
        started = time.process_time()
        unwrap(text)
        return time.process_time() - started

    small = min(cost(MAX_CHARS // 4) for _ in range(3))
    large = min(cost(MAX_CHARS) for _ in range(3))
    assert large < 12 * small + 0.02
