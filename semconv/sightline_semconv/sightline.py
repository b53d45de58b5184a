"""Attribute names of our own, only where OpenTelemetry's GenAI conventions have none.

Values are strings unless a comment says otherwise. Amounts of money are decimal digits as text where
the SDK writes them; what other emitters wrote may be numbers.
"""

APP = "sightline.app"
"""The app that costs are reported for. A resource attribute; without it, `service.name` stands in."""
SPAN_KIND = "sightline.span.kind"
"""A `kinds.SpanKind`, only where `gen_ai.operation.name` does not say it."""

COST_USD = "sightline.cost.usd"
COST_STATE = "sightline.cost.state"  # a `kinds.CostState`
COST_PRICE_ID = "sightline.cost.price_id"  # which entry of which price list
USAGE_ESTIMATED = "sightline.usage.estimated"  # bool: the SDK counted the tokens, not the provider
USAGE_CACHE_WRITE_1H = "sightline.usage.cache_write_1h.input_tokens"  # int, of those written to a cache
USAGE_WEB_SEARCHES = "sightline.usage.web_searches"  # int, made by the provider, which bills each
USAGE_FILE_SEARCHES = "sightline.usage.file_searches"  # int, likewise
BATCH_REQUESTS = "sightline.batch.requests"  # int, that the tokens of a batch are of
USAGE_GEOGRAPHY = "sightline.usage.geography"  # where the provider says that it made the answer

REQUEST_FINGERPRINT = "sightline.request.fingerprint"  # of the whole request but what concerns transport
PROMPT_FINGERPRINT = "sightline.prompt.fingerprint"  # of the system texts with what varies masked
REQUEST_ID = "sightline.request.id"  # the provider's
REQUEST_KEY = "sightline.request.key"  # eight digits of the API key's hash
REQUEST_RETRIES = "sightline.request.retries"  # int, inside one call
STREAM_OUTCOME = "sightline.stream.outcome"  # a `kinds.StreamOutcome`
ERROR_CODE = "sightline.error.code"  # the provider's
OUTPUT_RATE = "sightline.output.tokens_per_second"  # double
PROMPT_CACHE_DIAGNOSTICS = "sightline.prompt_cache.diagnostics"  # JSON, as OpenAI's Responses API has it
SEARCH_RESULT_EVENT = "sightline.search.result"

GUARDRAIL_NAME = "sightline.guardrail.name"
GUARDRAIL_STAGE = "sightline.guardrail.stage"  # a `kinds.GuardrailStage`
GUARDRAIL_OUTCOME = "sightline.guardrail.outcome"  # a `kinds.GuardrailOutcome`
GUARDRAIL_SCORE = "sightline.guardrail.score"  # double
GUARDRAIL_CATEGORIES = "sightline.guardrail.categories"  # string[]
GUARDRAIL_NATIVE = "sightline.guardrail.native"  # the verdict in the words of the guardrail
GUARDRAIL_RESULT_EVENT = "gen_ai.guardrail.result"  # a draft: semantic-conventions-genai #427

CACHE_KIND = "sightline.cache.kind"  # a `kinds.CacheKind`
CACHE_HIT = "sightline.cache.hit"  # bool
CACHE_SIMILARITY = "sightline.cache.similarity"  # double, 0 to 1
CACHE_AGE_S = "sightline.cache.age_s"  # int
CACHE_SAVED_TOKENS = "sightline.cache.saved_tokens"  # int
CACHE_SAVED_USD = "sightline.cache.saved_usd"
CACHE_KEY_SCOPE = "sightline.cache.key_scope"

OUTPUT_VALID = "sightline.output.valid"  # bool: the answer fits its declared format
OUTPUT_SCHEMA = "sightline.output.schema"  # its name
OUTPUT_ERROR = "sightline.output.error"  # what is wrong with it

SESSION_ID = "session.id"  # this and the next are OpenTelemetry's, outside of the GenAI conventions
USER_ID = "user.id"
TAGS = "sightline.tags"  # string[]
METADATA_PREFIX = "sightline.metadata."

REPLAY_SCOPE = "sightline.replay"  # name of the instrumentation scope of calls that the server has made again
REPLAYED_TRACE_ID = "sightline.replay.trace_id"
REPLAYED_SPAN_ID = "sightline.replay.span_id"

INPUT = "sightline.input"  # what went into a span that is no model call, as text or JSON
OUTPUT = "sightline.output"
CONTENT_TRUNCATED = "sightline.content.truncated"  # bool: the SDK has cut texts over its limit

MARKS = "sightline.marks"  # string[], see `marks`
EMITTER_COST_USD = "sightline.emitter.cost_usd"  # what a call cost by the emitter's own account
