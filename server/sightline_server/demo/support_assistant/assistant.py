"""The assistant: guardrail, cache, retrieval, model with a tool, guardrail. Sync, streaming and async."""

import asyncio
import json
import re
from collections.abc import Iterable
from typing import Any

import openai
from openai.types.chat import ChatCompletionMessageParam, ChatCompletionToolParam

import sightline
from sightline_server.demo.support_assistant import shop
from sightline_server.demo.support_assistant.answer_cache import AnswerCache

MODEL = "gpt-4o-mini"
TRIAGE_MODEL = "gpt-4.1-mini"
SUMMARY_MODEL = "gpt-5-mini"
MAX_TOOL_ROUNDS = 4
SORRY = "I can't help with that here."

_INJECTION = re.compile(
    r"ignore (all|your|the) (previous |)(rules|instructions)|system prompt", re.IGNORECASE
)
_PROMISE = re.compile(r"\b(guarantee|promise|tomorrow)\b", re.IGNORECASE)
_WARM = re.compile(r"thank|happy to|good question", re.IGNORECASE)
_TOOLS: list[ChatCompletionToolParam] = [
    {
        "type": "function",
        "function": {
            "name": "look_up_order",
            "description": "Status of an order",
            "parameters": {
                "type": "object",
                "properties": {"order_number": {"type": "string"}},
                "required": ["order_number"],
            },
        },
    }
]
_TRIAGE_SCHEMA = {
    "type": "object",
    "properties": {
        "category": {"type": "string"},
        "urgency": {"enum": ["low", "normal", "high"]},
        "needs_human": {"type": "boolean"},
    },
    "required": ["category", "urgency", "needs_human"],
    "additionalProperties": False,
}


class SupportAssistant:
    """Answers customers with the clients it is given."""

    def __init__(self, client: openai.OpenAI, async_client: openai.AsyncOpenAI) -> None:
        self._client = client
        self._async_client = async_client
        self._cache = AnswerCache(ttl_s=120)

    def answer(self, question: str, *, stream: bool) -> str:
        """Return the answer to one question."""
        with sightline.span("answer_customer", kind="workflow", input=question) as step:
            answer = self._answer(question, stream=stream)
            step.set_output(answer)
            sightline.score("tone", "warm" if _WARM.search(answer) else "plain")
        return answer

    def _answer(self, question: str, *, stream: bool) -> str:
        if check_question(question)["outcome"] == "block":
            return SORRY
        with sightline.cache("answer_cache", kind="semantic", query=question) as lookup:
            hit = self._cache.look_up(question)
            if hit is not None:
                lookup.set_lookup(True, similarity=hit.similarity, age_s=hit.age_s, saved_tokens=hit.tokens)
                return hit.answer
            lookup.set_lookup(False)
        pages = search_help_pages(question)
        with sightline.context(prompt={"name": "support", "version": "3", "variables": {"q": question}}):
            messages = _messages(question, pages)
            answer, tokens = self._stream(messages) if stream else self._chat(messages)
        if check_answer(answer) == "pass":
            self._cache.store(question, answer, tokens)
        return answer

    def _chat(self, messages: list[ChatCompletionMessageParam]) -> tuple[str, int]:
        for _ in range(MAX_TOOL_ROUNDS):
            response = self._client.chat.completions.create(
                model=MODEL, messages=messages, tools=_TOOLS, temperature=0.2, seed=7
            )
            message = response.choices[0].message
            if not message.tool_calls:
                tokens = response.usage.total_tokens if response.usage else 0
                return message.content or message.refusal or "", tokens
            messages.append(message.to_dict())  # type: ignore[arg-type]
            messages.extend(_run_tools(message.tool_calls))
        raise RuntimeError(f"the model asked for tools {MAX_TOOL_ROUNDS} times and never answered")

    def _stream(self, messages: list[ChatCompletionMessageParam]) -> tuple[str, int]:
        pieces: list[str] = []
        tokens = 0
        with self._client.chat.completions.create(
            model=MODEL, messages=messages, stream=True, stream_options={"include_usage": True}
        ) as stream:
            for chunk in stream:
                pieces.extend(choice.delta.content or "" for choice in chunk.choices)
                tokens = chunk.usage.total_tokens if chunk.usage else tokens
        return "".join(pieces), tokens

    async def triage_mail(self, mail: str) -> dict[str, Any]:
        """Return category, urgency and a summary of a mail; both model calls run at the same time."""
        with sightline.span("triage_mail", kind="agent", input=mail) as step:
            triage, summary = await asyncio.gather(self._classify(mail), self._summarise(mail))
            result = {**json.loads(triage), "summary": summary}
            step.set_output(result)
        return result

    async def _classify(self, mail: str) -> str:
        response = await self._async_client.chat.completions.create(
            model=TRIAGE_MODEL,
            messages=[
                {"role": "system", "content": "Classify the mail."},
                {"role": "user", "content": mail},
            ],
            response_format={
                "type": "json_schema",
                "json_schema": {"name": "triage", "strict": True, "schema": _TRIAGE_SCHEMA},
            },
        )
        return response.choices[0].message.content or ""

    async def _summarise(self, mail: str) -> str:
        response = await self._async_client.responses.create(
            model=SUMMARY_MODEL, instructions="Summarise the mail in one sentence.", input=mail
        )
        return response.output_text


@sightline.guardrail(name="prompt_injection", stage="input")
def check_question(question: str) -> dict[str, Any]:
    """Block questions that try to take over the assistant."""
    if _INJECTION.search(question):
        return {"outcome": "block", "score": 0.97, "categories": ["prompt_injection"]}
    return {"outcome": "pass", "score": 0.02}


@sightline.guardrail(name="no_promises", stage="output")
def check_answer(answer: str) -> str:
    """Warn when the answer promises what the shop cannot keep."""
    return "warn" if _PROMISE.search(answer) else "pass"


@sightline.retrieval(name="help_pages")
def search_help_pages(question: str) -> list[shop.Page]:
    """Find the help pages that the answer may use."""
    return shop.find_pages(question)


@sightline.tool(name="look_up_order")
def look_up_order(order_number: str) -> str:
    """Ask the order system."""
    return shop.order_status(order_number)


def _run_tools(calls: Iterable[Any]) -> list[ChatCompletionMessageParam]:
    results: list[ChatCompletionMessageParam] = []
    for call in calls:
        try:
            content = look_up_order(**json.loads(call.function.arguments))
        except shop.OrderSystemDown as error:
            content = f"error: {error}"
        results.append({"role": "tool", "tool_call_id": call.id, "content": content})
    return results


def _messages(question: str, pages: list[shop.Page]) -> list[ChatCompletionMessageParam]:
    documents = "\n".join(f"# {page.id}\n{page.content}" for page in pages)
    return [
        {
            "role": "system",
            "content": "You are the support assistant of a web shop. Answer from the documents only, in "
            f"three sentences, and never promise a date that they do not give.\n\nDocuments:\n{documents}",
        },
        {"role": "user", "content": question},
    ]
