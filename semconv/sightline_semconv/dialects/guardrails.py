"""Verdicts of guardrails under the GenAI names, of which there are drafts only.

Sources: open-telemetry/semantic-conventions #3233 (`gen_ai.security.*`: Google's Model Armor, Microsoft's
Agent 365) and semantic-conventions-genai #427 (`gen_ai.guardrail.*`: OpenTelemetry's own instrumentations).
"""

from collections.abc import Iterable, Mapping

from sightline_semconv import sightline
from sightline_semconv.dialects.dialect import Attributes, Dialect
from sightline_semconv.dialects.flattened import set_missing
from sightline_semconv.kinds import GuardrailOutcome, GuardrailStage

_VERDICTS = ("gen_ai.guardrail.verdict.type", "gen_ai.security.decision.type")
_ACTIONS = ("gen_ai.guardrail.action.type",)
_OUTCOMES = {
    "allow": GuardrailOutcome.PASS,
    "audit": GuardrailOutcome.PASS,
    "warn": GuardrailOutcome.WARN,
    "modify": GuardrailOutcome.WARN,
    "escalate": GuardrailOutcome.WARN,
    "deny": GuardrailOutcome.BLOCK,
    "block": GuardrailOutcome.BLOCK,
}

# The subtype says more than the direction.
_TARGETS = (
    "gen_ai.guardrail.target.subtype",
    "gen_ai.guardrail.target.type",
    "gen_ai.guardrail.source",
    "gen_ai.security.target.type",
)
_STAGES = {
    "input": GuardrailStage.INPUT,
    "llm_input": GuardrailStage.INPUT,
    "user_prompt": GuardrailStage.INPUT,
    "output": GuardrailStage.OUTPUT,
    "llm_output": GuardrailStage.OUTPUT,
    "model_response": GuardrailStage.OUTPUT,
    "tool_input": GuardrailStage.TOOL,
    "tool_call": GuardrailStage.TOOL,
    "tool_definition": GuardrailStage.TOOL,
}


def _restructure(attributes: Attributes) -> None:
    """The native words stay; a verdict that was not followed is a warning."""
    verdict, action = _said(attributes, _VERDICTS, _OUTCOMES), _said(attributes, _ACTIONS, _OUTCOMES)
    if action == GuardrailOutcome.PASS and verdict not in (None, GuardrailOutcome.PASS):
        action = GuardrailOutcome.WARN.value
    set_missing(attributes, sightline.GUARDRAIL_OUTCOME, action or verdict)
    set_missing(attributes, sightline.GUARDRAIL_STAGE, _said(attributes, _TARGETS, _STAGES))


def _said(attributes: Attributes, names: Iterable[str], words: Mapping[str, str]) -> str | None:
    """Return what the first of the attributes means that says one of the words."""
    said = [attributes.get(name) for name in names]
    found = (words.get(word.lower()) for word in said if isinstance(word, str))
    return next((str(meaning) for meaning in found if meaning), None)


GUARDRAILS = Dialect(
    name="gen_ai",
    prefixes=("gen_ai.guardrail.", "gen_ai.security."),
    renames={
        "gen_ai.guardrail.component.name": sightline.GUARDRAIL_NAME,
        "gen_ai.guardian.name": sightline.GUARDRAIL_NAME,
        "gen_ai.guardrail.security.risk.score": sightline.GUARDRAIL_SCORE,
        "gen_ai.security.risk.score": sightline.GUARDRAIL_SCORE,
        "gen_ai.guardrail.security.risk.category": sightline.GUARDRAIL_CATEGORIES,
        "gen_ai.security.risk.category": sightline.GUARDRAIL_CATEGORIES,
    },
    restructure=_restructure,
)
