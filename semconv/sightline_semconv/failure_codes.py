"""What providers, protocols and runtimes call the ways in which a call fails, as tables.

Rows are data, reviewed like prices: a new spelling is a new row, never a new branch in code. All keys are in
lower case; the reader lowers what it looks up. Sources, read November 2026: the error references of OpenAI,
Azure OpenAI, Anthropic, Google Gemini and Vertex AI, Amazon Bedrock, Mistral, Cohere, Groq, DeepSeek, xAI and
OpenRouter; `google.rpc.Code`; RFC 9110 section 15; the JSON-RPC 2.0 and MCP specifications.
"""

from enum import StrEnum


class FailureCategory(StrEnum):
    """Why something failed. Members of one cluster share it, so a value is never renamed.

    `RUNAWAY` and those after it are found in whole traces and in scores only; see `docs/failures.md`.
    """

    EXCEPTION = "exception"  # raised or reported, and nothing below fits
    INVALID_REQUEST = "invalid_request"  # the provider or tool does not take what was asked
    NOT_FOUND = "not_found"  # a model, deployment or resource is not there
    AUTH = "auth"  # the key is missing, wrong, or may not do this
    RATE_LIMIT = "rate_limit"  # too much at once; waiting helps
    QUOTA = "quota"  # the account is used up or blocked; waiting does not help
    CONTEXT_LENGTH = "context_length"  # the input is longer than the model takes
    SERVER_ERROR = "server_error"  # the provider's own fault, overload included
    CONNECTION = "connection"  # no connection, or it broke
    TIMEOUT = "timeout"  # no answer in time
    CANCELLED = "cancelled"  # the caller gave up
    CONTENT_FILTER = "content_filter"  # the provider's filter stopped input or output
    REFUSAL = "refusal"  # the model declined, in its own words or by its finish reason
    GUARDRAIL_BLOCK = "guardrail_block"  # a guardrail said block
    INVALID_JSON = "invalid_json"  # the answer should be JSON and is none
    SCHEMA_VIOLATION = "schema_violation"  # the answer is JSON and does not fit its declared schema
    TRUNCATION = "truncation"  # the answer ends at a token limit
    EMPTY_OUTPUT = "empty_output"  # there is no answer
    MALFORMED_TOOL_CALL = "malformed_tool_call"  # a call without a name, or with unfit arguments
    UNKNOWN_TOOL = "unknown_tool"  # the model called a tool that it was not offered
    TOOL_ERROR = "tool_error"  # a tool answered with an error
    EMPTY_RETRIEVAL = "empty_retrieval"  # a retrieval found nothing
    LOOP = "loop"  # the same steps again and again
    RUNAWAY = "runaway"  # far more steps, tokens or cost than the app's other traces
    UNUSED_RETRIEVAL = "unused_retrieval"  # the answer has nothing of the documents
    ABANDONED = "abandoned"  # the run ended before the last answer was read, or the last tool ran
    LOW_SCORE = "low_score"  # an evaluator or model judged the answer to be bad
    NEGATIVE_FEEDBACK = "negative_feedback"  # a person did


_C = FailureCategory

CATEGORY_OF_HTTP_STATUS: dict[int, FailureCategory] = {
    401: _C.AUTH,
    402: _C.QUOTA,
    403: _C.AUTH,
    404: _C.NOT_FOUND,
    407: _C.AUTH,
    408: _C.TIMEOUT,
    410: _C.NOT_FOUND,
    413: _C.CONTEXT_LENGTH,
    429: _C.RATE_LIMIT,
    499: _C.CANCELLED,
    504: _C.TIMEOUT,
    524: _C.TIMEOUT,
}
"""Statuses that say more than their class; other 4xx are invalid requests, other 5xx server errors."""

CATEGORY_OF_GRPC_STATUS: dict[str, FailureCategory] = {
    "cancelled": _C.CANCELLED,
    "unknown": _C.EXCEPTION,
    "invalid_argument": _C.INVALID_REQUEST,
    "deadline_exceeded": _C.TIMEOUT,
    "not_found": _C.NOT_FOUND,
    "already_exists": _C.INVALID_REQUEST,
    "permission_denied": _C.AUTH,
    "resource_exhausted": _C.RATE_LIMIT,
    "failed_precondition": _C.INVALID_REQUEST,
    "aborted": _C.SERVER_ERROR,
    "out_of_range": _C.INVALID_REQUEST,
    "unimplemented": _C.INVALID_REQUEST,
    "internal": _C.SERVER_ERROR,
    "unavailable": _C.SERVER_ERROR,
    "data_loss": _C.SERVER_ERROR,
    "unauthenticated": _C.AUTH,
}
"""Names of `google.rpc.Code` except OK. A deadline is ours or the server's; both are timeouts."""

GRPC_STATUS_NAMES: tuple[str, ...] = (
    "ok", "cancelled", "unknown", "invalid_argument", "deadline_exceeded", "not_found", "already_exists",
    "permission_denied", "resource_exhausted", "failed_precondition", "aborted", "out_of_range",
    "unimplemented", "internal", "unavailable", "data_loss", "unauthenticated",
)  # fmt: skip
"""`google.rpc.Code` by number; OpenTelemetry records the number as `rpc.grpc.status_code`."""

CATEGORY_OF_CODE: dict[str, FailureCategory] = {
    # Rate limits and capacity that is ours to wait for.
    "rate_limit_exceeded": _C.RATE_LIMIT,
    "rate_limit_error": _C.RATE_LIMIT,
    "rate_limited": _C.RATE_LIMIT,
    "rate_limit_reached": _C.RATE_LIMIT,
    "ratelimitexceeded": _C.RATE_LIMIT,
    "ratelimitreached": _C.RATE_LIMIT,
    "too_many_requests": _C.RATE_LIMIT,
    "toomanyrequests": _C.RATE_LIMIT,
    "too many requests": _C.RATE_LIMIT,
    "throttlingexception": _C.RATE_LIMIT,
    "throttling": _C.RATE_LIMIT,
    "throttled": _C.RATE_LIMIT,
    "toomanyrequestsexception": _C.RATE_LIMIT,
    "provisionedthroughputexceededexception": _C.RATE_LIMIT,
    "requests": _C.RATE_LIMIT,
    "tokens": _C.RATE_LIMIT,
    "engine_overloaded": _C.SERVER_ERROR,
    "overloaded_error": _C.SERVER_ERROR,
    "overloaded": _C.SERVER_ERROR,
    "capacity_exceeded": _C.SERVER_ERROR,
    "service_tier_capacity_exceeded": _C.RATE_LIMIT,
    # Quota: waiting does not help.
    "insufficient_quota": _C.QUOTA,
    "quota_exceeded": _C.QUOTA,
    "quotaexceeded": _C.QUOTA,
    "billing_hard_limit_reached": _C.QUOTA,
    "billing_not_active": _C.QUOTA,
    "billing_error": _C.QUOTA,
    "insufficient_credits": _C.QUOTA,
    "insufficient_balance": _C.QUOTA,
    "servicequotaexceededexception": _C.QUOTA,
    "payment_required": _C.QUOTA,
    # Length.
    "context_length_exceeded": _C.CONTEXT_LENGTH,
    "context_window_exceeded": _C.CONTEXT_LENGTH,
    "string_above_max_length": _C.CONTEXT_LENGTH,
    "request_too_large": _C.CONTEXT_LENGTH,
    "prompt_too_long": _C.CONTEXT_LENGTH,
    # Who may.
    "invalid_api_key": _C.AUTH,
    "incorrect_api_key": _C.AUTH,
    "authentication_error": _C.AUTH,
    "permission_error": _C.AUTH,
    "permissiondenied": _C.AUTH,
    "invalid_authentication": _C.AUTH,
    "account_deactivated": _C.AUTH,
    "expired_api_key": _C.AUTH,
    "unauthorized": _C.AUTH,
    "forbidden": _C.AUTH,
    "accessdenied": _C.AUTH,
    "accessdeniedexception": _C.AUTH,
    "unrecognizedclientexception": _C.AUTH,
    "expiredtokenexception": _C.AUTH,
    "unsupported_country_region_territory": _C.AUTH,
    # What is not there.
    "model_not_found": _C.NOT_FOUND,
    "not_found_error": _C.NOT_FOUND,
    "deploymentnotfound": _C.NOT_FOUND,
    "resourcenotfoundexception": _C.NOT_FOUND,
    "resource_not_found": _C.NOT_FOUND,
    # Policy.
    "content_filter": _C.CONTENT_FILTER,
    "content_policy_violation": _C.CONTENT_FILTER,
    "content_filtered": _C.CONTENT_FILTER,
    "responsibleaipolicyviolation": _C.CONTENT_FILTER,
    "moderation_blocked": _C.CONTENT_FILTER,
    "data_inspection_failed": _C.CONTENT_FILTER,
    "datainspectionfailed": _C.CONTENT_FILTER,
    "prohibited_content": _C.CONTENT_FILTER,
    "safety": _C.CONTENT_FILTER,
    "cyber_policy_violation": _C.CONTENT_FILTER,
    # The provider's own fault.
    "server_error": _C.SERVER_ERROR,
    "api_error": _C.SERVER_ERROR,
    "internal_error": _C.SERVER_ERROR,
    "internal_server_error": _C.SERVER_ERROR,
    "internalserverexception": _C.SERVER_ERROR,
    "internalservererror": _C.SERVER_ERROR,
    "serviceunavailable": _C.SERVER_ERROR,
    "serviceunavailableexception": _C.SERVER_ERROR,
    "modelerrorexception": _C.SERVER_ERROR,
    "modelnotreadyexception": _C.SERVER_ERROR,
    "timeout": _C.TIMEOUT,
    "timeout_error": _C.TIMEOUT,
    "modeltimeoutexception": _C.TIMEOUT,
    # Our request.
    "invalid_request_error": _C.INVALID_REQUEST,
    "invalid_request_body": _C.INVALID_REQUEST,
    "invalid_parameter": _C.INVALID_REQUEST,
    "invalid_value": _C.INVALID_REQUEST,
    "unsupported_parameter": _C.INVALID_REQUEST,
    "unsupported_value": _C.INVALID_REQUEST,
    "invalid_function_parameters": _C.INVALID_REQUEST,
    "invalid_json_schema": _C.INVALID_REQUEST,
    "validationexception": _C.INVALID_REQUEST,
    "bad_request": _C.INVALID_REQUEST,
    "tool_use_failed": _C.MALFORMED_TOOL_CALL,
    "json_validate_failed": _C.INVALID_JSON,
    "validation_error": _C.SCHEMA_VIOLATION,
}
"""Values of `code`, `type`, `status` or `reason` in error bodies, and AWS exception names."""

PHRASES: tuple[tuple[str, FailureCategory], ...] = (
    # The message decides before codes do: gateways copy messages and invent codes. First match wins.
    ("content management policy", _C.CONTENT_FILTER),
    ("content policy violation", _C.CONTENT_FILTER),
    ("violates our usage policies", _C.CONTENT_FILTER),
    ("usage policy", _C.CONTENT_FILTER),
    ("content_filter", _C.CONTENT_FILTER),
    ("content filter", _C.CONTENT_FILTER),
    ("safety system", _C.CONTENT_FILTER),
    ("blocked by safety", _C.CONTENT_FILTER),
    ("flagged as potentially", _C.CONTENT_FILTER),
    ("inappropriate content", _C.CONTENT_FILTER),
    ("context length", _C.CONTEXT_LENGTH),
    ("context window", _C.CONTEXT_LENGTH),
    ("context_length", _C.CONTEXT_LENGTH),
    ("context size", _C.CONTEXT_LENGTH),
    ("prompt is too long", _C.CONTEXT_LENGTH),
    ("input is too long", _C.CONTEXT_LENGTH),
    ("input too long", _C.CONTEXT_LENGTH),
    ("prompt too long", _C.CONTEXT_LENGTH),
    ("exceeds the maximum number of tokens", _C.CONTEXT_LENGTH),
    ("too many tokens in", _C.CONTEXT_LENGTH),
    ("exceeded your current quota", _C.QUOTA),
    ("exceeded your quota", _C.QUOTA),
    ("quota exceeded", _C.QUOTA),
    ("insufficient quota", _C.QUOTA),
    ("insufficient credit", _C.QUOTA),
    ("insufficient balance", _C.QUOTA),
    ("credit balance is too low", _C.QUOTA),
    ("billing hard limit", _C.QUOTA),
    ("spending limit", _C.QUOTA),
    ("usage limit", _C.QUOTA),
    ("rate limit", _C.RATE_LIMIT),
    ("rate-limit", _C.RATE_LIMIT),
    ("ratelimit", _C.RATE_LIMIT),
    ("too many requests", _C.RATE_LIMIT),
    ("too many tokens per", _C.RATE_LIMIT),
    ("request rate is too high", _C.RATE_LIMIT),
    ("tokens per min", _C.RATE_LIMIT),
    ("requests per min", _C.RATE_LIMIT),
    ("resource exhausted", _C.RATE_LIMIT),
    ("resource has been exhausted", _C.RATE_LIMIT),
    ("throttl", _C.RATE_LIMIT),
    ("incorrect api key", _C.AUTH),
    ("invalid api key", _C.AUTH),
    ("api key not valid", _C.AUTH),
    ("api key expired", _C.AUTH),
    ("invalid x-api-key", _C.AUTH),
    ("missing api key", _C.AUTH),
    ("api_key client option must be set", _C.AUTH),
    ("authentication", _C.AUTH),
    ("unauthorized", _C.AUTH),
    ("unauthenticated", _C.AUTH),
    ("permission denied", _C.AUTH),
    ("access denied", _C.AUTH),
    ("not authorized", _C.AUTH),
    ("security token", _C.AUTH),
    ("timed out", _C.TIMEOUT),
    ("timeout", _C.TIMEOUT),
    ("deadline exceeded", _C.TIMEOUT),
    ("deadline_exceeded", _C.TIMEOUT),
    ("was cancelled", _C.CANCELLED),
    ("was canceled", _C.CANCELLED),
    ("context canceled", _C.CANCELLED),
    ("user aborted", _C.CANCELLED),
    ("request was aborted", _C.CANCELLED),
    ("recursion limit", _C.LOOP),
    ("max iterations", _C.LOOP),
    ("maximum iterations", _C.LOOP),
    ("iteration limit", _C.LOOP),
    ("max_turns", _C.LOOP),
    ("max turns", _C.LOOP),
    ("maximum number of steps", _C.LOOP),
    ("reached max steps", _C.LOOP),
    ("connection refused", _C.CONNECTION),
    ("connection reset", _C.CONNECTION),
    ("connection aborted", _C.CONNECTION),
    ("connection error", _C.CONNECTION),
    ("connection closed", _C.CONNECTION),
    ("server disconnected", _C.CONNECTION),
    ("peer closed connection", _C.CONNECTION),
    ("name or service not known", _C.CONNECTION),
    ("name resolution", _C.CONNECTION),
    ("getaddrinfo", _C.CONNECTION),
    ("econnrefused", _C.CONNECTION),
    ("econnreset", _C.CONNECTION),
    ("enotfound", _C.CONNECTION),
    ("socket hang up", _C.CONNECTION),
    ("fetch failed", _C.CONNECTION),
    ("certificate verify failed", _C.CONNECTION),
    ("broken pipe", _C.CONNECTION),
    ("network is unreachable", _C.CONNECTION),
    ("no route to host", _C.CONNECTION),
    ("overloaded", _C.SERVER_ERROR),
    ("bad gateway", _C.SERVER_ERROR),
    ("service unavailable", _C.SERVER_ERROR),
    ("temporarily unavailable", _C.SERVER_ERROR),
    ("internal server error", _C.SERVER_ERROR),
    ("internal error", _C.SERVER_ERROR),
    ("server had an error", _C.SERVER_ERROR),
    ("invalid schema for", _C.INVALID_REQUEST),
    ("unsupported parameter", _C.INVALID_REQUEST),
    ("unsupported value", _C.INVALID_REQUEST),
    ("must be followed by tool messages", _C.INVALID_REQUEST),
    ("ids were found without", _C.INVALID_REQUEST),
    ("does not exist or you do not have access", _C.NOT_FOUND),
    ("model not found", _C.NOT_FOUND),
    ("requested model", _C.NOT_FOUND),
    ("unterminated string", _C.INVALID_JSON),
    ("expecting value", _C.INVALID_JSON),
    ("expecting property name", _C.INVALID_JSON),
    ("expecting ',' delimiter", _C.INVALID_JSON),
    ("unexpected token", _C.INVALID_JSON),
    ("unexpected end of json", _C.INVALID_JSON),
    ("invalid json", _C.INVALID_JSON),
    ("not valid json", _C.INVALID_JSON),
    ("could not parse llm output", _C.INVALID_JSON),
    ("validation error for", _C.SCHEMA_VIOLATION),
    ("is a required property", _C.SCHEMA_VIOLATION),
    ("did not match schema", _C.SCHEMA_VIOLATION),
    ("is not a valid tool", _C.UNKNOWN_TOOL),
    ("unknown tool", _C.UNKNOWN_TOOL),
    ("tool not found", _C.UNKNOWN_TOOL),
    ("no such tool", _C.UNKNOWN_TOOL),
)

CATEGORY_OF_EXCEPTION: dict[str, FailureCategory] = {
    "ratelimiterror": _C.RATE_LIMIT,
    "apitimeouterror": _C.TIMEOUT,
    "timeout": _C.TIMEOUT,
    "timeouterror": _C.TIMEOUT,
    "timeoutexception": _C.TIMEOUT,
    "readtimeout": _C.TIMEOUT,
    "writetimeout": _C.TIMEOUT,
    "connecttimeout": _C.TIMEOUT,
    "pooltimeout": _C.TIMEOUT,
    "sockettimeoutexception": _C.TIMEOUT,
    "cancellederror": _C.CANCELLED,
    "generatorexit": _C.CANCELLED,
    "keyboardinterrupt": _C.CANCELLED,
    "aborterror": _C.CANCELLED,
    "apiuseraborterror": _C.CANCELLED,
    "apiconnectionerror": _C.CONNECTION,
    "connecterror": _C.CONNECTION,
    "connectionerror": _C.CONNECTION,
    "connectionreseterror": _C.CONNECTION,
    "connectionrefusederror": _C.CONNECTION,
    "brokenpipeerror": _C.CONNECTION,
    "remoteprotocolerror": _C.CONNECTION,
    "readerror": _C.CONNECTION,
    "sslerror": _C.CONNECTION,
    "authenticationerror": _C.AUTH,
    "permissiondeniederror": _C.AUTH,
    "notfounderror": _C.NOT_FOUND,
    "badrequesterror": _C.INVALID_REQUEST,
    "unprocessableentityerror": _C.INVALID_REQUEST,
    "internalservererror": _C.SERVER_ERROR,
    "serviceunavailableerror": _C.SERVER_ERROR,
    "contextwindowexceedederror": _C.CONTEXT_LENGTH,
    "contentpolicyviolationerror": _C.CONTENT_FILTER,
    "contentfilterfinishreasonerror": _C.CONTENT_FILTER,
    "lengthfinishreasonerror": _C.TRUNCATION,
    "jsondecodeerror": _C.INVALID_JSON,
    "outputparserexception": _C.INVALID_JSON,
    "graphrecursionerror": _C.LOOP,
    "maxturnsexceeded": _C.LOOP,
    "recursionerror": _C.LOOP,
    # What OpenTelemetry's instrumentation of Gemini makes of a prompt that gets no answer.
    "blocked_safety": _C.CONTENT_FILTER,
    "blocked_blocklist": _C.CONTENT_FILTER,
    "blocked_prohibited_content": _C.CONTENT_FILTER,
    "blocked_image_safety": _C.CONTENT_FILTER,
    "blocked_jailbreak": _C.CONTENT_FILTER,
    "blocked_model_armor": _C.GUARDRAIL_BLOCK,
    "blocked_other": _C.CONTENT_FILTER,
    "no_candidates": _C.EMPTY_OUTPUT,
}
"""Last segment of an exception's type, lower case: what the class alone says."""

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

NEGATIVE_CATEGORIES: frozenset[str] = frozenset({
    "thumbs_down", "thumbs-down", "thumbs down", "thumbsdown", "thumb_down", "down", "-1", "\U0001f44e",
    "negative", "dislike", "disliked", "bad", "poor", "wrong", "incorrect", "unhelpful", "not_helpful",
    "not helpful", "no", "fail", "failed", "failing", "false", "rejected", "unacceptable", "hallucinated",
    "hallucination", "unfaithful", "ungrounded", "irrelevant", "unsafe", "toxic", "off_topic",
})  # fmt: skip
"""Categories of scores that say that the answer was not good, in lower case."""
