"""An app that judges its own work with the SDK; prints the ids that it judged, as JSON."""

import json
import os
import sys

from opentelemetry import trace

import sightline

sightline.instrument(app="scoring", endpoint=os.environ["SIGHTLINE"])

session = "scored/../session ?#1"
with sightline.context(session=session, user="u-scores"):
    with sightline.span("answer", kind="workflow"):
        current = trace.get_current_span().get_span_context()
        sightline.score("helpful", 0.75, comment="mostly", source="model", author="judge-1")
        sightline.score("tone", "kind")
        sightline.feedback(good=False, comment="too slow")
    sightline.score("solved", True)
    sightline.score("note", "The customer\nwrote again.", value_type="text")

report = sightline.flush()
ids = {"trace_id": f"{current.trace_id:032x}", "span_id": f"{current.span_id:016x}", "session": session}
sys.exit(f"spans were dropped: {report}") if report.dropped else sys.stdout.write(json.dumps(ids))
