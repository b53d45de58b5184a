"""Price and failure of a record, once its columns are settled."""

from collections.abc import Callable

from sightline_core.price_rates import TokenCounts
from sightline_core.pricing import ModelCall, Pricer
from sightline_semconv import sightline
from sightline_semconv.kinds import CostState
from sightline_storage.spans.span_record import SpanRecord

_PRICED_KINDS = frozenset({"llm", "embedding"})


class Enricher:
    """Fills the cost and failure columns in place."""

    def __init__(self, pricer: Pricer, mark_failure: Callable[[SpanRecord], None]) -> None:
        self._pricer = pricer
        self._mark_failure = mark_failure

    def __call__(self, record: SpanRecord) -> None:
        """Complete one record."""
        if record["kind"] in _PRICED_KINDS:
            price_record(self._pricer, record)
        self._mark_failure(record)


def price_record(pricer: Pricer, record: SpanRecord) -> None:
    """Fill in the cost of a model call; ingest and repricing both come here, so that they agree."""
    tokens = TokenCounts(
        record.get("input_tokens", 0),
        record.get("cached_input_tokens", 0),
        record.get("cache_write_tokens", 0),
        record.get("output_tokens", 0),
        record.get("reasoning_tokens", 0),
        record.get("audio_input_tokens", 0),
        record.get("audio_output_tokens", 0),
        record.get("image_input_tokens", 0),
        record.get("image_output_tokens", 0),
        max(int(record["attributes_num"].get(sightline.USAGE_CACHE_WRITE_1H, 0)), 0),
    )
    if tokens.is_empty() and record["status"] == "error":
        # A call that failed before an answer is not billed; it is not a call without a price.
        return
    price = pricer.price(
        ModelCall(
            record["project"],
            record.get("provider", ""),
            record.get("response_model", ""),
            record.get("request_model", ""),
            record["start_ns"],
            record.get("service_tier", ""),
            tokens,
            bool(record.get("usage_estimated", 0)),
        )
    )
    record["cost_state"] = price.state.value
    record["cost_reason"] = price.reason
    if price.state is not CostState.UNPRICED:
        record["cost_usd"] = price.usd
        record["cost_input_usd"] = price.input_usd
        record["cost_cached_usd"] = price.cached_usd
        record["cost_output_usd"] = price.output_usd
        record["price_id"] = price.price_id


def mark_error_status(record: SpanRecord) -> None:
    """Without failure rules: an errored span failed, and its own words say why."""
    if record["status"] == "error":
        record["failure_category"] = "exception"
        record["failure_message"] = record.get("status_message", "") or record.get("error_type", "")
        record["failure_reason"] = "the span has the status error"
