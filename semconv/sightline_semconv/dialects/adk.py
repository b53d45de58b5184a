"""Google's Agent Development Kit: whole requests and answers of Gemini's API beside GenAI names.

Source: google/adk-python, `src/google/adk/telemetry`.
"""

from typing import Any

from sightline_semconv import gen_ai, sightline
from sightline_semconv.dialects.api_body import read_google_usage, read_grounding, read_request
from sightline_semconv.dialects.content import take_content, to_conversation
from sightline_semconv.dialects.dialect import Attributes, Dialect
from sightline_semconv.dialects.flattened import parse_json, set_missing
from sightline_semconv.kinds import SpanKind

_REQUEST, _RESPONSE = "gcp.vertex.agent.llm_request", "gcp.vertex.agent.llm_response"


def _restructure(attributes: Attributes) -> None:
    request, answer = parse_json(attributes.get(_REQUEST)), parse_json(attributes.get(_RESPONSE))
    if isinstance(request, dict) and request.get("contents"):
        del attributes[_REQUEST]
        _read_request(attributes, request)
        if isinstance(answer, dict):
            del attributes[_RESPONSE]
            _read_answer(attributes, answer)
    take_content(attributes, ["gcp.vertex.agent.tool_call_args"], ["gcp.vertex.agent.tool_response"])


def _read_request(attributes: Attributes, request: dict[str, Any]) -> None:
    if gen_ai.OPERATION_NAME not in attributes:
        set_missing(attributes, sightline.SPAN_KIND, SpanKind.LLM.value)
    set_missing(attributes, gen_ai.INPUT_MESSAGES, to_conversation(request["contents"], "user"))
    config = request.get("config")
    if isinstance(config, dict):
        read_request(attributes, {**config, "instructions": config.get("system_instruction")})


def _read_answer(attributes: Attributes, answer: dict[str, Any]) -> None:
    if isinstance(answer.get("content"), dict):
        said = to_conversation([answer["content"]], "assistant")
        set_missing(attributes, gen_ai.OUTPUT_MESSAGES, said)
    read_grounding(attributes, answer)
    if isinstance(answer.get("usage_metadata"), dict):
        # Its own counts leave out thoughts and what was cached.
        counted: Attributes = {}
        read_google_usage(counted, answer["usage_metadata"])
        attributes |= counted


ADK = Dialect(
    name="adk",
    prefixes=("gcp.vertex.agent.",),
    renames={"gcp.vertex.agent.session_id": sightline.SESSION_ID},
    restructure=_restructure,
)
