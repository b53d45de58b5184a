"""Sightline's SDK: `sightline.instrument()` makes an app's OpenAI calls visible."""

from sightline.app_context import context
from sightline.chain import ChainSpan, cache, span
from sightline.connections import ConnectionHooks
from sightline.decorators import guardrail, retrieval, tool, trace
from sightline.delivery import DeliveryReport
from sightline.libraries import LibraryHooks
from sightline.runtime import add_hooks, flush, instrument, uninstrument
from sightline.scores import feedback, score

__all__ = [
    "ChainSpan",
    "DeliveryReport",
    "cache",
    "context",
    "feedback",
    "flush",
    "guardrail",
    "instrument",
    "retrieval",
    "score",
    "span",
    "tool",
    "trace",
    "uninstrument",
]

add_hooks(LibraryHooks())
add_hooks(ConnectionHooks())
