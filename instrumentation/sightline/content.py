"""From messages to attribute text: redacted, cut to size, with a mark where something was cut."""

from __future__ import annotations

import hashlib
import json
import logging
import math
from collections import deque
from itertools import islice
from typing import Any

from sightline.config import ContentPolicy
from sightline.facts import AttributeValue, Facts
from sightline.own_fields import fields_of
from sightline_semconv import gen_ai, sightline

logger = logging.getLogger(__name__)

REDACTION_FAILED = "[removed: redaction failed]"
_encode = json.JSONEncoder(ensure_ascii=False, default=str, separators=(",", ":")).encode
_MAX_ITEMS = 1000  # messages or parts of one attribute
_MAX_DEPTH = 64  # lists and objects inside each other
_MAX_HASHED_BYTES = 16 * 1024 * 1024  # more takes time that is the app's
_HASHED_AS_ONE = 1024  # bytes hashed in the time of one character
_BYTES = (bytes, bytearray, memoryview)
_LISTS = (list, tuple, set, frozenset, deque)


class ContentWriter:
    """Applies one policy. `truncated` turns true when anything was cut."""

    def __init__(self, policy: ContentPolicy) -> None:
        self._policy = policy
        self._left: float = math.inf  # characters that the value may still take
        self._depth = 0
        self.truncated = False

    def text(self, text: str) -> str:
        """Redacted first, cut second: a cut could hide the end of a secret from a rule."""
        for redactor in self._policy.redactors:
            try:
                text = redactor(text)
            except Exception:
                logger.warning("A redaction rule failed; the text is not sent", exc_info=True)
                return REDACTION_FAILED
            if not isinstance(text, str):
                return REDACTION_FAILED
        room = min(self._policy.limit, self._left)
        self._left -= len(text)
        if len(text) > room:
            self.truncated = True
            return cut_text(text, max(int(room), 0))
        return text

    def json(self, value: Any) -> str:
        """Text of a JSON value, every text in it, keys too, under the policy."""
        if not self._policy.redactors:
            text = _encode(value)
            if len(text) <= self._policy.limit:  # then no text inside can be over it
                return text
        return _encode(self._shape(value))

    def app_json(self, value: Any) -> str:
        """JSON text of any value of the app's; the limit of one text is that of the whole.

        No more of it is looked at. Dataclasses and pydantic's models become objects, bytes their type, size
        and hash; what else JSON lacks becomes its `str`, and what has none says of which type it is.
        """
        self._left = self._policy.limit
        return _encode(self._shape(value))

    def _shape(self, value: Any) -> Any:
        self._left -= 1
        if isinstance(value, str):
            return self.text(value)
        if value is None or isinstance(value, bool | int):
            return value
        if isinstance(value, float):
            return value if math.isfinite(value) else str(value)  # JSON has no NaN
        try:
            return self._describe(value) if isinstance(value, _BYTES) else self._shape_object(value)
        except Exception:
            logger.debug("A value could not be read", exc_info=True)
            return f"<{type(value).__name__}>"

    def _shape_object(self, value: Any) -> Any:
        if not isinstance(value, (dict, *_LISTS)):
            fields = fields_of(value)
            if fields is None:
                return self.text(str(value))
            value = dict(fields)
        if self._depth == _MAX_DEPTH:  # objects may be in a circle
            self.truncated = True
            return "…"
        self._depth += 1
        try:
            return self._shape_dict(value) if isinstance(value, dict) else self._shape_list(value)
        finally:
            self._depth -= 1

    def _describe(self, data: bytes | bytearray | memoryview) -> dict[str, Any]:
        size = memoryview(data).nbytes
        described: dict[str, Any] = {"type": type(data).__name__, "size": size}
        if size <= _MAX_HASHED_BYTES:
            described["sha256"] = hashlib.sha256(data).hexdigest()
            self._left -= size // _HASHED_AS_ONE
        self._left -= len(str(described))
        return described

    def _shape_dict(self, value: dict[Any, Any]) -> dict[str, Any]:
        shaped: dict[str, Any] = {}
        for number, (key, item) in enumerate(value.items()):
            if self._left <= 0:
                self.truncated = True
                shaped["omitted"] = len(value) - number
                break
            name = self.text(str(key))
            shaped[name] = self._shape(item)
        return shaped

    def _shape_list(self, value: Any) -> list[Any]:
        shaped: list[Any] = []
        skipped = max(len(value) - _MAX_ITEMS, 0)
        if skipped:
            self.truncated = True
            # The last messages say more about an answer than the first.
            shaped.append({"omitted": skipped})
        for number, item in enumerate(islice(value, skipped, None), skipped):
            if self._left <= 0:
                self.truncated = True
                shaped.append({"omitted": len(value) - number})
                break
            shaped.append(self._shape(item))
        return shaped


_CONTENT_ATTRIBUTES = (gen_ai.RETRIEVAL_QUERY_TEXT, gen_ai.RETRIEVAL_DOCUMENTS, sightline.OUTPUT)


def cut_text(text: str, limit: int) -> str:
    """Return the beginning of a text, and how much of it was cut."""
    return f"{text[:limit]}… [{len(text) - limit} characters cut]"


def content_attributes(facts: Facts, policy: ContentPolicy) -> dict[str, AttributeValue]:
    """Messages, instructions and tools of a call as attributes; {} when the policy keeps no content."""
    if not (policy.on_spans or policy.on_events):
        return {}
    writer = ContentWriter(policy)
    groups = (
        (gen_ai.INPUT_MESSAGES, facts.input_messages),
        (gen_ai.OUTPUT_MESSAGES, facts.output_messages),
        (gen_ai.SYSTEM_INSTRUCTIONS, facts.system_instructions),
        (gen_ai.TOOL_DEFINITIONS, facts.tools),
    )
    attributes: dict[str, AttributeValue] = {name: writer.json(value) for name, value in groups if value}
    if writer.truncated:
        attributes[sightline.CONTENT_TRUNCATED] = True
    return attributes


def apply_policy(attributes: dict[str, AttributeValue], policy: ContentPolicy) -> dict[str, AttributeValue]:
    """Attributes in which a few texts are content (queries, documents): removed or redacted as the policy
    says."""
    present = [name for name in _CONTENT_ATTRIBUTES if name in attributes]
    if not present:
        return attributes
    writer = ContentWriter(policy)
    kept = {name: value for name, value in attributes.items() if name not in present}
    if policy.on_spans:
        kept |= {name: writer.text(str(attributes[name])) for name in present}
    return kept
