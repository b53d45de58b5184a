"""Token counts out of the `usage` objects of every endpoint and of compatible servers."""

from __future__ import annotations

from sightline.facts import Usage
from sightline.readers.json_values import Json, as_int, as_object
from sightline_semconv import sightline
from sightline_semconv.searches import counted_searches

_CACHE_READS = ("prompt_cache_hit_tokens", "cached_tokens", "cache_read_input_tokens")
# OpenAI and OpenRouter; LiteLLM; Anthropic, Alibaba.
_CACHE_WRITES = ("cache_write_tokens", "cache_creation_tokens", "cache_creation_input_tokens")


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
        counts.cache_write = _first_count(inputs, *_CACHE_WRITES)
        counts.audio_input = _count(inputs, "audio_tokens")
        counts.image_input = _count(inputs, "image_tokens")
        cached = as_object(inputs.get("cached_tokens_details"))  # of answers over realtime
        counts.cached_text = _count(cached, "text_tokens")
        counts.cached_audio = _count(cached, "audio_tokens")
        counts.cached_image = _count(cached, "image_tokens")
    outputs = _first_object(
        body, "completion_tokens_details", "output_tokens_details", "output_token_details"
    )
    if outputs:
        counts.reasoning = _count(outputs, "reasoning_tokens")
        counts.audio_output = _count(outputs, "audio_tokens")
        counts.image_output = _count(outputs, "image_tokens")
    # DeepSeek and Moonshot report them beside the totals, gateways to Anthropic by its names.
    if counts.cache_read is None:
        counts.cache_read = _first_count(body, *_CACHE_READS)
    if counts.cache_write is None:
        counts.cache_write = _first_count(body, *_CACHE_WRITES)
    read, thought = _count(body, "citation_tokens"), _count(body, "reasoning_tokens")
    if None not in (counts.input, counts.output, read, thought):
        # Of Perplexity's deep research, whose totals leave out what it read and thought.
        counts = counts.plus(Usage(input=read, output=thought, reasoning=thought))
    else:
        _include_all(counts, _count(body, "total_tokens"))
    searches = counted_searches(body)
    counts.web_searches = searches.get(sightline.USAGE_WEB_SEARCHES)
    counts.file_searches = searches.get(sightline.USAGE_FILE_SEARCHES)
    return counts


def _include_all(counts: Usage, total: int | None) -> None:
    """Put what a server counts beside input and output into them, where its total tells of it.

    Anthropic's way is to leave cached tokens out of the input, xAI's to leave reasoning out of the output
    (docs.x.ai, "consumption and rate limits"), and Gemini's OpenAI-compatible answers name no thoughts.
    """
    if total is None or counts.input is None or counts.output is None:
        return
    beside = total - counts.input - counts.output
    if beside <= 0:
        return
    if beside == (counts.cache_read or 0) + (counts.cache_write or 0):
        counts.input += beside
    elif counts.reasoning in {None, 0, beside}:
        counts.reasoning = beside
        counts.output += beside


def _first_object(body: dict[str, Json], *names: str) -> dict[str, Json]:
    for name in names:
        value = body.get(name)
        if isinstance(value, dict):
            return value
    return {}


def _first_count(body: dict[str, Json], *names: str) -> int | None:
    return next((count for name in names if (count := _count(body, name)) is not None), None)


def _count(body: dict[str, Json], name: str) -> int | None:
    count = body.get(name)
    if count is not None:
        count = as_int(count)
    return count if count is not None and count >= 0 else None
