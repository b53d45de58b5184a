"""Token counts out of the `usage` objects of every endpoint and of compatible servers."""

from __future__ import annotations

from sightline.facts import Usage
from sightline.readers.json_values import Json, as_int, as_object


def read_usage(usage: Json) -> Usage:
    """One reader for both generations of names: `prompt_tokens`/`completion_tokens` and
    `input_`/`output_`."""
    body = as_object(usage)
    given, answered = _count(body, "prompt_tokens"), _count(body, "completion_tokens")
    counts = Usage(
        input=_count(body, "input_tokens") if given is None else given,
        output=_count(body, "output_tokens") if answered is None else answered,
    )
    inputs = _first_object(body, "prompt_tokens_details", "input_tokens_details", "input_token_details")
    if inputs:
        counts.cache_read = _count(inputs, "cached_tokens")
        counts.cache_write = _count(inputs, "cache_write_tokens")
        counts.audio_input = _count(inputs, "audio_tokens")
        counts.image_input = _count(inputs, "image_tokens")
    outputs = _first_object(
        body, "completion_tokens_details", "output_tokens_details", "output_token_details"
    )
    if outputs:
        counts.reasoning = _count(outputs, "reasoning_tokens")
        counts.audio_output = _count(outputs, "audio_tokens")
        counts.image_output = _count(outputs, "image_tokens")
    if "cached_tokens" not in inputs:  # DeepSeek reports them beside the totals
        counts.cache_read = _count(body, "prompt_cache_hit_tokens")
    return counts


def _first_object(body: dict[str, Json], *names: str) -> dict[str, Json]:
    for name in names:
        value = body.get(name)
        if isinstance(value, dict):
            return value
    return {}


def _count(body: dict[str, Json], name: str) -> int | None:
    count = body.get(name)
    if count is not None:
        count = as_int(count)
    return count if count is not None and count >= 0 else None
