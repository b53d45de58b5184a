"""The SQL behind savings seen and spend wasted: what did caches spare, and which calls were for nothing?"""

from typing import Any, Final

from clickhouse_connect.cc_sqlalchemy import final
from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import ColumnElement, Select, and_, bindparam, func, or_, select

from sightline_storage.spans.span_table import SPANS
from sightline_storage.spans.span_weights import weighted_amount, weighted_count, weighted_money
from sightline_storage.spend.spend_queries import MAX_ROWS, SpendQuestion, span_conditions

_S = SPANS.c
_CALL = and_(_S.counted == 1, _S.cost_state != "none")
_PRICED = and_(_CALL, _S.cost_state != "unpriced")
_PLAIN = and_(_PRICED, _S.cache_write_tokens == 0)
_FAILED = and_(_CALL, _S.status == "error")
# A failed call is failed only, so that the two kinds of waste can be added.
_ABANDONED = and_(
    _CALL, _S.status != "error", or_(_S.stream_outcome == "abandoned", _S.stream_outcome == "cancelled")
)
_HIT = _S.cache_hit == 1

_UNCACHED = func.greatest(_S.input_tokens, _S.cached_input_tokens) - _S.cached_input_tokens

SAVING_SUMS: Final[dict[str, ColumnElement[Any]]] = {
    "cached_tokens": weighted_amount(_S.cached_input_tokens, _CALL),
    "priced_cached_tokens": weighted_amount(_S.cached_input_tokens, _PRICED),
    "priced_input_tokens": weighted_amount(_S.input_tokens, _PRICED),
    "input_usd": weighted_money(_S.cost_input_usd, _PRICED),
    "cached_usd": weighted_money(_S.cost_cached_usd, _PRICED),
    "plain_uncached_tokens": weighted_amount(_UNCACHED, _PLAIN),
    "plain_input_usd": weighted_money(_S.cost_input_usd, _PLAIN),
    "cache_hits": weighted_count(_HIT),
    "hits_without_price": weighted_count(and_(_HIT, _S.cache_saved_usd == 0)),
    "hit_saved_tokens": weighted_amount(_S.cache_saved_tokens, _HIT),
    "hit_saved_usd": weighted_money(_S.cache_saved_usd, _HIT),
    "failed_calls": weighted_count(_FAILED),
    "failed_unpriced_calls": weighted_count(and_(_FAILED, _S.cost_state == "unpriced")),
    "failed_usd": weighted_money(_S.cost_usd, and_(_FAILED, _PRICED)),
    "retried_calls": weighted_count(and_(_CALL, _S.retries > 0)),
    "retries": weighted_amount(_S.retries, _CALL),
    "abandoned_calls": weighted_count(_ABANDONED),
    "abandoned_unpriced_calls": weighted_count(and_(_ABANDONED, _S.cost_state == "unpriced")),
    "abandoned_usd": weighted_money(_S.cost_usd, and_(_ABANDONED, _PRICED)),
}
"""Name → sum over spans. `plain` calls wrote nothing to a prompt cache: their input has the normal price."""


def build_savings(question: SpendQuestion) -> Select[Any]:
    """What was spared and wasted, by provider, model and service tier? Those three, then `SAVING_SUMS`."""
    statement = (
        select(
            _S.provider,
            _S.model,
            _S.service_tier,
            *(column.label(f"sum_{name}") for name, column in SAVING_SUMS.items()),
        )
        .where(*span_conditions(question), or_(_CALL, _HIT))
        .group_by(_S.provider, _S.model, _S.service_tier)
        .limit(bindparam("rows", MAX_ROWS + 1, ch.UInt64))
    )
    return final(statement, SPANS)
