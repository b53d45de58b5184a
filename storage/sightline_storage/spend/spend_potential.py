"""The SQL of savings that are possible: what was asked twice, what could be cached, and tokens to price anew.

Repeated and cacheable calls are counted as they are, without the weights of sampling: whether two calls are
the same is known of those that were kept only. Tokens to price anew are weighted, as every total of cost is.
"""

from collections.abc import Sequence
from typing import Any, Final

from clickhouse_connect.cc_sqlalchemy import final
from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import ColumnElement, Select, and_, bindparam, func, literal_column, or_, select, true

from sightline_core.price_rates import STANDARD_TIERS
from sightline_semconv import gen_ai, sightline
from sightline_storage.rollups.rollup_table import TOKEN_CLASSES
from sightline_storage.spans.span_table import SPANS
from sightline_storage.spans.span_weights import ANY_SAMPLED, weighted_amount, weighted_count, weighted_money
from sightline_storage.spend.spend_queries import MAX_ROWS, SpendQuestion, span_conditions

_S = SPANS.c
_CALL = and_(_S.counted == 1, _S.cost_state != "none", _S.status != "error")
_HAS_PRICE = _S.cost_state != "unpriced"
_STANDARD_TIER = func.lower(func.trimBoth(_S.service_tier)).in_(sorted(STANDARD_TIERS))
_MOST_SEARCHES: Final[ColumnElement[Any]] = func.toUInt64(literal_column("1000000"))
"""Of one call: no provider makes as many, and what an emitter says may be anything."""


def _part(label: str, attribute: str, most: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a count that is stored as a number of the span, at most that of the column that includes it."""
    count = func.arrayElement(_S.attributes_num, bindparam(label, attribute))
    return func.least(func.toUInt64(func.greatest(count, 0)), most)


_TOKENS: Final[dict[str, ColumnElement[Any]]] = {
    **{name: _S[name] for name in TOKEN_CLASSES},
    "cache_write_1h_tokens": _part("for_an_hour", sightline.USAGE_CACHE_WRITE_1H, _S.cache_write_tokens),
    "cached_text_tokens": _part(
        "cached_text", gen_ai.USAGE_TEXT_CACHE_READ_INPUT_TOKENS, _S.cached_input_tokens
    ),
    "cached_audio_tokens": _part(
        "cached_audio", gen_ai.USAGE_AUDIO_CACHE_READ_INPUT_TOKENS, _S.cached_input_tokens
    ),
    "cached_image_tokens": _part(
        "cached_image", gen_ai.USAGE_IMAGE_CACHE_READ_INPUT_TOKENS, _S.cached_input_tokens
    ),
    "web_searches": _part("web_searches", sightline.USAGE_WEB_SEARCHES, _MOST_SEARCHES),
    "file_searches": _part("file_searches", sightline.USAGE_FILE_SEARCHES, _MOST_SEARCHES),
}
"""Classes of tokens and counts of searches, in the order of `TokenCounts`."""
_TEXTS_A_PROMPT: Final = 6
_TEXT_LENGTH: Final = 40_000


def build_repeats(question: SpendQuestion, limit: int) -> Select[Any]:
    """Which requests were sent more than once, to the letter? Those whose repetitions cost most first.

    Over all of them: requests, repeated calls, money. Then of each: fingerprint, app, provider, model, calls,
    money of the repeated calls, calls without a price, what was asked, a trace and its time.
    """
    first_usd = func.argMin(_S.cost_usd, _S.start_time)
    repeated_usd = (func.sum(_S.cost_usd) - first_usd).label("repeated_usd")
    statement = (
        select(
            func.count().over().label("all_requests"),
            func.sum(func.count() - 1).over().label("all_repeats"),
            func.sum(func.sum(_S.cost_usd) - first_usd).over().label("all_usd"),
            _S.request_fingerprint,
            _S.app,
            _S.provider,
            _S.model,
            func.count().label("calls"),
            repeated_usd,
            func.countIf(_S.cost_state == "unpriced").label("unpriced_calls"),
            func.argMax(_S.input_preview, _S.start_time).label("asked"),
            func.argMax(_S.trace_id, _S.start_time).label("trace_id"),
        )
        .where(*span_conditions(question), _CALL, _S.request_fingerprint != "")
        .group_by(_S.request_fingerprint, _S.app, _S.provider, _S.model)
        .having(func.count() > 1)
        .order_by(
            literal_column("repeated_usd").desc(), literal_column("calls").desc(), _S.request_fingerprint
        )
        .limit(bindparam("requests", limit, ch.UInt64))
    )
    return final(statement, SPANS)


def build_distinct_requests(question: SpendQuestion, limit: int) -> Select[Any]:
    """What was asked, each request once, the newest first? With what one call of it cost.

    App, provider, model, fingerprint of the prompt, of the request, what was asked, money of one call,
    whether it has a price, a trace.
    """
    statement = (
        select(
            _S.app,
            _S.provider,
            _S.model,
            _S.prompt_fingerprint,
            _S.request_fingerprint,
            func.argMax(_S.input_preview, _S.start_time).label("asked"),
            func.argMax(_S.cost_usd, _S.start_time).label("usd"),
            func.max(_HAS_PRICE).label("has_price"),
            func.argMax(_S.trace_id, _S.start_time).label("trace_id"),
        )
        .where(
            *span_conditions(question),
            _CALL,
            _S.kind == "llm",
            _S.request_fingerprint != "",
            _S.prompt_fingerprint != "",
            _S.input_preview != "",
        )
        .group_by(_S.app, _S.provider, _S.model, _S.prompt_fingerprint, _S.request_fingerprint)
        .order_by(func.max(_S.start_time).desc(), _S.request_fingerprint)
        .limit(bindparam("requests", limit, ch.UInt64))
    )
    return final(statement, SPANS)


def build_cacheable_prompts(question: SpendQuestion, least_tokens: int, limit: int) -> Select[Any]:
    """Which prompts are sent again and again with long inputs? Those with most input not cached first.

    App, provider, model, fingerprint, name, calls, calls that had none in the five minutes before them as far
    as fixed windows tell, tokens of input and cached ones, samples of (trace, span).
    """
    window = func.toStartOfInterval(_S.start_time, literal_column("toIntervalMinute(5)"))
    samples: ColumnElement[Any] = literal_column(
        f"groupArraySample({_TEXTS_A_PROMPT}, 1)(tuple(`spans`.`trace_id`, `spans`.`span_id`))"
    )
    statement = (
        select(
            _S.app,
            _S.provider,
            _S.model,
            _S.prompt_fingerprint,
            func.max(_S.prompt_name).label("prompt"),
            func.count().label("calls"),
            func.uniqExact(window).label("cold_calls"),
            func.sum(_S.input_tokens).label("input"),
            func.sum(_S.cached_input_tokens).label("cached"),
            samples.label("samples"),
        )
        .where(*span_conditions(question), _CALL, _S.kind == "llm", _S.prompt_fingerprint != "")
        .group_by(_S.app, _S.provider, _S.model, _S.prompt_fingerprint)
        .having(
            and_(
                func.count() > 1,
                func.avg(_S.input_tokens) >= bindparam("least_tokens", least_tokens, ch.UInt64),
            )
        )
        .order_by((literal_column("input") - literal_column("cached")).desc(), _S.prompt_fingerprint)
        .limit(bindparam("prompts", limit, ch.UInt64))
    )
    return final(statement, SPANS)


def build_prompt_texts(
    question: SpendQuestion, trace_ids: Sequence[str], span_ids: Sequence[str]
) -> Select[Any]:
    """What was sent in these calls, in the order that a provider's cache reads it? Span, text, its length.

    The text is cut; its length is not.
    """
    text = func.concat(_S.tool_definitions, _S.system_instructions, _S.input)
    statement = (
        select(
            _S.trace_id,
            _S.span_id,
            func.substringUTF8(text, 1, _TEXT_LENGTH).label("text"),
            func.lengthUTF8(text).label("length"),
            _S.input_tokens,
        )
        .where(
            *span_conditions(question),
            func.has(bindparam("trace_ids", list(trace_ids), ch.Array(ch.String)), _S.trace_id),
            func.has(bindparam("span_ids", list(span_ids), ch.Array(ch.String)), _S.span_id),
        )
        .limit(bindparam("rows", MAX_ROWS, ch.UInt64))
    )
    return final(statement, SPANS)


def build_token_profile(
    question: SpendQuestion, *, most_input: int, most_output: int, only_unattended: bool
) -> Select[Any]:
    """How many tokens did calls up to this size use, by model and size? For pricing them anew.

    Provider, model, tier, power of two over the input, calls, money, calls without a price, latest start in
    seconds, whether sampled calls are among them, then `_TOKENS`. Unattended: not streamed, of no session and
    no user, at the normal tier.
    """
    size = func.toUInt8(func.ceil(func.log2(_S.input_tokens + 1)))
    unattended = [_S.stream == 0, _S.session == "", _S.user == "", _STANDARD_TIER]
    statement = (
        select(
            _S.provider,
            _S.model,
            _S.service_tier,
            size.label("size"),
            weighted_count(true()).label("calls"),
            weighted_money(_S.cost_usd, _HAS_PRICE).label("usd"),
            weighted_count(_S.cost_state == "unpriced").label("unpriced_calls"),
            func.toUnixTimestamp(func.max(_S.start_time)).label("last_s"),
            ANY_SAMPLED.label("sampled"),
            *(weighted_amount(tokens, true()).label(f"sum_{name}") for name, tokens in _TOKENS.items()),
        )
        .where(
            *span_conditions(question),
            _CALL,
            or_(_S.input_tokens > 0, _S.output_tokens > 0),
            _S.input_tokens <= bindparam("most_input", most_input, ch.UInt64),
            _S.output_tokens <= bindparam("most_output", most_output, ch.UInt64),
            *(unattended if only_unattended else []),
        )
        .group_by(_S.provider, _S.model, _S.service_tier, literal_column("size"))
        .limit(bindparam("rows", MAX_ROWS + 1, ch.UInt64))
    )
    return final(statement, SPANS)
