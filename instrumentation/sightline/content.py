"""From messages to attribute text: redacted, cut to size, with a mark where something was cut."""

from __future__ import annotations

import json
import logging
from typing import Any

from sightline.config import ContentPolicy
from sightline.facts import AttributeValue, Facts
from sightline_semconv import gen_ai, sightline

logger = logging.getLogger(__name__)

REDACTION_FAILED = "[removed: redaction failed]"
_encode = json.JSONEncoder(ensure_ascii=False, default=str, separators=(",", ":")).encode
_MAX_ITEMS = 1000  # messages or parts of one attribute


class ContentWriter:
    """Applies one policy. `truncated` turns true when anything was cut."""

    def __init__(self, policy: ContentPolicy) -> None:
        self._policy = policy
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
        if len(text) > self._policy.limit:
            self.truncated = True
            return f"{text[: self._policy.limit]}… [{len(text) - self._policy.limit} characters cut]"
        return text

    def shape(self, value: Any) -> Any:
        """The same JSON value with every text in it, keys too, under the policy."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.text(str(key)): self.shape(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            if len(value) > _MAX_ITEMS:
                self.truncated = True
                # The last messages say more about an answer than the first.
                return [
                    {"omitted": len(value) - _MAX_ITEMS},
                    *(self.shape(item) for item in value[-_MAX_ITEMS:]),
                ]
            return [self.shape(item) for item in value]
        return value

    def json(self, value: Any) -> str:
        """JSON text of a value under the policy. Values that JSON has no word for become their `str`."""
        if not self._policy.redactors:
            text = _encode(value)
            if len(text) <= self._policy.limit:  # then no text inside can be over it
                return text
        return _encode(self.shape(value))


_CONTENT_ATTRIBUTES = (gen_ai.RETRIEVAL_QUERY_TEXT, gen_ai.RETRIEVAL_DOCUMENTS, sightline.OUTPUT)


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
