"""Which requests of the OpenAI client are calls to trace, and how each is read.

The table is keyed by path, not by resource class: a bound method kept from before, a raw wrapper, a subclass
or a plain `client.post("/chat/completions", …)` all end in the same request.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sightline.facts import Facts
from sightline.readers import agents, chat, media, responses
from sightline_semconv.kinds import SpanKind

JsonObject = dict[str, Any]
Reader = Callable[[JsonObject, Facts], None]
Folder = Callable[[list[JsonObject], Facts], JsonObject]


def _read_nothing(body: JsonObject, facts: Facts) -> None:
    """For endpoints whose bodies hold nothing that a span names."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One row. `operation` is a `gen_ai.operation.name`; `kind` is written only where the operation has
    none."""

    operation: str
    read_request: Reader
    read_response: Reader
    fold: Folder | None = None
    kind: SpanKind | None = None
    generates: bool = False  # makes text: usage is estimated when the provider sends none
    shorten: Callable[[bytes], bytes] | None = None  # leaves out of an answer what is not read
    done_marker: bool = False  # its streams end with `data: [DONE]`


_CHAT = Endpoint(
    "chat", chat.read_request, chat.read_response, chat.fold_chunks, generates=True, done_marker=True
)
_COMPLETION = Endpoint(
    "text_completion",
    chat.read_completion_request,
    chat.read_completion_response,
    chat.fold_chunks,
    generates=True,
    done_marker=True,
)
_RESPONSE = Endpoint(
    "chat", responses.read_request, responses.read_response, responses.fold_events, generates=True
)
_STORED = Endpoint("fetch_response", _read_nothing, responses.read_stored, responses.fold_events)
_EMBEDDING = Endpoint(
    "embeddings",
    media.read_embeddings_request,
    media.read_embeddings_response,
    shorten=media.without_vectors,
)
_MODERATION = Endpoint("apply_guardrail", media.read_moderation_request, media.read_moderation_response)
_DECISION = Endpoint("generate_content", media.read_decision_request, media.read_decision_response)
_IMAGE = Endpoint("generate_content", media.read_image_request, media.read_image_response, media.fold_images)
_SPEECH = Endpoint("generate_content", media.read_speech_request, _read_nothing, media.fold_audio)
_AUDIO = Endpoint("generate_content", media.read_audio_request, media.read_audio_response, media.fold_audio)
_RUN = Endpoint(
    "invoke_agent", agents.read_run_request, agents.read_run_response, agents.fold_run, done_marker=True
)
_SESSION = Endpoint(
    "invoke_agent", agents.read_session_request, agents.read_session_response, agents.fold_session
)
_SEARCH = Endpoint("retrieval", media.read_search_request, media.read_search_response)


def _job(operation: str, kind: SpanKind = SpanKind.INTERNAL) -> Endpoint:
    return Endpoint(operation, _read_nothing, media.read_job_response, kind=kind)


_ID = "[^/?]+"
_TABLE: tuple[tuple[str, str, Endpoint], ...] = (
    ("post", "/chat/completions", _CHAT),
    ("post", "/completions", _COMPLETION),
    ("post", "/responses", _RESPONSE),
    ("post", "/responses/compact", _RESPONSE),
    ("get", f"/responses/{_ID}", _STORED),
    ("post", "/embeddings", _EMBEDDING),
    ("post", "/moderations", _MODERATION),
    ("post", "/decisions", _DECISION),
    ("post", "/images/generations", _IMAGE),
    ("post", "/images/edits", _IMAGE),
    ("post", "/images/variations", _IMAGE),
    ("post", "/videos", _job("create_video")),
    ("post", "/videos/(?:edits|extensions)", _job("create_video")),
    ("post", f"/videos/{_ID}/remix", _job("create_video")),
    ("post", "/audio/speech", _SPEECH),
    ("post", "/audio/transcriptions", _AUDIO),
    ("post", "/audio/translations", _AUDIO),
    ("post", "/batches", _job("create_batch")),
    ("post", "/fine_tuning/jobs", _job("create_fine_tuning_job")),
    ("post", "/fine_tuning/alpha/graders/run", _job("run_grader", SpanKind.EVALUATION)),
    ("post", f"/evals/{_ID}/runs", _job("create_eval_run", SpanKind.EVALUATION)),
    ("post", f"/vector_stores/{_ID}/search", _SEARCH),
    ("post", "/assistants", _job("create_agent", SpanKind.AGENT)),
    ("post", "/threads/runs", _RUN),
    ("post", f"/threads/{_ID}/runs", _RUN),
    ("post", f"/threads/{_ID}/runs/{_ID}/submit_tool_outputs", _RUN),
    ("post", "/agents", _job("create_agent", SpanKind.AGENT)),
    ("post", "/agents/sessions", _SESSION),
    ("post", f"/agents/sessions/{_ID}/events", _SESSION),
    ("get", f"/agents/sessions/{_ID}/events", _SESSION),
    ("post", f"/agents/automations/{_ID}/invocations", _job("invoke_agent", SpanKind.AGENT)),
    ("post", "/realtime/sessions", _job("create_realtime_session")),
    ("post", "/realtime/transcription_sessions", _job("create_realtime_session")),
    ("post", "/realtime/(?:translations/)?client_secrets", _job("create_realtime_session")),
    ("post", f"/realtime/calls(?:/{_ID}/accept)?", _job("create_realtime_call")),
    ("post", f"/live/sessions(?:/{_ID}/(?:accept|fork))?", _job("create_realtime_session")),
    ("post", "/chatkit/sessions", _job("create_chatkit_session")),
)
# Azure and gateways put a deployment in front: /deployments/gpt-4o/chat/completions.
_PATTERNS = tuple(
    (method, re.compile(f"(?:https?://.*?|/openai)?(?:/v1)?(?:/deployments/{_ID})?{path}"), endpoint)
    for method, path, endpoint in _TABLE
)


@lru_cache(maxsize=1024)
def find_endpoint(method: str, url: str) -> Endpoint | None:
    """The row for a request's method and path (relative or absolute, query ignored); None: not one to
    trace."""
    path = url.partition("?")[0].rstrip("/")
    if not path.startswith(("/", "http://", "https://")):
        path = "/" + path
    wanted = method.lower()
    for row_method, pattern, endpoint in _PATTERNS:
        if row_method == wanted and pattern.fullmatch(path):
            return endpoint
    return None
