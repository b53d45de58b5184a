"""Claude Code's traces: few GenAI names, and its own for what a request to the model used.

Source: code.claude.com/docs, "Monitoring" (traces, beta), and what version 2.1 sends.
"""

from sightline_semconv import gen_ai, sightline
from sightline_semconv.agent_events import REDACTED
from sightline_semconv.dialects.api_body import read_usage
from sightline_semconv.dialects.content import take_content
from sightline_semconv.dialects.dialect import Attributes, Dialect
from sightline_semconv.dialects.flattened import move_missing, set_missing
from sightline_semconv.kinds import SpanKind

_USAGE = {
    "input_tokens": "input_tokens",
    "output_tokens": "output_tokens",
    "cache_read_tokens": "cache_read_input_tokens",
    "cache_creation_tokens": "cache_creation_input_tokens",
    "speed": "speed",
}
"""Its names of usage → those of Anthropic's API, whose counts have cached tokens beside the input, too."""


def _restructure(attributes: Attributes) -> None:
    match attributes.get(sightline.SPAN_KIND):
        case SpanKind.LLM:
            _read_request(attributes)
        case SpanKind.TOOL:
            move_missing(attributes, "tool_name", gen_ai.TOOL_NAME)
            take_content(attributes, ["tool_input", "full_command", "file_path"], [])
        case SpanKind.AGENT if attributes.get("user_prompt") != REDACTED:
            take_content(attributes, ["user_prompt"], [])


def _read_request(attributes: Attributes) -> None:
    read_usage(attributes, {key: attributes.get(name) for name, key in _USAGE.items()})
    waited_ms = attributes.get("ttft_ms")
    if isinstance(waited_ms, int | float):
        set_missing(attributes, gen_ai.RESPONSE_TIME_TO_FIRST_CHUNK, waited_ms / 1000)
        set_missing(attributes, gen_ai.REQUEST_STREAM, True)
    move_missing(attributes, "status_code", gen_ai.HTTP_STATUS_CODE)
    move_missing(attributes, "request_id", sightline.REQUEST_ID)


CLAUDE_CODE = Dialect(
    name="claude_code",
    # Of its names those that others hardly have; the third is on every span where it knows its terminal, and
    # the last one on what is made of an event.
    prefixes=("interaction.sequence", "llm_request.context", "terminal.type", "claude_code.span"),
    kind_attribute="span.type",
    kinds={
        "interaction": SpanKind.AGENT,
        "llm_request": SpanKind.LLM,
        "tool": SpanKind.TOOL,
        "tool.execution": SpanKind.INTERNAL,
        "tool.blocked_on_user": SpanKind.INTERNAL,
        "hook": SpanKind.INTERNAL,
    },
    restructure=_restructure,
)
