"""Names of OTLP log events that say something about a span."""

from sightline_semconv.dialects.event_messages import MESSAGE_EVENTS
from sightline_semconv.gen_ai import EVALUATION_RESULT_EVENT, INFERENCE_DETAILS_EVENT

ALL = MESSAGE_EVENTS | {INFERENCE_DETAILS_EVENT, EVALUATION_RESULT_EVENT}
"""Messages, one in each or all at once; the attributes and content of a model call; a score."""
