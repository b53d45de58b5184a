"""Alibaba's conventions (LoongSuite, ARMS, Higress), which Volcengine's and Future AGI's SDKs share in part.

Source: alibaba/loongsuite-python-agent and higress-group/higress, `plugins/wasm-go/extensions/ai-statistics`.
"""

from sightline_semconv import gen_ai, sightline
from sightline_semconv.dialects.content import take_content
from sightline_semconv.dialects.dialect import Attributes, Dialect
from sightline_semconv.kinds import SpanKind


def _restructure(attributes: Attributes) -> None:
    take_content(attributes, ["input.value"], ["output.value"])


ARMS = Dialect(
    name="arms",
    prefixes=("gen_ai.span.kind",),
    renames={
        "gen_ai.model_name": gen_ai.REQUEST_MODEL,
        "gen_ai.session.id": sightline.SESSION_ID,
        "gen_ai.user.id": sightline.USER_ID,
    },
    kind_attribute="gen_ai.span.kind",
    kinds={
        "llm": SpanKind.LLM,
        "embedding": SpanKind.EMBEDDING,
        "retriever": SpanKind.RETRIEVAL,
        "reranker": SpanKind.RETRIEVAL,
        "tool": SpanKind.TOOL,
        "agent": SpanKind.AGENT,
        "chain": SpanKind.WORKFLOW,
        "workflow": SpanKind.WORKFLOW,
        "entry": SpanKind.WORKFLOW,
        "task": SpanKind.INTERNAL,
        "step": SpanKind.INTERNAL,
        "guardrail": SpanKind.GUARDRAIL,
        "evaluator": SpanKind.EVALUATION,
    },
    restructure=_restructure,
)
