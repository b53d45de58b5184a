"""Memory of agents under the GenAI names: what was looked for, found or kept.

Source: open-telemetry/semantic-conventions-genai, `model/gen-ai/spans.yaml` (November 2026).
"""

from sightline_semconv import gen_ai, sightline
from sightline_semconv.dialects.dialect import Attributes, Dialect
from sightline_semconv.dialects.flattened import as_text, move_missing

_QUERY, _RECORDS = "gen_ai.memory.query.text", "gen_ai.memory.records"


def _restructure(attributes: Attributes) -> None:
    """Records that a search found have the form of documents; others are what went into the store."""
    move_missing(attributes, _QUERY, sightline.INPUT)
    if _RECORDS in attributes:
        is_search = attributes.get(gen_ai.OPERATION_NAME) == "search_memory"
        attributes[_RECORDS] = as_text(attributes[_RECORDS])
        move_missing(attributes, _RECORDS, gen_ai.RETRIEVAL_DOCUMENTS if is_search else sightline.INPUT)


MEMORY = Dialect(name="gen_ai", prefixes=("gen_ai.memory.",), restructure=_restructure)
