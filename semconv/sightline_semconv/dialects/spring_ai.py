"""Spring AI: GenAI names for models, and its own for what it does around them.

Source: spring-projects/spring-ai, reference, "Observability".
"""

from sightline_semconv import gen_ai, sightline
from sightline_semconv.dialects.dialect import Attributes, Dialect
from sightline_semconv.kinds import SpanKind


def _restructure(attributes: Attributes) -> None:
    is_search = attributes.get("db.operation.name", "query") == "query"
    if attributes.get(sightline.SPAN_KIND) == SpanKind.RETRIEVAL and not is_search:
        attributes[sightline.SPAN_KIND] = SpanKind.INTERNAL.value


SPRING_AI = Dialect(
    name="spring_ai",
    prefixes=("spring.ai.",),
    renames={
        "spring.ai.tool.definition.name": gen_ai.TOOL_NAME,
        "spring.ai.tool.definition.description": gen_ai.TOOL_DESCRIPTION,
        "spring.ai.tool.call.arguments": gen_ai.TOOL_CALL_ARGUMENTS,
        "spring.ai.tool.call.result": gen_ai.TOOL_CALL_RESULT,
        "spring.ai.chat.client.conversation.id": gen_ai.CONVERSATION_ID,
        "db.vector.query.content": gen_ai.RETRIEVAL_QUERY_TEXT,
    },
    kind_attribute="spring.ai.kind",
    kinds={
        "chat_client": SpanKind.WORKFLOW,
        "advisor": SpanKind.INTERNAL,
        "tool_call": SpanKind.TOOL,
        "mcp_server_tool_call": SpanKind.TOOL,
        "vector_store": SpanKind.RETRIEVAL,
    },
    restructure=_restructure,
)
