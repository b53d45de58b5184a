"""What is learnt about one call, before it is written onto its span."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sightline_semconv import gen_ai, sightline

AttributeValue = str | bool | int | float | Sequence[str]
JsonObject = dict[str, Any]
_CLASSES = ("input", "output", "cache_read", "cache_write", "reasoning")
_MODALITIES = ("audio_input", "audio_output", "image_input", "image_output")
_CACHED = ("cached_text", "cached_audio", "cached_image")
_SEARCHES = ("web_searches", "file_searches")


@dataclass(slots=True)
class Usage:
    """Tokens by class, and searches of the provider's own. `input` includes cached and written ones, `output`
    includes reasoning; None: not said."""

    input: int | None = None
    output: int | None = None
    cache_read: int | None = None
    cache_write: int | None = None
    reasoning: int | None = None
    audio_input: int | None = None
    audio_output: int | None = None
    image_input: int | None = None
    image_output: int | None = None
    cached_text: int | None = None  # this and the next two: of `cache_read`
    cached_audio: int | None = None
    cached_image: int | None = None
    web_searches: int | None = None
    file_searches: int | None = None
    estimated: bool = False

    def plus(self, other: Usage) -> Usage:
        """Both together; a class that neither was told of stays unknown."""
        summed = Usage(estimated=self.estimated or other.estimated)
        for name in (*_CLASSES, *_MODALITIES, *_CACHED, *_SEARCHES):
            counts = [count for usage in (self, other) if (count := getattr(usage, name)) is not None]
            setattr(summed, name, sum(counts) if counts else None)
        return summed

    def attributes(self) -> dict[str, int]:
        """By attribute name; a class that was not reported is left out, a reported zero is kept."""
        pairs = (
            (gen_ai.USAGE_INPUT_TOKENS, self.input),
            (gen_ai.USAGE_OUTPUT_TOKENS, self.output),
            (gen_ai.USAGE_CACHE_READ_INPUT_TOKENS, self.cache_read),
            (gen_ai.USAGE_CACHE_WRITE_INPUT_TOKENS, self.cache_write),
            (gen_ai.USAGE_REASONING_OUTPUT_TOKENS, self.reasoning),
            (gen_ai.USAGE_AUDIO_INPUT_TOKENS, self.audio_input),
            (gen_ai.USAGE_AUDIO_OUTPUT_TOKENS, self.audio_output),
            (gen_ai.USAGE_IMAGE_INPUT_TOKENS, self.image_input),
            (gen_ai.USAGE_IMAGE_OUTPUT_TOKENS, self.image_output),
            (gen_ai.USAGE_TEXT_CACHE_READ_INPUT_TOKENS, self.cached_text),
            (gen_ai.USAGE_AUDIO_CACHE_READ_INPUT_TOKENS, self.cached_audio),
            (gen_ai.USAGE_IMAGE_CACHE_READ_INPUT_TOKENS, self.cached_image),
            (sightline.USAGE_WEB_SEARCHES, self.web_searches),
            (sightline.USAGE_FILE_SEARCHES, self.file_searches),
        )
        return {name: count for name, count in pairs if count is not None}


@dataclass(slots=True)
class Verdict:
    """One guardrail's result. `categories`: what it found; `native`: the value in the provider's own
    words."""

    name: str
    stage: str
    outcome: str
    score: float | None = None
    categories: list[str] = field(default_factory=list)
    native: str = ""


@dataclass(slots=True)
class Facts:
    """Filled by the readers. The messages are plain JSON in the GenAI shape, not yet redacted or cut."""

    attributes: dict[str, AttributeValue] = field(default_factory=dict)
    input_messages: list[JsonObject] = field(default_factory=list)
    output_messages: list[JsonObject] = field(default_factory=list)
    system_instructions: list[JsonObject] = field(default_factory=list)
    tools: list[JsonObject] = field(default_factory=list)
    usage: Usage = field(default_factory=Usage)
    finish_reasons: list[str] = field(default_factory=list)  # of the choices that have one
    verdicts: list[Verdict] = field(default_factory=list)
    events: list[tuple[str, dict[str, AttributeValue]]] = field(default_factory=list)
    error: tuple[str, str] | None = None  # type, message: an error told in the body of the answer
    incomplete: bool = False  # a stream that ended without saying that it ended
    terminal_index: int | None = None  # which streamed event, counted from 0, said that the answer is whole
    output_schema: JsonObject | None = None  # JSON schema that the answer was asked to follow
    expects_json: bool = False
    counts_tokens: bool = True  # false where another call already counted them

    def put(self, name: str, value: AttributeValue | None) -> None:
        """Set an attribute; None and "" mean that there is nothing to say."""
        if value is not None and value != "":
            self.attributes[name] = str(value) if isinstance(value, StrEnum) else value
