"""Attribute names of our own, only where OpenTelemetry has no standard name."""

APP = "sightline.app"
SPAN_KIND = "sightline.span.kind"

COST_USD = "sightline.cost.usd"
COST_STATE = "sightline.cost.state"
COST_PRICE_ID = "sightline.cost.price_id"
USAGE_ESTIMATED = "sightline.usage.estimated"

REQUEST_FINGERPRINT = "sightline.request.fingerprint"
PROMPT_FINGERPRINT = "sightline.prompt.fingerprint"
REQUEST_ID = "sightline.request.id"
REQUEST_RETRIES = "sightline.request.retries"
STREAM_OUTCOME = "sightline.stream.outcome"

GUARDRAIL_NAME = "sightline.guardrail.name"
GUARDRAIL_STAGE = "sightline.guardrail.stage"
GUARDRAIL_OUTCOME = "sightline.guardrail.outcome"
GUARDRAIL_SCORE = "sightline.guardrail.score"
GUARDRAIL_CATEGORIES = "sightline.guardrail.categories"
GUARDRAIL_VERSION = "sightline.guardrail.version"

CACHE_KIND = "sightline.cache.kind"
CACHE_HIT = "sightline.cache.hit"
CACHE_SIMILARITY = "sightline.cache.similarity"
CACHE_AGE_S = "sightline.cache.age_s"
CACHE_SAVED_TOKENS = "sightline.cache.saved_tokens"
CACHE_SAVED_USD = "sightline.cache.saved_usd"
CACHE_KEY_SCOPE = "sightline.cache.key_scope"

OUTPUT_VALID = "sightline.output.valid"
OUTPUT_SCHEMA = "sightline.output.schema"
OUTPUT_ERROR = "sightline.output.error"

SESSION_ID = "session.id"
USER_ID = "user.id"
TAGS = "sightline.tags"
METADATA_PREFIX = "sightline.metadata."

INPUT = "sightline.input"
OUTPUT = "sightline.output"
CONTENT_TRUNCATED = "sightline.content.truncated"
