"""A stand-in for OpenAI on loopback: real HTTP, the wire format of the real API, no key and no bill.

Serves `/v1/chat/completions`, `/v1/responses` and `/v1/embeddings`, plain and streaming, with usage, cached
tokens, tool calls, refusals, rate limits and a system fingerprint that changes now and then. Format: OpenAI
API reference, read November 2026.
"""

import asyncio
import base64
import hashlib
import random
import re
import struct
import time
import zlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from sightline_server.demo.stub_chat import chat_chunks, chat_completion
from sightline_server.demo.stub_replies import Question, Reply, Usage, count_tokens, reply_to, text_of
from sightline_server.demo.stub_responses import response_events, response_object

EMBEDDING_SIZE = 256
_FINGERPRINT_PERIOD_S = 900
_CACHE_STEP = 128
_DATED = {
    "gpt-4o": "gpt-4o-2024-08-06",
    "gpt-4o-mini": "gpt-4o-mini-2024-07-18",
    "gpt-4.1-mini": "gpt-4.1-mini-2025-04-14",
    "gpt-5-mini": "gpt-5-mini-2025-08-07",
}


@dataclass(frozen=True, slots=True)
class Pace:
    """How slow and how unreliable the stand-in is. Seconds, and shares between 0 and 1."""

    first_token_s: float = 0.35
    chunk_s: float = 0.02
    rate_limited: float = 0.03
    overloaded: float = 0.01


def create_openai_stub(*, seed: int, pace: Pace) -> Starlette:
    """Return the app. The same seed and requests give the same replies, apart from ids and times."""
    stub = _Stub(random.Random(seed), pace)
    return Starlette(
        routes=[
            Route("/v1/chat/completions", stub.chat, methods=["POST"]),
            Route("/v1/responses", stub.responses, methods=["POST"]),
            Route("/v1/embeddings", stub.embeddings, methods=["POST"]),
        ]
    )


class _Stub:
    def __init__(self, chance: random.Random, pace: Pace) -> None:
        self._chance = chance
        self._pace = pace
        self._seen_prefixes: set[int] = set()

    async def chat(self, request: Request) -> Response:
        body = await request.json()
        question = Question(
            model=body["model"],
            messages=body["messages"],
            tools=[tool["function"]["name"] for tool in body.get("tools", [])],
            wants_json=body.get("response_format", {}).get("type") in ("json_schema", "json_object"),
            max_tokens=body.get("max_completion_tokens", body.get("max_tokens")),
        )
        fault = await self._delay_or_fault()
        if fault is not None:
            return fault
        reply = reply_to(question, self._chance)
        usage = self._usage(question, reply)
        facts = self._facts("chatcmpl", question.model)
        if not body.get("stream"):
            return JSONResponse(chat_completion(facts, reply, usage), headers=self._headers())
        with_usage = bool((body.get("stream_options") or {}).get("include_usage"))
        return self._stream(chat_chunks(facts, reply, usage if with_usage else None))

    async def responses(self, request: Request) -> Response:
        body = await request.json()
        given = body["input"]
        messages = [{"role": "user", "content": given}] if isinstance(given, str) else given
        question = Question(
            model=body["model"],
            messages=[{"role": "system", "content": body.get("instructions") or ""}, *messages],
            tools=[],
            wants_json=(body.get("text") or {}).get("format", {}).get("type") == "json_schema",
            max_tokens=body.get("max_output_tokens"),
        )
        fault = await self._delay_or_fault()
        if fault is not None:
            return fault
        reply = reply_to(question, self._chance)
        answer = response_object(
            self._facts("resp", question.model), body, reply, self._usage(question, reply)
        )
        if not body.get("stream"):
            return JSONResponse(answer, headers=self._headers())
        return self._stream(response_events(answer))

    async def embeddings(self, request: Request) -> Response:
        body = await request.json()
        texts = [body["input"]] if isinstance(body["input"], str) else body["input"]
        as_base64 = body.get("encoding_format") == "base64"
        tokens = sum(count_tokens(text) for text in texts)
        data = [
            {"object": "embedding", "index": index, "embedding": _encode(_embed(text), as_base64)}
            for index, text in enumerate(texts)
        ]
        usage = {"prompt_tokens": tokens, "total_tokens": tokens}
        return JSONResponse(
            {"object": "list", "model": body["model"], "data": data, "usage": usage}, headers=self._headers()
        )

    async def _delay_or_fault(self) -> Response | None:
        await asyncio.sleep(self._pace.first_token_s * self._chance.uniform(0.4, 1.8))
        dice = self._chance.random()
        if dice < self._pace.rate_limited:
            return self._error(
                429, "rate_limit_exceeded", "Rate limit reached for requests per min (RPM): Limit 500."
            )
        if dice < self._pace.rate_limited + self._pace.overloaded:
            return self._error(503, "server_error", "The engine is overloaded, try again later")
        return None

    def _error(self, status: int, code: str, message: str) -> Response:
        error = {"message": message, "type": code, "param": None, "code": code}
        return JSONResponse({"error": error}, status, headers=self._headers() | {"retry-after-ms": "200"})

    def _headers(self) -> dict[str, str]:
        return {"x-request-id": f"req_{self._chance.getrandbits(128):032x}", "openai-processing-ms": "120"}

    def _facts(self, prefix: str, model: str) -> dict[str, Any]:
        """Return what every answer of either API carries."""
        created = int(time.time())
        epoch = f"{model}/{created // _FINGERPRINT_PERIOD_S}"
        return {
            "id": f"{prefix}_{self._chance.getrandbits(96):024x}",
            "created": created,
            "model": _DATED.get(model, model),
            "system_fingerprint": f"fp_{hashlib.sha256(epoch.encode()).hexdigest()[:10]}",
        }

    def _usage(self, question: Question, reply: Reply) -> Usage:
        texts = [text_of(message.get("content")) for message in question.messages]
        prefix = count_tokens(texts[0]) // _CACHE_STEP * _CACHE_STEP
        known = zlib.crc32(texts[0][: prefix * 4].encode())
        cached = prefix if known in self._seen_prefixes else 0
        self._seen_prefixes.add(known)
        return Usage(
            input=sum(count_tokens(text) + 4 for text in texts) + 40 * len(question.tools),
            cached=cached,
            output=count_tokens(reply.output()) + reply.reasoning_tokens,
            reasoning=reply.reasoning_tokens,
        )

    def _stream(self, events: list[str]) -> Response:
        async def paced() -> AsyncIterator[str]:
            for event in events:
                yield event
                await asyncio.sleep(self._pace.chunk_s)

        return StreamingResponse(paced(), media_type="text/event-stream", headers=self._headers())


def _embed(text: str) -> list[float]:
    """Return a unit vector of hashed words and word beginnings: near for texts that share words."""
    vector = [0.0] * EMBEDDING_SIZE
    for word in re.findall(r"\w{3,}", text.lower()):
        for piece in {word, word[:5]}:
            vector[zlib.crc32(piece.encode()) % EMBEDDING_SIZE] += 1.0
    length = sum(value * value for value in vector) ** 0.5 or 1.0
    return [value / length for value in vector]


def _encode(vector: list[float], as_base64: bool) -> str | list[float]:
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode() if as_base64 else vector
