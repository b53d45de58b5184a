"""Price and failure of a record, once its columns are settled."""

from collections.abc import Callable, Mapping
from functools import partial

from sightline_core.price_rates import TokenCounts
from sightline_core.pricing import ModelCall, Pricer
from sightline_semconv import gen_ai, sightline
from sightline_semconv.kinds import CostState
from sightline_storage.spans.span_record import SpanRecord

_PARTS_WITHOUT_COLUMN = (
    sightline.USAGE_CACHE_WRITE_1H,
    gen_ai.USAGE_TEXT_CACHE_READ_INPUT_TOKENS,
    gen_ai.USAGE_AUDIO_CACHE_READ_INPUT_TOKENS,
    gen_ai.USAGE_IMAGE_CACHE_READ_INPUT_TOKENS,
    sightline.USAGE_WEB_SEARCHES,
    sightline.USAGE_FILE_SEARCHES,
)
"""Numbers of a span that the last fields of `TokenCounts` are read from, in their order."""
_WITHOUT_COLUMN = frozenset(_PARTS_WITHOUT_COLUMN)

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
    numbers = record["attributes_num"]
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
        *(
            ()
            if _WITHOUT_COLUMN.isdisjoint(numbers)
            else map(partial(_count, numbers), _PARTS_WITHOUT_COLUMN)
        ),
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
            record["attributes"].get(gen_ai.OPENAI_REQUEST_SERVICE_TIER, ""),
            record["attributes"].get(gen_ai.SERVER_ADDRESS, ""),
            record["attributes"].get(sightline.USAGE_GEOGRAPHY, ""),
            _count(numbers, sightline.BATCH_REQUESTS),
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


def _count(numbers: Mapping[str, float], name: str) -> int:
    return max(int(numbers.get(name, 0)), 0)


def mark_error_status(record: SpanRecord) -> None:
    """Without failure rules: an errored span failed, and its own words say why."""
    if record["status"] == "error":
        record["failure_category"] = "exception"
        record["failure_message"] = record.get("status_message", "") or record.get("error_type", "")
        record["failure_reason"] = "the span has the status error"
