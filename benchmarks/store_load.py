"""Spans for the store benchmarks: support-assistant traces with 1–4 KB prompts and about 20 attributes.

Text is drawn from 20,000 made-up words by a Zipf law, so that compression and word search see something like
language. The same seed gives the same spans.
"""

import itertools
import random
from collections.abc import Iterator
from decimal import Decimal

import numpy as np

from sightline_storage import SpanRecord

SPANS_A_TRACE = 8
MODELS = ("gpt-4o", "gpt-4o-mini", "o4-mini", "claude-sonnet-4", "text-embedding-3-small")
_SYLLABLES = [a + b for a in "bcdfghklmnprstvwz" for b in ("a", "e", "i", "o", "u", "ai", "or", "en")]


class SpanLoad:
    """Traces of eight spans: an agent, its retrieval and tools, and four model calls."""

    def __init__(self, *, seed: int = 1, apps: int = 10, projects: tuple[str, ...] = ("default",)) -> None:
        self._random = random.Random(seed)
        self._numbers = np.random.default_rng(seed)
        self.words = np.array(["".join(self._random.choices(_SYLLABLES, k=1 + n % 4)) for n in range(20_000)])
        self._apps = [f"app-{n}" for n in range(apps)]
        self._projects = projects
        self._serial = itertools.count()

    def traces(self, count: int, *, start_ns: int, step_ns: int) -> Iterator[list[SpanRecord]]:
        """Yield `count` traces, one every `step_ns` from `start_ns` on."""
        for number in range(count):
            yield self._trace(start_ns + number * step_ns)

    def _text(self, low: int, high: int) -> str:
        size = self._random.randint(low, high) // 6
        return " ".join(self.words[np.minimum(self._numbers.zipf(1.3, size), 20_000) - 1])

    def _trace(self, start_ns: int) -> list[SpanRecord]:
        pick = self._random
        trace_id = f"{pick.getrandbits(128) | 1:032x}"
        app, root_id = pick.choice(self._apps), f"{pick.getrandbits(64) | 1:016x}"
        shared = SpanRecord(
            project=pick.choice(self._projects),
            trace_id=trace_id,
            app=app,
            service=app,
            environment=pick.choice(("prod", "prod", "prod", "staging")),
            app_version=f"1.{pick.randint(0, 9)}",
            session=f"session-{next(self._serial) // 5}",
            user=f"user-{pick.randint(0, 5000)}",
            scope_name="openai",
            dialect="otel_genai",
            ingested_ns=start_ns + 5_000_000_000,
            resource={"service.name": app, "telemetry.sdk.name": "opentelemetry", "host.name": "web-1"},
        )
        spans = [self._agent(shared, root_id, start_ns)]
        for number in range(1, SPANS_A_TRACE):
            kind = ("llm", "tool", "retrieval", "llm")[number % 4]
            make = self._call if kind == "llm" else self._step
            spans.append(make(shared, root_id, start_ns + number * 300_000_000, kind))
        return spans

    def _agent(self, shared: SpanRecord, span_id: str, start_ns: int) -> SpanRecord:
        question, answer = self._text(60, 300), self._text(60, 300)
        return {
            **shared,
            "span_id": span_id,
            "name": "invoke_agent support",
            "kind": "agent",
            "otel_kind": "internal",
            "start_ns": start_ns,
            "duration_ns": self._random.randint(2, 8) * 1_000_000_000,
            "status": "error" if self._random.random() < 0.05 else "ok",
            "input_preview": question,
            "output_preview": answer,
            "input": question,
            "output": answer,
        }

    def _call(self, shared: SpanRecord, parent: str, start_ns: int, kind: str) -> SpanRecord:
        pick = self._random
        prompt, answer = self._text(1000, 4000), self._text(100, 600)
        model = pick.choice(MODELS)
        failed = pick.random() < 0.02
        tokens, written = len(prompt) // 4, len(answer) // 4
        return {
            **shared,
            "span_id": f"{pick.getrandbits(64) | 1:016x}",
            "parent_span_id": parent,
            "name": f"chat {model}",
            "kind": kind,
            "otel_kind": "client",
            "operation": "chat",
            "start_ns": start_ns,
            "duration_ns": pick.randint(300, 3000) * 1_000_000,
            "time_to_first_token_ns": pick.randint(100, 900) * 1_000_000,
            "status": "error" if failed else "ok",
            "failure_category": "rate_limit" if failed else "",
            "failure_fingerprint": f"{pick.randint(0, 40):016x}" if failed else "",
            "provider": "openai",
            "model": model,
            "request_model": model,
            "response_model": model,
            "response_id": f"chatcmpl-{pick.getrandbits(96):x}",
            "system_fingerprint": f"fp_{pick.randint(0, 5)}",
            "finish_reasons": ["stop"],
            "input_tokens": tokens,
            "cached_input_tokens": tokens // 3,
            "output_tokens": written,
            "cost_usd": Decimal(tokens * 25 + written * 100).scaleb(-7),
            "cost_input_usd": Decimal(tokens * 25).scaleb(-7),
            "cost_output_usd": Decimal(written * 100).scaleb(-7),
            "cost_state": "unpriced" if model == MODELS[-1] else "priced",
            "price_id": f"openai/{model}",
            "input_preview": prompt[-300:],
            "output_preview": answer[:300],
            "input": f'[{{"role":"user","parts":[{{"type":"text","content":"{prompt}"}}]}}]',
            "output": f'[{{"role":"assistant","parts":[{{"type":"text","content":"{answer}"}}]}}]',
            "attributes": {
                "gen_ai.operation.name": "chat",
                "gen_ai.provider.name": "openai",
                "gen_ai.request.model": model,
                "gen_ai.request.temperature": "0.2",
                "gen_ai.request.max_tokens": "1024",
                "server.address": "api.openai.com",
                "tenant": f"tenant-{pick.randint(0, 50)}",
            },
            "attributes_num": {"gen_ai.request.temperature": 0.2, "gen_ai.request.max_tokens": 1024.0},
        }

    def _step(self, shared: SpanRecord, parent: str, start_ns: int, kind: str) -> SpanRecord:
        given, result = self._text(30, 120), self._text(200, 800)
        return {
            **shared,
            "span_id": f"{self._random.getrandbits(64) | 1:016x}",
            "parent_span_id": parent,
            "name": "execute_tool lookup" if kind == "tool" else "retrieval docs",
            "kind": kind,
            "operation": "execute_tool" if kind == "tool" else "retrieval",
            "start_ns": start_ns,
            "duration_ns": self._random.randint(5, 200) * 1_000_000,
            "status": "ok",
            "tool_name": "lookup" if kind == "tool" else "",
            "retrieved_count": 4 if kind == "retrieval" else -1,
            "input_preview": given,
            "output_preview": result[:300],
            "input": given,
            "output": result,
            "attributes": {"gen_ai.tool.name": "lookup"},
        }
