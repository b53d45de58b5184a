"""Guardrail verdicts that answers carry: refusals, content filters, moderation results."""

from __future__ import annotations

from sightline.facts import Verdict
from sightline.readers.json_values import Json, JsonObject, as_float, as_object, as_objects, as_text
from sightline_semconv.kinds import GuardrailOutcome, GuardrailStage


def chat_verdicts(body: JsonObject) -> list[Verdict]:
    """Verdicts in a chat answer: Azure annotations of prompt and choices, finish reasons, refusals,
    moderation."""
    verdicts: list[Verdict] = []
    for prompt in as_objects(body.get("prompt_filter_results") or body.get("prompt_annotations")):
        verdicts.extend(azure_filter(prompt.get("content_filter_results"), GuardrailStage.INPUT))
    for choice in as_objects(body.get("choices")):
        verdicts.extend(azure_filter(choice.get("content_filter_results"), GuardrailStage.OUTPUT))
        if choice.get("finish_reason") == "content_filter":
            verdicts.append(content_filter())
        if as_text(as_object(choice.get("message")).get("refusal")):
            verdicts.append(refusal())
    verdicts.extend(inline_moderation(body.get("moderation")))
    return verdicts


def refusal() -> Verdict:
    """The model declined to answer."""
    return Verdict("refusal", GuardrailStage.OUTPUT, GuardrailOutcome.BLOCK, native="refusal")


def content_filter() -> Verdict:
    """The provider cut the answer off."""
    return Verdict("content_filter", GuardrailStage.OUTPUT, GuardrailOutcome.BLOCK, native="content_filter")


def azure_filter(results: Json, stage: GuardrailStage) -> list[Verdict]:
    """Azure's annotations ({category: {filtered, severity | detected}}) as one verdict; [] when there are
    none."""
    found = as_object(results)
    if not found:
        return []
    blocked = [name for name, result in found.items() if as_object(result).get("filtered") is True]
    noticed = [name for name, result in found.items() if _is_noticed(as_object(result))]
    outcome = (
        GuardrailOutcome.BLOCK if blocked else GuardrailOutcome.WARN if noticed else GuardrailOutcome.PASS
    )
    if "error" in found and not blocked:
        outcome = GuardrailOutcome.ERROR
    severities = {as_text(as_object(result).get("severity")) for result in found.values()}
    worst = next((level for level in ("high", "medium", "low", "safe") if level in severities), "")
    return [Verdict("azure_content_filter", stage, outcome, categories=blocked or noticed, native=worst)]


def blocked_prompt(error: Json) -> list[Verdict]:
    """What Azure says of a prompt that it refused with a 400; [] for any other error."""
    inner = as_object(as_object(error).get("innererror"))
    return azure_filter(inner.get("content_filter_result"), GuardrailStage.INPUT)


def _is_noticed(result: JsonObject) -> bool:
    return result.get("detected") is True or as_text(result.get("severity")) in {"low", "medium", "high"}


def inline_moderation(moderation: Json) -> list[Verdict]:
    """Moderation that was asked for within a model call: one verdict for input, one for output."""
    body = as_object(moderation)
    sides = (("input", GuardrailStage.INPUT), ("output", GuardrailStage.OUTPUT))
    return [verdict for key, stage in sides for verdict in _moderation_side(body.get(key), stage)]


def _moderation_side(side: Json, stage: GuardrailStage) -> list[Verdict]:
    body = as_object(side)
    if body.get("type") == "error":
        return [Verdict("moderation", stage, GuardrailOutcome.ERROR, native=as_text(body.get("code")))]
    results = as_objects(body.get("results")) or ([body] if "flagged" in body else [])
    return [moderation_verdict(results, stage)] if results else []


def moderation_verdict(results: list[JsonObject], stage: GuardrailStage) -> Verdict:
    """Results of a moderation model as one verdict: `warn` when flagged, because it is the app that blocks.

    The score is the highest category score of the flagged categories, else of all.
    """
    flagged = any(result.get("flagged") is True for result in results)
    scores: dict[str, float] = {}
    categories: set[str] = set()
    for result in results:
        categories |= {name for name, hit in as_object(result.get("categories")).items() if hit is True}
        for name, score in as_object(result.get("category_scores")).items():
            scores[name] = max(scores.get(name, 0.0), as_float(score) or 0.0)
    relevant = [scores[name] for name in categories if name in scores] or list(scores.values())
    return Verdict(
        name="moderation",
        stage=stage,
        outcome=GuardrailOutcome.WARN if flagged else GuardrailOutcome.PASS,
        score=max(relevant, default=None),
        categories=sorted(categories),
        native="flagged" if flagged else "not flagged",
    )
