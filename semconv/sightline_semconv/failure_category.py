"""Why a call, a step or a trace failed."""

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
