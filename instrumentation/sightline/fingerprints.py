"""Hashes that tell whether two calls asked the same thing, or came from the same prompt template."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable

from sightline.readers.json_values import JsonObject, as_text
from sightline.readers.messages import message_text

# Who asks and how the answer travels does not change what is asked.
_TRANSPORT = frozenset(
    {"stream", "stream_options", "user", "metadata", "store", "background", "safety_identifier"}
    | {"prompt_cache_key", "prompt_cache_retention", "prompt_cache_options", "service_tier"}
)
_VARIABLE = re.compile(
    r"https?://\S+"
    r"|\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b"
    r"|[\w.+-]{1,64}@[\w.-]{1,255}"
    r"|\"[^\"\n]{1,2000}\"|“[^”\n]{1,2000}”"
    r"|\b[0-9a-fA-F]{16,}\b"
    r"|\d+(?:[.,:/-]\d+)*"
)

_encode_sorted = json.JSONEncoder(
    sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str
).encode


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def request_fingerprint(body: JsonObject) -> str:
    """Hash of the whole request, keys sorted, without what only concerns transport. 32 hex digits."""
    asked = {key: value for key, value in body.items() if key not in _TRANSPORT and value is not None}
    return _digest(_encode_sorted(asked))


def prompt_fingerprint(
    instructions: list[JsonObject], messages: list[JsonObject], variables: Iterable[str] = ()
) -> str:
    """Hash of the prompt's template: system and developer texts with what varies masked. 32 hex digits, ""
    if none.

    Masked are the given variables, then URLs, ids, e-mail addresses, quoted texts and numbers. Without a
    system text the first user message stands for the template.
    """
    texts = [as_text(part.get("content")) for part in instructions]
    texts += [message_text(message) for message in messages if message.get("role") in {"system", "developer"}]
    if not any(texts):
        texts = [message_text(message) for message in messages if message.get("role") == "user"][:1]
    template = "\n".join(text for text in texts if text)
    if not template:
        return ""
    for variable in sorted({value for value in variables if value}, key=len, reverse=True):
        template = template.replace(variable, "*")
    return _digest(" ".join(_VARIABLE.sub("*", template).split()))
