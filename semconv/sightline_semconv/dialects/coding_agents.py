"""Coding agents whose events `agent_events` translates: what that table cannot say, and who they are."""

from itertools import groupby
from typing import Any

from sightline_semconv import gen_ai
from sightline_semconv.dialects.dialect import Attributes, Dialect
from sightline_semconv.dialects.flattened import dump_json, parse_json, set_missing


def _read_answer(attributes: Attributes) -> None:
    """Make one message of the pieces of a stream, each of which is a whole response of Gemini's API."""
    pieces = parse_json(attributes.get("response_text"))
    if not isinstance(pieces, list):
        return
    parts: list[dict[str, Any]] = []
    for (is_text, thought), run in groupby((part for piece in pieces for part in _parts(piece)), _kind_of):
        if is_text:
            parts.append({"text": "".join(part["text"] for part in run), "thought": thought})
        else:
            parts += run
    if parts:
        del attributes["response_text"]
        set_missing(attributes, gen_ai.OUTPUT_MESSAGES, dump_json([{"role": "model", "parts": parts}]))


def _parts(piece: Any) -> list[dict[str, Any]]:
    """Return the parts of the first candidate of a response; [] when it is none."""
    match piece:
        case {"candidates": [{"content": {"parts": list(parts)}}, *_]}:
            return [part for part in parts if isinstance(part, dict)]
    return []


def _kind_of(part: dict[str, Any]) -> tuple[bool, bool]:
    """Return whether a part is text, and whether it is what was thought."""
    return isinstance(part.get("text"), str), part.get("thought") is True


CODEX = Dialect(name="codex", prefixes=("codex.",))
GEMINI_CLI = Dialect(name="gemini_cli", prefixes=("gemini_cli.",), restructure=_read_answer)
