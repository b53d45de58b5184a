"""LiteLLM's OpenTelemetry callback: names of OpenLLMetry, and what it knows of usage and cost beside them.

Source: BerriAI/litellm, `litellm/integrations/opentelemetry.py`.
"""

from typing import Any

from sightline_semconv import gen_ai, sightline
from sightline_semconv.dialects.api_body import read_usage
from sightline_semconv.dialects.content import printed_object
from sightline_semconv.dialects.dialect import Attributes, Dialect
from sightline_semconv.dialects.flattened import dump_json, parse_json, set_missing, take_tree
from sightline_semconv.kinds import GuardrailOutcome, GuardrailStage

_OUTCOMES = {
    "success": GuardrailOutcome.PASS.value,
    # It blocked, which is an error of the request, or it masked.
    "guardrail_intervened": GuardrailOutcome.WARN.value,
    "guardrail_failed_to_respond": GuardrailOutcome.ERROR.value,
}
_STAGES = {
    "pre_call": GuardrailStage.INPUT.value,
    "during_call": GuardrailStage.INPUT.value,
    "post_call": GuardrailStage.OUTPUT.value,
    "pre_mcp_call": GuardrailStage.TOOL.value,
}


def _restructure(attributes: Attributes) -> None:
    _read_usage(attributes)
    _read_calls(attributes)
    asked = attributes.get("litellm.provider.model")
    if isinstance(asked, str) and "/" in asked:  # all that says it of the Responses API and of embeddings
        set_missing(attributes, gen_ai.PROVIDER_NAME, asked.partition("/")[0])
    outcome, stage = attributes.get("guardrail_status"), attributes.get("guardrail_mode")
    set_missing(attributes, sightline.GUARDRAIL_OUTCOME, _OUTCOMES.get(str(outcome)))
    set_missing(attributes, sightline.GUARDRAIL_STAGE, _STAGES.get(str(stage)))


def _read_calls(attributes: Attributes) -> None:
    """Calls of tools, numbered among themselves, are beside the messages, and since 1.110 not in them."""
    said = attributes.get(gen_ai.OUTPUT_MESSAGES)
    messages = parse_json(said)
    is_known = isinstance(said, str) and '"arguments"' in said
    if is_known or not isinstance(messages, list) or not messages or not isinstance(messages[0], dict):
        return
    beside = take_tree(attributes, "gen_ai.completion")
    calls: list[dict[str, Any]] = [
        {"type": "function", "function": item["function_call"]}
        for item in (beside if isinstance(beside, list) else [])
        if isinstance(item, dict) and isinstance(item.get("function_call"), dict)
    ]
    if calls:
        attributes[gen_ai.OUTPUT_MESSAGES] = dump_json([{**messages[0], "tool_calls": calls}, *messages[1:]])


def _read_usage(attributes: Attributes) -> None:
    """Totals are attributes; cached, written, reasoning and audio tokens are in this object alone."""
    usage = printed_object(attributes.get("metadata.usage_object"))
    details = usage.get("prompt_tokens_details")
    if isinstance(details, dict):
        usage["cache_creation"] = details.get("cache_creation_token_details")
    read_usage(attributes, usage)


LITELLM = Dialect(
    name="litellm",
    prefixes=("litellm.", "metadata.usage_object"),
    renames={
        "gen_ai.cost.total_cost": sightline.EMITTER_COST_USD,
        "guardrail_name": sightline.GUARDRAIL_NAME,
    },
    restructure=_restructure,
)
