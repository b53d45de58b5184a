"""Why a model's answer ended, as providers and frameworks spell it, in lower case.

Sources are those of `failure_codes`.
"""

from sightline_semconv.failure_category import FailureCategory

_C = FailureCategory

CATEGORY_OF_FINISH_REASON: dict[str, FailureCategory] = {
    # Truncation: OpenAI `length`, Anthropic and Bedrock `max_tokens`, Google and Cohere `MAX_TOKENS`,
    # Responses `max_output_tokens`, Mistral `model_length`, Anthropic `model_context_window_exceeded`.
    "length": _C.TRUNCATION,
    "max_tokens": _C.TRUNCATION,
    "max_output_tokens": _C.TRUNCATION,
    "max_completion_tokens": _C.TRUNCATION,
    "model_length": _C.TRUNCATION,
    "model_context_window_exceeded": _C.TRUNCATION,
    "max-tokens": _C.TRUNCATION,
    "incomplete": _C.TRUNCATION,
    "token_limit": _C.TRUNCATION,
    "content_filter": _C.CONTENT_FILTER,
    "content-filter": _C.CONTENT_FILTER,
    "content_filtered": _C.CONTENT_FILTER,
    "blocked": _C.CONTENT_FILTER,  # Genkit, whoever blocked it
    "safety": _C.CONTENT_FILTER,
    "recitation": _C.CONTENT_FILTER,
    "blocklist": _C.CONTENT_FILTER,
    "prohibited_content": _C.CONTENT_FILTER,
    "spii": _C.CONTENT_FILTER,
    "image_safety": _C.CONTENT_FILTER,
    "image_prohibited_content": _C.CONTENT_FILTER,
    "image_recitation": _C.CONTENT_FILTER,
    "model_armor": _C.GUARDRAIL_BLOCK,
    "guardrail_intervened": _C.GUARDRAIL_BLOCK,
    "error_toxic": _C.CONTENT_FILTER,
    "language": _C.CONTENT_FILTER,
    "refusal": _C.REFUSAL,
    "malformed_function_call": _C.MALFORMED_TOOL_CALL,
    "malformed_tool_use": _C.MALFORMED_TOOL_CALL,
    "malformed_model_output": _C.MALFORMED_TOOL_CALL,
    "malformed_response": _C.MALFORMED_TOOL_CALL,
    "unexpected_tool_call": _C.UNKNOWN_TOOL,
    "too_many_tool_calls": _C.LOOP,
    "no_image": _C.EMPTY_OUTPUT,
    "error": _C.SERVER_ERROR,
    "error_limit": _C.TRUNCATION,
    "failed": _C.SERVER_ERROR,
    "cancelled": _C.CANCELLED,
    "user_cancel": _C.CANCELLED,
}
"""Finish reasons that are not a normal end. `stop`, `end_turn`, `tool_calls` and unknown ones are normal."""

TOOL_CALL_FINISH_REASONS: frozenset[str] = frozenset(
    {"tool_calls", "tool_call", "tool_use", "function_call", "tool-calls"}
)
"""Finish reasons that wait for a tool; the last one is that of Vercel's AI SDK and what is built on it."""
