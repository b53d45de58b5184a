"""Laminar (and browser-use through it): OpenLLMetry's calls, and its own names for the spans around them.

Source: lmnr-ai/lmnr-python, `src/lmnr/opentelemetry_lib/tracing/attributes.py`.
"""

from sightline_semconv import gen_ai, sightline
from sightline_semconv.dialects.content import open_tags, take_quoted
from sightline_semconv.dialects.dialect import Attributes, Dialect
from sightline_semconv.dialects.flattened import set_missing
from sightline_semconv.kinds import SpanKind

_INPUT, _OUTPUT = "lmnr.span.input", "lmnr.span.output"


def _restructure(attributes: Attributes) -> None:
    if attributes.get("lmnr.span.type") == "LLM" and gen_ai.OPERATION_NAME not in attributes:
        # Embeddings are of this type, too, and say better what they are.
        set_missing(attributes, sightline.SPAN_KIND, SpanKind.LLM.value)
    take_quoted(attributes, _INPUT, _OUTPUT)
    open_tags(attributes)


LAMINAR = Dialect(
    name="laminar",
    prefixes=("lmnr.",),
    renames={
        "lmnr.association.properties.session_id": sightline.SESSION_ID,
        "lmnr.association.properties.user_id": sightline.USER_ID,
        "lmnr.association.properties.tags": sightline.TAGS,
    },
    kind_attribute="lmnr.span.type",
    kinds={
        "tool": SpanKind.TOOL,
        "evaluator": SpanKind.EVALUATION,
        "human_evaluator": SpanKind.EVALUATION,
        "evaluation": SpanKind.WORKFLOW,
    },
    restructure=_restructure,
)
