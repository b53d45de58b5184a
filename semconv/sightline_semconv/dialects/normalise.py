"""The one normaliser: attributes of any dialect → the GenAI vocabulary plus `sightline.*`."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from sightline_semconv import gen_ai, sightline
from sightline_semconv.dialects.adk import ADK
from sightline_semconv.dialects.agentops import AGENTOPS
from sightline_semconv.dialects.arms import ARMS
from sightline_semconv.dialects.braintrust import BRAINTRUST
from sightline_semconv.dialects.claude_code import CLAUDE_CODE
from sightline_semconv.dialects.coding_agents import CODEX, GEMINI_CLI
from sightline_semconv.dialects.datadog import DATADOG
from sightline_semconv.dialects.dialect import Attributes, Dialect, Value
from sightline_semconv.dialects.flattened import dump_json, parse_json, set_missing
from sightline_semconv.dialects.genkit import GENKIT
from sightline_semconv.dialects.guardrails import GUARDRAILS
from sightline_semconv.dialects.haystack import HAYSTACK
from sightline_semconv.dialects.laminar import LAMINAR
from sightline_semconv.dialects.langfuse import LANGFUSE
from sightline_semconv.dialects.langsmith import LANGSMITH
from sightline_semconv.dialects.litellm import LITELLM
from sightline_semconv.dialects.logfire import LOGFIRE
from sightline_semconv.dialects.mastra import MASTRA
from sightline_semconv.dialects.memory import MEMORY
from sightline_semconv.dialects.messages import text_message, to_messages
from sightline_semconv.dialects.mlflow import MLFLOW
from sightline_semconv.dialects.openinference import OPENINFERENCE
from sightline_semconv.dialects.openlit import OPENLIT
from sightline_semconv.dialects.opik import OPIK
from sightline_semconv.dialects.otel_legacy import OTEL_LEGACY
from sightline_semconv.dialects.providers import provider_name
from sightline_semconv.dialects.sentry import SENTRY
from sightline_semconv.dialects.spring_ai import SPRING_AI
from sightline_semconv.dialects.tool_definitions import flatten_tool_definitions
from sightline_semconv.dialects.traceloop import RESPONSES_AS_TEXT, TRACELOOP, open_responses
from sightline_semconv.dialects.vercel import VERCEL
from sightline_semconv.dialects.voltagent import VOLTAGENT
from sightline_semconv.kinds import KIND_OF_OPERATION, SpanKind, kind_of_model

DIALECTS: tuple[Dialect, ...] = (
    CODEX,
    GEMINI_CLI,
    VOLTAGENT,
    AGENTOPS,
    ARMS,
    OPENINFERENCE,
    LANGFUSE,
    LOGFIRE,
    VERCEL,
    LANGSMITH,
    MLFLOW,
    OPIK,
    LITELLM,
    ADK,
    BRAINTRUST,
    CLAUDE_CODE,
    DATADOG,
    GENKIT,
    HAYSTACK,
    MASTRA,
    SPRING_AI,
    GUARDRAILS,
    MEMORY,
    OPENLIT,
    SENTRY,
    TRACELOOP,
    LAMINAR,
    OTEL_LEGACY,
)
"""In the order they are applied; the first one a span speaks names its `dialect`."""

_INPUT_WITHOUT_CACHED = frozenset(
    {
        "@arizeai/openinference-instrumentation-bedrock",
        "@traceloop/instrumentation-anthropic",
        "openinference.instrumentation.bedrock",
        "openlit.instrumentation.anthropic",
        "openlit.instrumentation.bedrock",
        "opentelemetry.instrumentation.bedrock",
        "opentelemetry.instrumentation.botocore.bedrock-runtime",
        "opentelemetry.instrumentation.genai.bedrock",
    }
)
"""Scopes whose input tokens leave out cached and written ones, as the APIs of Anthropic and Bedrock do."""

_FIRST_TOKEN_IN_MS = frozenset({"strands.telemetry.tracer"})
"""Scopes that say in milliseconds when the first token came, where others say it in seconds."""

_OUTPUT_WITHOUT_THOUGHTS = frozenset({"openlit.instrumentation.google_ai_studio"})
"""Scopes whose output tokens leave out reasoning, as Gemini's API does."""

_TOTALS_WITH_THOUGHTS = ("gen_ai.usage.total_tokens", "llm.usage.total_tokens")
"""All tokens of a call, where what is neither input nor output is what Gemini thought."""

_TOTALS = (*_TOTALS_WITH_THOUGHTS, "llm.token_count.total", "ai.usage.totalTokens")
"""All tokens of a call, as emitters name them."""

_THOUGHTS = gen_ai.USAGE_REASONING_OUTPUT_TOKENS

_FOREIGN_PARTS = re.compile(
    r'"(?:thinking"|developer"|data:|arguments": ?"|content": ?\[|tool_call(?:s|_id)":'
    r'|text":|summary_text|function(?:Call|Response|_call|_response)":|inline(?:Data|_data)":)'
)
"""In messages of the GenAI shape: what some emitters put in as their model's API has it."""

_SETS_OF_NAMES = 1_000
_NAMES_SIZE = 8_192
_spoken_of_names: dict[tuple[str, ...], tuple[Dialect, ...]] = {}


class Normalised(NamedTuple):
    """Canonical attributes together with whatever nobody claimed, and the dialect's name ("" = none).

    A name that was renamed is gone, unless the emitter also set the canonical one to another value.
    """

    attributes: Attributes
    dialect: str
    kind: SpanKind


def normalise(attributes: Attributes, scope: str = "") -> Normalised:
    """Return the attributes in our vocabulary; changes `attributes` in place. Twice equals once.

    `scope` is the name of the instrumentation scope, for what only that tells of attributes as they were
    sent. Those that have a kind of ours, as downloads do, are in our vocabulary already.
    """
    if sightline.SPAN_KIND in attributes:
        scope = ""
    names = tuple(attributes)
    spoken = _spoken_of_names.get(names)
    if spoken is None:
        spoken = _spoken(names)
    if spoken:
        # Kinds and names of all dialects first: what a structure means can depend on them.
        for dialect in spoken:
            _translate(attributes, dialect)
        for dialect in spoken:
            if dialect.restructure is not None:
                dialect.restructure(attributes)
        name = spoken[0].name
    else:
        name = "gen_ai" if gen_ai.OPERATION_NAME in attributes else ""
    if scope in RESPONSES_AS_TEXT:
        open_responses(attributes)
    _settle(attributes)
    first_token = attributes.get(gen_ai.RESPONSE_TIME_TO_FIRST_CHUNK)
    if scope in _FIRST_TOKEN_IN_MS and isinstance(first_token, int | float):
        attributes[gen_ai.RESPONSE_TIME_TO_FIRST_CHUNK] = first_token / 1000
    _include_cached(attributes, always=scope in _INPUT_WITHOUT_CACHED)
    _include_thoughts(attributes, always=scope in _OUTPUT_WITHOUT_THOUGHTS)
    return Normalised(attributes, name, _kind(attributes))


def _spoken(names: tuple[str, ...]) -> tuple[Dialect, ...]:
    """Which dialects do these names show? Remembered, as most spans carry one of a few sets of names."""
    shown = {dialect.name for name in names for dialect in _claims(name)}
    found = tuple(dialect for dialect in DIALECTS if dialect.name in shown)
    # Names come from strangers: what is remembered has a limit in number and size.
    if sum(map(len, names)) <= _NAMES_SIZE:
        if len(_spoken_of_names) >= _SETS_OF_NAMES:
            _spoken_of_names.clear()
        _spoken_of_names[names] = found
    return found


@lru_cache(maxsize=20_000)
def _claims(name: str) -> tuple[Dialect, ...]:
    """Flattened messages make ever new sets of names, but of the same names."""
    return tuple(dialect for dialect in DIALECTS if dialect.claims(name))


def _translate(attributes: Attributes, dialect: Dialect) -> None:
    if dialect.kind_attribute:
        raw = attributes.get(dialect.kind_attribute)
        kind = dialect.kinds.get(raw.lower()) if isinstance(raw, str) else None
        if kind is not None:
            del attributes[dialect.kind_attribute]
            attributes.setdefault(sightline.SPAN_KIND, kind.value)
    for name in [name for name in attributes if name in dialect.renames]:
        target = dialect.renames[name]
        if target == name:
            continue
        value = attributes[name]
        if attributes.get(target) in (None, "") or attributes[target] == value:
            del attributes[name]
            attributes[target] = value


def _settle(attributes: Attributes) -> None:
    """What holds whatever the dialect: provider names, finish reasons, message shape, token classes."""
    conversation = attributes.get(gen_ai.CONVERSATION_ID)
    if isinstance(conversation, str) and conversation.startswith("resp_"):
        # Microsoft's Agent Framework has no other id than that of the answer before: no two calls share it.
        del attributes[gen_ai.CONVERSATION_ID]
        set_missing(attributes, gen_ai.REQUEST_PREVIOUS_RESPONSE_ID, conversation)
    error = attributes.get(gen_ai.ERROR_TYPE)
    if isinstance(error, str) and error.startswith("<class '"):  # as Python prints one (Semantic Kernel)
        attributes[gen_ai.ERROR_TYPE] = error.removeprefix("<class '").removesuffix("'>")
    provider = attributes.get(gen_ai.PROVIDER_NAME)
    if isinstance(provider, str):
        attributes[gen_ai.PROVIDER_NAME] = provider_name(provider)
    reasons = attributes.get(gen_ai.RESPONSE_FINISH_REASONS)
    if isinstance(reasons, str):
        parsed = parse_json(reasons)
        reasons = parsed if isinstance(parsed, list) else [reasons]
    if isinstance(reasons, list):
        # The name of Google's enumeration, where an emitter printed one of its values.
        attributes[gen_ai.RESPONSE_FINISH_REASONS] = [
            reason.removeprefix("FinishReason.") if isinstance(reason, str) else reason for reason in reasons
        ]
    for name, role in ((gen_ai.INPUT_MESSAGES, "user"), (gen_ai.OUTPUT_MESSAGES, "assistant")):
        value = attributes.get(name)
        if value is not None and not _is_settled(value):
            attributes[name] = dump_json(_conversation(value, role))
    if not attributes.get(gen_ai.RESPONSE_FINISH_REASONS):
        set_missing(attributes, gen_ai.RESPONSE_FINISH_REASONS, _ends(attributes.get(gen_ai.OUTPUT_MESSAGES)))
    for name in (gen_ai.SYSTEM_INSTRUCTIONS, gen_ai.TOOL_DEFINITIONS, gen_ai.RETRIEVAL_DOCUMENTS):
        value = attributes.get(name)
        if value is not None and not isinstance(value, str):
            attributes[name] = dump_json(value)
    flatten_tool_definitions(attributes)


def _ends(said: Value) -> list[Value]:
    """Why the messages of an answer end, of emitters (Laminar) that say it there alone."""
    messages = parse_json(said) if isinstance(said, str) and '"finish_reason"' in said else None
    if not isinstance(messages, list):
        return []
    reasons = [message.get("finish_reason") for message in messages if isinstance(message, dict)]
    return [reason for reason in reasons if isinstance(reason, str) and reason]


def _is_settled(value: Value) -> bool:
    """Text that plainly is in the GenAI shape is not parsed: that would be most of the work of a span."""
    return (
        isinstance(value, str)
        and value.startswith(('[{"role"', '[{"parts"'))
        and '"parts"' in value[:400]
        and _FOREIGN_PARTS.search(value) is None
    )


def _conversation(value: Value, role: str) -> list[object]:
    messages = to_messages(value, role=role)
    if messages is None:
        parsed = parse_json(value)
        if parsed == [] or parsed == "":
            return []
        messages = text_message(role, value if isinstance(value, str) else dump_json(value))
    return list(messages)


def _include_cached(attributes: Attributes, *, always: bool) -> None:
    """`input_tokens` includes cached and written tokens. Some emitters report them beside it (as Anthropic's
    API does): some `always`, of others all tokens show it, or that they exceed it."""
    total, got = attributes.get(gen_ai.USAGE_INPUT_TOKENS), attributes.get(gen_ai.USAGE_OUTPUT_TOKENS)
    read = attributes.get(gen_ai.USAGE_CACHE_READ_INPUT_TOKENS)
    written = attributes.get(gen_ai.USAGE_CACHE_WRITE_INPUT_TOKENS)
    if not isinstance(total, int) or (read is None and written is None):
        return
    beside = sum(count for count in (read, written) if isinstance(count, int))
    added_up = (
        isinstance(got, int) and beside > 0 and _all_tokens(attributes, _TOTALS) == total + got + beside
    )
    if always or beside > total or added_up:
        attributes[gen_ai.USAGE_INPUT_TOKENS] = total + beside


def _include_thoughts(attributes: Attributes, *, always: bool) -> None:
    """`output_tokens` includes reasoning. Gemini and Grok count it beside the answer and bill it as output.

    Some emitters `always` pass that on; of others the total shows it, or that it exceeds the output.
    """
    total, thoughts = _all_tokens(attributes, _TOTALS), attributes.get(_THOUGHTS)
    put, got = attributes.get(gen_ai.USAGE_INPUT_TOKENS), attributes.get(gen_ai.USAGE_OUTPUT_TOKENS)
    if not isinstance(got, int):
        return
    rest = total - put - got if isinstance(total, int) and isinstance(put, int) else 0
    is_google = str(attributes.get(gen_ai.PROVIDER_NAME)).startswith("gcp.")
    if thoughts is None and rest > 0 and is_google and _all_tokens(attributes, _TOTALS_WITH_THOUGHTS):
        thoughts = attributes[_THOUGHTS] = rest
    if isinstance(thoughts, int) and (always or thoughts > got or (thoughts > 0 and thoughts == rest)):
        attributes[gen_ai.USAGE_OUTPUT_TOKENS] = got + thoughts


def _all_tokens(attributes: Attributes, names: Iterable[str]) -> Value:
    return next((attributes[name] for name in names if name in attributes), None)


def _kind(attributes: Attributes) -> SpanKind:
    said = attributes.get(sightline.SPAN_KIND)
    if isinstance(said, str) and said in _KINDS:
        return _KINDS[said]
    operation = attributes.get(gen_ai.OPERATION_NAME)
    if isinstance(operation, str) and operation in KIND_OF_OPERATION:
        return KIND_OF_OPERATION[operation]
    if gen_ai.TOOL_NAME in attributes and gen_ai.USAGE_INPUT_TOKENS not in attributes:
        return SpanKind.TOOL
    if gen_ai.REQUEST_MODEL in attributes or gen_ai.RESPONSE_MODEL in attributes:
        model = attributes.get(gen_ai.REQUEST_MODEL) or attributes.get(gen_ai.RESPONSE_MODEL)
        return kind_of_model(model)
    return SpanKind.INTERNAL


_KINDS = {kind.value: kind for kind in SpanKind}
