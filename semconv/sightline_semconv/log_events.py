"""Names of OTLP log events that say something about a span."""

from sightline_semconv.gen_ai import EVALUATION_RESULT_EVENT, INFERENCE_DETAILS_EVENT

MESSAGES = frozenset(
    {
        "gen_ai.system.message",
        "gen_ai.user.message",
        "gen_ai.assistant.message",
        "gen_ai.tool.message",
        "gen_ai.choice",
        "gen_ai.content.prompt",
        "gen_ai.content.completion",
    }
)
"""One message each; OpenTelemetry up to 1.36."""

ALL = MESSAGES | {INFERENCE_DETAILS_EVENT, EVALUATION_RESULT_EVENT}
