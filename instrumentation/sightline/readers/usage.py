"""Token counts out of the `usage` objects of every endpoint and of compatible servers."""

from __future__ import annotations

from sightline.facts import Usage
from sightline.readers.json_values import Json, as_int, as_object


def read_usage(usage: Json) -> Usage:
    """One reader for both generations of names: `prompt_tokens`/`completion_tokens` and
    `input_`/`output_`."""
    body = as_object(usage)
    inputs = _first_object(body, "prompt_tokens_details", "input_tokens_details", "input_token_details")
    outputs = _first_object(
        body, "completion_tokens_details", "output_tokens_details", "output_token_details"
    )
    return Usage(
        input=_first_int(body, "prompt_tokens", "input_tokens"),
        output=_first_int(body, "completion_tokens", "output_tokens"),
        # DeepSeek reports prompt_cache_hit_tokens beside the totals.
        cache_read=_first_int(inputs, "cached_tokens") or _first_int(body, "prompt_cache_hit_tokens")
        if "cached_tokens" not in inputs
        else _first_int(inputs, "cached_tokens"),
        cache_write=_first_int(inputs, "cache_write_tokens"),
        reasoning=_first_int(outputs, "reasoning_tokens"),
        audio_input=_first_int(inputs, "audio_tokens"),
        audio_output=_first_int(outputs, "audio_tokens"),
        image_input=_first_int(inputs, "image_tokens"),
        image_output=_first_int(outputs, "image_tokens"),
    )


def _first_object(body: dict[str, Json], *names: str) -> dict[str, Json]:
    for name in names:
        value = body.get(name)
        if isinstance(value, dict):
            return value
    return {}


def _first_int(body: dict[str, Json], *names: str) -> int | None:
    for name in names:
        count = as_int(body.get(name))
        if count is not None and count >= 0:
            return count
    return None
