"""LiteLLM's OpenTelemetry callback: names of OpenLLMetry, and what it knows of usage and cost beside them.

Source: BerriAI/litellm, `litellm/integrations/opentelemetry.py`.
"""

from sightline_semconv import sightline
from sightline_semconv.dialects.api_body import read_usage
from sightline_semconv.dialects.content import printed_object
from sightline_semconv.dialects.dialect import Attributes, Dialect


def _restructure(attributes: Attributes) -> None:
    """Totals are attributes; cached, written, reasoning and audio tokens are in this object alone."""
    usage = printed_object(attributes.get("metadata.usage_object"))
    details = usage.get("prompt_tokens_details")
    if isinstance(details, dict):
        usage["cache_creation"] = details.get("cache_creation_token_details")
    read_usage(attributes, usage)


LITELLM = Dialect(
    name="litellm",
    prefixes=("litellm.", "metadata.usage_object"),
    renames={"gen_ai.cost.total_cost": sightline.EMITTER_COST_USD},
    restructure=_restructure,
)
