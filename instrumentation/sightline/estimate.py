"""Token counts where the provider sent none: tiktoken when its encoding is on this machine, else
characters."""

from __future__ import annotations

import json
import logging
import os
import sys
from functools import lru_cache
from hashlib import sha1
from pathlib import Path
from tempfile import gettempdir
from typing import Any

from sightline.facts import Facts
from sightline.readers.json_values import as_objects, as_text

logger = logging.getLogger(__name__)

CHARACTERS_PER_TOKEN = 4  # OpenAI's rule of thumb for English text
TOKENS_PER_MESSAGE = 3  # the frame around each chat message, and around the answer's beginning
_BLOB_BASE = "https://openaipublic.blob.core.windows.net/encodings/"


def estimate_usage(facts: Facts, model: str) -> None:
    """Fill in what is missing of `facts.usage` and mark it as an estimate. Nothing is downloaded."""
    usage = facts.usage
    if usage.input is not None and usage.output is not None:
        return
    parts = [
        *facts.system_instructions,
        *(p for m in facts.input_messages for p in as_objects(m.get("parts"))),
    ]
    if usage.input is None:
        frames = TOKENS_PER_MESSAGE * (len(facts.input_messages) + bool(facts.system_instructions) + 1)
        # Tools and a schema reach the model in a shorter notation, which nobody publishes; without them the
        # request of an agent would be a fraction of what it is.
        declared = [*facts.tools, *([facts.output_schema] if facts.output_schema else [])]
        usage.input = frames + count_tokens(_texts(parts), model)
        usage.input += sum(count_tokens(json.dumps(part, ensure_ascii=False), model) for part in declared)
    if usage.output is None:
        answered = [part for message in facts.output_messages for part in as_objects(message.get("parts"))]
        usage.output = count_tokens(_texts(answered), model)
    usage.estimated = True


def _texts(parts: list[dict[str, Any]]) -> str:
    return "\n".join(text for part in parts if (text := _text_of(part)))


def _text_of(part: dict[str, Any]) -> str:
    text = as_text(part.get("content")) or str(part.get("arguments") or part.get("response") or "")
    return f"{part.get('name')} {text}" if part.get("type") == "tool_call" else text


def count_tokens(text: str, model: str) -> int:
    """Tokens of a text, by the model's encoding or by the character rule (rounded up)."""
    if not text:
        return 0
    encoding = _offline_encoding(model)
    if encoding is not None:
        return len(encoding.encode_ordinary(text[:400_000]))
    return -(-len(text) // CHARACTERS_PER_TOKEN)


@lru_cache(maxsize=64)
def _offline_encoding(model: str) -> Any:
    """tiktoken's encoding, only if the app has loaded tiktoken or it is installed, and its file is cached."""
    try:
        import tiktoken
        from tiktoken.model import encoding_name_for_model
    except ImportError:
        return None
    try:
        name = encoding_name_for_model(model)
    except KeyError:
        name = "o200k_base"
    if name not in getattr(sys.modules.get("tiktoken.registry"), "ENCODINGS", {}) and not _is_cached(name):
        return None
    try:
        return tiktoken.get_encoding(name)
    except Exception:
        logger.debug("tiktoken could not load an encoding", exc_info=True)
        return None


def _is_cached(name: str) -> bool:
    """Whether tiktoken's own cache holds the file, so that loading it needs no network."""
    folder = os.environ.get("TIKTOKEN_CACHE_DIR") or os.environ.get("DATA_GYM_CACHE_DIR")
    path = Path(folder) if folder else Path(gettempdir()) / "data-gym-cache"
    key = sha1(f"{_BLOB_BASE}{name}.tiktoken".encode(), usedforsecurity=False).hexdigest()
    return (path / key).is_file()
