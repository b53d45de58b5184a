"""Log events by which coding agents tell of their work: which span each of them stands for.

Claude Code and Gemini CLI send traces only where they are asked to, Codex sends them without models, and what
a call used is in the events of all three. Sources: code.claude.com/docs "Monitoring", geminicli.com/docs
"Telemetry", developers.openai.com/codex "Config"; and what Claude Code 2.1, Gemini CLI 0.61 and Codex 0.171
send.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sightline_semconv import gen_ai, sightline
from sightline_semconv.kinds import SpanKind


@dataclass(frozen=True, slots=True)
class Agent:
    """`session` and `prompt` are the attributes that name a conversation, and what it was asked last.

    A trace is what was done for a prompt, or the conversation of an agent whose events do not name prompts.
    `has_spans`: an event that belongs to a span of the agent's own traces tells nothing new.
    """

    name: str
    session: str
    prompt: str = ""
    has_spans: bool = False


@dataclass(frozen=True, slots=True)
class AgentEvent:
    """The span that an event stands for.

    `ids` are the attributes that tell it from others of its name in the trace, where there are such.
    `needs` are attributes without which the event says nothing; an `only_failed` one says nothing else than a
    failure. `renames` and `adds` make its attributes GenAI's. With `answer`, it stands for no span but for
    what was said in the one with these ids, and this is the attribute with the text.
    """

    agent: Agent
    span: str
    kind: SpanKind
    ids: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    renames: Mapping[str, str] = field(default_factory=dict)
    adds: Mapping[str, str] = field(default_factory=dict)
    only_failed: bool = False
    answer: str = ""

    @property
    def is_prompt(self) -> bool:
        """Whether this is what the agent was asked, which the other spans of a trace serve."""
        return self.kind == SpanKind.AGENT


REDACTED = "<REDACTED>"
"""What they write in place of a text that they were not told to send."""

_CLAUDE = Agent("claude_code", "session.id", "prompt.id", has_spans=True)
_GEMINI = Agent("gemini_cli", "session.id", "prompt_id")
_CODEX = Agent("codex", "conversation.id")

_CLAUDE_CALL = {"model": gen_ai.REQUEST_MODEL, "cost_usd": sightline.EMITTER_COST_USD}
_GEMINI_CALL = {
    "model": gen_ai.REQUEST_MODEL,
    "input_token_count": gen_ai.USAGE_INPUT_TOKENS,
    "output_token_count": gen_ai.USAGE_OUTPUT_TOKENS,
    "cached_content_token_count": gen_ai.USAGE_CACHE_READ_INPUT_TOKENS,
    "thoughts_token_count": gen_ai.USAGE_REASONING_OUTPUT_TOKENS,
    "total_token_count": "gen_ai.usage.total_tokens",
    "finish_reasons": gen_ai.RESPONSE_FINISH_REASONS,
    "status_code": gen_ai.HTTP_STATUS_CODE,
}
_CODEX_CALL = {
    "conversation.id": gen_ai.CONVERSATION_ID,
    "model": gen_ai.REQUEST_MODEL,
    "input_token_count": gen_ai.USAGE_INPUT_TOKENS,
    "output_token_count": gen_ai.USAGE_OUTPUT_TOKENS,
    "cached_token_count": gen_ai.USAGE_CACHE_READ_INPUT_TOKENS,
    "cache_write_token_count": gen_ai.USAGE_CACHE_WRITE_INPUT_TOKENS,
    "reasoning_token_count": gen_ai.USAGE_REASONING_OUTPUT_TOKENS,
}
_CODEX_STEP = {"conversation.id": gen_ai.CONVERSATION_ID}
_ANTHROPIC, _GOOGLE, _OPENAI = (
    {gen_ai.PROVIDER_NAME: name} for name in ("anthropic", "gcp.gemini", "openai")
)

AGENT_EVENTS: Mapping[str, AgentEvent] = {
    "claude_code.user_prompt": AgentEvent(
        _CLAUDE, "claude_code.interaction", SpanKind.AGENT, renames={"prompt": gen_ai.INPUT_MESSAGES}
    ),
    "claude_code.api_request": AgentEvent(
        _CLAUDE,
        "claude_code.llm_request",
        SpanKind.LLM,
        ("request_id",),
        renames=_CLAUDE_CALL,
        adds=_ANTHROPIC,
    ),
    "claude_code.api_error": AgentEvent(
        _CLAUDE, "claude_code.llm_request", SpanKind.LLM, renames=_CLAUDE_CALL, adds=_ANTHROPIC
    ),
    "claude_code.tool_result": AgentEvent(_CLAUDE, "claude_code.tool", SpanKind.TOOL, ("tool_use_id",)),
    "claude_code.assistant_response": AgentEvent(
        _CLAUDE, "claude_code.llm_request", SpanKind.LLM, ("request_id",), answer="response"
    ),
    "gemini_cli.user_prompt": AgentEvent(
        _GEMINI, "gemini_cli.user_prompt", SpanKind.AGENT, renames={"prompt": gen_ai.INPUT_MESSAGES}
    ),
    "gemini_cli.api_response": AgentEvent(
        _GEMINI, "gemini_cli.llm_call", SpanKind.LLM, renames=_GEMINI_CALL, adds=_GOOGLE
    ),
    "gemini_cli.api_error": AgentEvent(
        _GEMINI, "gemini_cli.llm_call", SpanKind.LLM, renames=_GEMINI_CALL, adds=_GOOGLE
    ),
    "gemini_cli.tool_call": AgentEvent(
        _GEMINI,
        "gemini_cli.tool_call",
        SpanKind.TOOL,
        renames={"function_name": gen_ai.TOOL_NAME, "function_args": gen_ai.TOOL_CALL_ARGUMENTS},
    ),
    "codex.user_prompt": AgentEvent(
        _CODEX, "codex.user_prompt", SpanKind.AGENT, renames={**_CODEX_STEP, "prompt": gen_ai.INPUT_MESSAGES}
    ),
    "codex.sse_event": AgentEvent(
        _CODEX,
        "codex.response",
        SpanKind.LLM,
        needs=("input_token_count",),
        renames=_CODEX_CALL,
        adds=_OPENAI,
    ),
    "codex.api_request": AgentEvent(
        _CODEX, "codex.response", SpanKind.LLM, renames=_CODEX_CALL, adds=_OPENAI, only_failed=True
    ),
    "codex.tool_result": AgentEvent(
        _CODEX,
        "codex.tool",
        SpanKind.TOOL,
        ("call_id",),
        renames={
            **_CODEX_STEP,
            "tool_name": gen_ai.TOOL_NAME,
            "call_id": gen_ai.TOOL_CALL_ID,
            "arguments": gen_ai.TOOL_CALL_ARGUMENTS,
            "output": gen_ai.TOOL_CALL_RESULT,
        },
    ),
}
"""By the name of the event; Claude Code's with the prefix that they have in the body."""
