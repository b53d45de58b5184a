"""What the collector calls for each span."""

from sightline_analysis.failures.detection import detect
from sightline_storage.spans.span_record import SpanRecord


def mark_failure(record: SpanRecord) -> None:
    """Fill the `failure_*` columns in place when the span failed.

    `failure_propagated` stays 0: spans of one trace arrive in different requests, so whether a deeper span is
    the cause is settled by `find_carriers` over the stored rows.
    """
    failure = detect(record)
    if failure is not None:
        record["failure_category"] = failure.category.value
        record["failure_fingerprint"] = failure.fingerprint
        record["failure_message"] = failure.message
        record["failure_reason"] = failure.reason
