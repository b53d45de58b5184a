"""An app as a developer would write it, with the one line; prints what its own client saw, as JSON."""

import asyncio
import json
import os
import sys
from typing import Any

import sightline

sightline.instrument(app="one-line", endpoint=os.environ["SIGHTLINE"])

import openai  # noqa: E402 - after the one line on purpose: the order of imports must not matter
from openai.types.chat import ChatCompletionMessageParam  # noqa: E402

QUESTION = "Where is my order 1234?"
MESSAGES: list[ChatCompletionMessageParam] = [{"role": "user", "content": QUESTION}]

seen: list[dict[str, Any]] = []


def note(response: Any) -> None:
    """Keep the figures of one response, as the client gave them."""
    usage = response.usage
    chat = hasattr(usage, "prompt_tokens")
    seen.append(
        {
            "id": response.id,
            "input": usage.prompt_tokens if chat else usage.input_tokens,
            "output": usage.completion_tokens if chat else usage.output_tokens,
            "fingerprint": getattr(response, "system_fingerprint", None),
        }
    )


def ask_sync() -> None:
    """Chat, responses and a chat stream."""
    with openai.OpenAI(api_key="sk-test", base_url=os.environ["OPENAI"]) as client:
        note(client.chat.completions.create(model="gpt-4o-mini", messages=MESSAGES))
        note(client.responses.create(model="gpt-4o-mini", input=QUESTION))
        with client.chat.completions.create(
            model="gpt-4o-mini", messages=MESSAGES, stream=True, stream_options={"include_usage": True}
        ) as stream:
            note([*stream][-1])


async def ask_async() -> None:
    """Chat with the async client."""
    async with openai.AsyncOpenAI(api_key="sk-test", base_url=os.environ["OPENAI"]) as client:
        note(await client.chat.completions.create(model="gpt-4o-mini", messages=MESSAGES))


with sightline.span("answer", kind="workflow"), sightline.context(session="s-1", user="u-7"):
    ask_sync()
    asyncio.run(ask_async())

report = sightline.flush()
sys.exit(f"spans were dropped: {report}") if report.dropped else sys.stdout.write(json.dumps(seen))
