"""OpenLIT: older GenAI names (in `otel_legacy`) and guardrails of its own. Source: openlit `semcov`."""

from sightline_semconv import gen_ai, sightline
from sightline_semconv.dialects.content import take_content
from sightline_semconv.dialects.dialect import Attributes, Dialect
from sightline_semconv.dialects.flattened import set_missing
from sightline_semconv.kinds import GuardrailOutcome, SpanKind

_VERDICTS = {
    "allow": GuardrailOutcome.PASS,
    "pass": GuardrailOutcome.PASS,
    "warn": GuardrailOutcome.WARN,
    "redact": GuardrailOutcome.WARN,
    "deny": GuardrailOutcome.BLOCK,
    "block": GuardrailOutcome.BLOCK,
    "error": GuardrailOutcome.ERROR,
}

_FIRST_TOKEN = "gen_ai.server.time_to_first_token"

_PHASES = {"input": "input", "preflight": "input", "output": "output", "postflight": "output", "tool": "tool"}


def _restructure(attributes: Attributes) -> None:
    """The native verdict stays under its own name; ours stands beside it."""
    verdict = attributes.get("guard.verdict") or attributes.get("guard.action")
    outcome = _VERDICTS.get(verdict.lower()) if isinstance(verdict, str) else None
    if attributes.get("guard.denied") is True:
        outcome = GuardrailOutcome.BLOCK
    if outcome is not None:
        set_missing(attributes, sightline.GUARDRAIL_OUTCOME, outcome.value)
        if gen_ai.OPERATION_NAME not in attributes:
            set_missing(attributes, sightline.SPAN_KIND, SpanKind.GUARDRAIL.value)
    phase = attributes.get("guard.phase")
    if isinstance(phase, str) and phase.lower() in _PHASES:
        set_missing(attributes, sightline.GUARDRAIL_STAGE, _PHASES[phase.lower()])
    is_whole = attributes.get(gen_ai.REQUEST_STREAM) is False
    if is_whole or attributes.get(gen_ai.OPERATION_NAME) == "embeddings":
        # Of an answer that does not stream this is when all of it was there.
        first_token = attributes.pop(gen_ai.RESPONSE_TIME_TO_FIRST_CHUNK, None)
        set_missing(attributes, _FIRST_TOKEN, first_token)
    take_content(
        attributes,
        ["gen_ai.content.prompt", "gen_ai.tool.args", "gen_ai.tool.input"],
        ["gen_ai.content.completion", "gen_ai.tool.output"],
    )


OPENLIT = Dialect(
    name="openlit",
    prefixes=("guard.", "gen_ai.application_name", "gen_ai.sdk.version"),
    renames={
        "gen_ai.application_name": sightline.APP,
        _FIRST_TOKEN: gen_ai.RESPONSE_TIME_TO_FIRST_CHUNK,
        "gen_ai.request.user": sightline.USER_ID,
        "guard.name": sightline.GUARDRAIL_NAME,
        "guard.score": sightline.GUARDRAIL_SCORE,
        "guard.classification": sightline.GUARDRAIL_CATEGORIES,
    },
    restructure=_restructure,
)
