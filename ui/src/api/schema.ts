// Generated from api/openapi.json by ui/scripts/generate_client.py. Do not edit.

/** A project, workspace or key of the provider. */
export type AccountChargeModel = {
  "account": string;
  "usd": string;
  /** part of it that is for models without any counted call */
  "never_counted_usd": string;
};

/** A channel without its secrets. */
export type AlertChannel = {
  "key": string;
  "kind": string;
  /** what `If-Match` takes, so that no change of somebody else is lost */
  "etag": string;
};

/** All channels, by key. */
export type AlertChannels = {
  "channels": AlertChannel[];
};

/** All rules, by key. */
export type AlertRules = {
  "rules": Record<string, JsonValue>[];
  /** by key of a rule: what `If-Match` takes, so that no change of somebody else is lost */
  "etags": Record<string, string>;
};

/** Figures of the traces with a span of an app. Durations are of whole traces. */
export type AppFigures = {
  "traces": number;
  "errors": number;
  "p50_ns": number;
  "p95_ns": number;
  "tokens": Tokens;
  "cost": CostSummary;
  /** totals are estimates: sampled traces count for those they stand for */
  "sampled": boolean;
};

/** An app in the time range, and in the one of the same length before it (null: no traces). */
export type AppHealth = {
  "traces": number;
  "errors": number;
  "p50_ns": number;
  "p95_ns": number;
  "tokens": Tokens;
  "cost": CostSummary;
  /** totals are estimates: sampled traces count for those they stand for */
  "sampled": boolean;
  "app": string;
  "last_seen": string;
  /** traces of each bucket */
  "trace_series": number[];
  /** failed traces of each bucket */
  "error_series": number[];
  "before": AppFigures | null;
};

/** Apps seen, most traces first. */
export type AppList = {
  "apps": AppSummary[];
  /** there are more than `limit` */
  "more": boolean;
};

/** Most traces first. The range is cut into equal buckets of `bucket_s` seconds from `start` on. */
export type AppOverview = {
  "start": string;
  "bucket_s": number;
  "apps": AppHealth[];
  /** there are more than `limit` */
  "more": boolean;
};

/** An app that sent spans in the time range. Tokens and cost are those of these spans. */
export type AppSummary = {
  "app": string;
  "environments": string[];
  "traces": number;
  /** traces in which a span of the app failed */
  "errors": number;
  "tokens": Tokens;
  "cost": CostSummary;
  "last_seen": string;
  /** totals are estimates: sampled traces count for those they stand for */
  "sampled": boolean;
};

/** A calendar budget of a rule over cost, in the period of now. */
export type BudgetModel = {
  "rule": string;
  "name": string;
  "query": string;
  "enabled": boolean;
  /** for each group */
  "amount_usd": string;
  "period": "day" | "week" | "month";
  "zone": string;
  "steps": number[];
  "dimensions": string[];
  "start": string;
  "end": string;
  /** days of the period that have begun, or hours of a day */
  "buckets": string[];
  /** those that spent most */
  "groups": BurnDownModel[];
  "group_count": number;
  /** totals are estimates: sampled traces count for those they stand for */
  "sampled": boolean;
  /** why there are no groups: the rule asks what a cost report cannot */
  "reason": string;
};

/** All calendar budgets over cost, by key of the rule. */
export type Budgets = {
  "now": string;
  "budgets": BudgetModel[];
};

/** One group of a budget. `cumulative_usd` is parallel to the budget's `buckets`. */
export type BurnDownModel = {
  "key": string[];
  /** null when no call of the period has a price */
  "spent_usd": string | null;
  "state": "priced" | "estimated" | "partial" | "unpriced" | "none";
  "unpriced_calls": number;
  "cumulative_usd": string[];
  /** at the end of the period; null without a forecast */
  "expected_usd": string | null;
  "low_usd": string | null;
  "high_usd": string | null;
};

/** One look-up in a cache in front of the model. */
export type CacheLookup = {
  "kind": string;
  "hit": boolean;
  "similarity": number;
  "age_s": number;
  "saved_tokens": number;
  "saved_usd": string;
};

/** A prompt whose calls share a beginning that the provider's prompt cache could serve. */
export type CachingChanceModel = {
  "app": string;
  "provider": string;
  "model": string;
  "prompt_fingerprint": string;
  "prompt_name": string;
  "calls": number;
  /** calls with another one before them in the same five minutes */
  "warm_calls": number;
  /** shared beginning, measured on samples of the stored texts */
  "prefix_tokens": number;
  /** tokens that were read from the cache already */
  "cached_tokens": number;
  /** more tokens that could have been */
  "possible_tokens": number;
  "usd": string | null;
};

/** Prompts that qualify, by tokens; only those whose content is stored can be looked at. */
export type CachingChances = {
  "least_tokens": number;
  /** sum over the prompts with a known price; null when there is none */
  "usd": string | null;
  "prompts": CachingChanceModel[];
};

/** One model on one day. */
export type CellComparison = {
  /** null when no counted call has a price */
  "counted_usd": string | null;
  "counted_state": "priced" | "estimated" | "partial" | "unpriced" | "none";
  "counted_calls": number;
  "counted_tokens": number;
  "unpriced_calls": number;
  "estimated_usd": string;
  "invoiced_usd": string | null;
  "invoiced_tokens": number | null;
  "invoiced_requests": number | null;
  /** invoiced minus counted */
  "gap_usd": string | null;
  /** rounding, never_counted, never_invoiced, unpriced, missing_calls, extra_calls, day_boundary, estimated, price, unexplained; in USD */
  "causes": Record<string, string>;
  "day": string;
  "model": string;
};

/** What came of a test message. */
export type ChannelTrial = {
  "delivered": boolean;
  "reason": string;
};

/** A channel to save. `settings` depends on the kind: `url`, `routing_key`, `api_key`, `host`, `to`, … */
export type ChannelWrite = {
  "kind": string;
  "settings": Record<string, JsonValue>;
};

/** Invoiced against counted. Causes add up to `gap_usd` exactly; null where nothing can be compared. */
export type ComparisonModel = {
  /** null when no counted call has a price */
  "counted_usd": string | null;
  "counted_state": "priced" | "estimated" | "partial" | "unpriced" | "none";
  "counted_calls": number;
  "counted_tokens": number;
  "unpriced_calls": number;
  "estimated_usd": string;
  "invoiced_usd": string | null;
  "invoiced_tokens": number | null;
  "invoiced_requests": number | null;
  /** invoiced minus counted */
  "gap_usd": string | null;
  /** rounding, never_counted, never_invoiced, unpriced, missing_calls, extra_calls, day_boundary, estimated, price, unexplained; in USD */
  "causes": Record<string, string>;
};

/** Options for the characters `start` to `end` (exclusive) of the query, counted from 0. */
export type Completion = {
  "start": number;
  "end": number;
  "options": CompletionOption[];
};

/** Text that can be put in the place. An empty `text` is a hint only. `traces` counts a value's traces. */
export type CompletionOption = {
  "text": string;
  "kind": "field" | "fact" | "value" | "keyword";
  "meaning": string;
  "traces": number | null;
};

/** A session in order of time. `scores` are those on the session itself. */
export type Conversation = {
  "session": SessionSummary;
  "scores": ScoreView[];
  "turns": SessionTurn[];
  /** the session, or these turns, have older scores than the newest 1,000 */
  "more_scores": boolean;
  "next_cursor": string | null;
};

/** Why a cost changed: the causes add up to `change_usd` exactly. An amount is null when no call of its period has a price. The change is that of calls with a price, and null when neither period has any. */
export type CostChange = {
  "key": string[];
  /** the sum of groups that are too small to be looked at one by one */
  "is_rest": boolean;
  "before_usd": string | null;
  "before_state": "priced" | "estimated" | "partial" | "unpriced" | "none";
  "after_usd": string | null;
  "after_state": "priced" | "estimated" | "partial" | "unpriced" | "none";
  "change_usd": string | null;
  "main_cause": string | null;
  /** volume, model_mix, tokens_per_call, cache_ratio, price and coverage, in USD */
  "causes": Record<string, string>;
};

/** Where the calendar month is going. Amounts are null when no call of the month has a price. */
export type CostForecast = {
  "month_start": string;
  "month_end": string;
  "spent_usd": string | null;
  "state": "priced" | "estimated" | "partial" | "unpriced" | "none";
  "unpriced_calls": number;
  "expected_usd": string | null;
  "low_usd": string | null;
  "high_usd": string | null;
  "basis": "weekday_profile" | "daily_mean" | "no_history";
  /** totals are estimates: sampled traces count for those they stand for */
  "sampled": boolean;
};

/** One group. `series_usd` is parallel to the report's `buckets`. */
export type CostGroup = {
  /** values of the dimensions, in their order; empty for a sum of groups */
  "key": string[];
  /** the sum of all groups over the limit */
  "is_rest": boolean;
  "spend": SpendModel;
  "previous": SpendModel;
  /** null when all calls of this period or of the one before are unpriced */
  "change_usd": string | null;
  /** null where all calls are unpriced, 0 where there was no call */
  "series_usd": (string | null)[];
  "series_unpriced_calls": number[];
  "latency": LatencyModel;
};

/** Groups that changed most against the period before, and all groups together. */
export type CostMovers = {
  "dimensions": string[];
  "movers": CostChange[];
  "total": CostChange;
  /** totals are estimates: sampled traces count for those they stand for */
  "sampled": boolean;
};

/** Groups by cost. Groups add up to `total` and every series adds up to its group, to the last digit. Only by `tag` they do not (`overlaps`): a call with two tags is in two groups, and once in the total. */
export type CostReportModel = {
  "dimensions": string[];
  "start": string;
  "end": string;
  "previous_start": string;
  "previous_end": string;
  "unit": "hour" | "day" | "week" | "month";
  "zone": string;
  "buckets": string[];
  "groups": CostGroup[];
  "total": CostGroup;
  "group_count": number;
  "overlaps": boolean;
  /** totals are estimates: sampled traces count for those they stand for */
  "sampled": boolean;
};

/** Savings seen and spend wasted, by model. */
export type CostSavings = {
  "models": ModelSavingsModel[];
  /** totals are estimates: sampled traces count for those they stand for */
  "sampled": boolean;
};

/** What the counted model calls cost. */
export type CostSummary = {
  /** decimal string; null when no call has a price */
  "usd": string | null;
  /** partial: some calls are priced and some are not; none: there was no model call */
  "state": "priced" | "estimated" | "partial" | "unpriced" | "none";
  "unpriced_calls": number;
};

/** A trace of an incident's window. */
export type CostlyTrace = {
  "name": string;
  "cost": string;
  "url": string;
};

/** A failure cluster that a rule counted; `impact` is in words. */
export type CountedCluster = {
  "title": string;
  "impact": string;
  "url": string;
};

/** A key that was just made. */
export type CreatedKey = {
  /** of which the command line shows the first 8 digits */
  "id": string;
  "project": string;
  "name": string;
  "role": Role;
  "created_at": string;
  "revoked_at": string | null;
  /** the key itself, which is stored nowhere and not told again */
  "key": string;
};

/** One day. */
export type DayComparison = {
  /** null when no counted call has a price */
  "counted_usd": string | null;
  "counted_state": "priced" | "estimated" | "partial" | "unpriced" | "none";
  "counted_calls": number;
  "counted_tokens": number;
  "unpriced_calls": number;
  "estimated_usd": string;
  "invoiced_usd": string | null;
  "invoiced_tokens": number | null;
  "invoiced_requests": number | null;
  /** invoiced minus counted */
  "gap_usd": string | null;
  /** rounding, never_counted, never_invoiced, unpriced, missing_calls, extra_calls, day_boundary, estimated, price, unexplained; in USD */
  "causes": Record<string, string>;
  "day": string;
};

/** What is to go. */
export type DeletionBody = {
  "kind": "trace" | "user" | "session";
  /** the id of the trace, the user or the session */
  "value": string;
};

/** Newest first. */
export type DeletionList = {
  "deletions": DeletionModel[];
  /** there are more than `limit` */
  "more": boolean;
};

/** A request and what has become of it. */
export type DeletionModel = {
  "id": string;
  "kind": "trace" | "user" | "session" | "project";
  "value": string;
  /** `waiting` for the store; `deleted`: nobody sees it; `purged`: off the disk as well */
  "state": "waiting" | "deleted" | "purged";
  /** how many it has deleted until now; 0: none was stored */
  "traces": number;
  "asked_by": string;
  "requested_at": string;
  "purged_at": string | null;
};

/** How many steps there are of each outcome. */
export type DiffCounts = {
  "same": number;
  "changed": number;
  "left": number;
  "right": number;
};

/** One line of a comparison: a span of both traces, or of one. */
export type DiffStep = {
  "depth": number;
  /** left and right: only that trace has the step */
  "outcome": "same" | "changed" | "left" | "right";
  /** what differs, durations aside; empty unless changed */
  "changes": ("name" | "status" | "failure" | "model" | "tokens" | "cost" | "instructions" | "tools" | "input" | "output")[];
  "left": StepSide | null;
  "right": StepSide | null;
  "delta": StepDelta;
};

/** The most frequent values of a field, most traces first. `more`: there are others. */
export type Facet = {
  "field": string;
  "values": FacetValue[];
  "more": boolean;
  /** totals are estimates: sampled traces count for those they stand for */
  "sampled": boolean;
};

/** A value of a field, and how many of the traces have a span with it. */
export type FacetValue = {
  "value": string;
  "traces": number;
};

/** One facet for each field that was asked for, in that order. */
export type Facets = {
  "facets": Facet[];
};

/** Why we say that the span failed. */
export type Failure = {
  "category": string;
  "message": string;
  "reason": string;
  "fingerprint": string;
  "propagated": boolean;
};

/** One decision. Which further fields are read depends on `action`. */
export type FailureAction = {
  "action": "merge" | "split" | "rename" | "assign" | "severity" | "resolve" | "resolve_in_next_version" | "ignore" | "reopen";
  /** merge: the cluster to take over */
  "other"?: string;
  /** split: what to move */
  "fingerprints"?: string[];
  "title"?: string;
  "assignee"?: string;
  "severity"?: "" | "low" | "medium" | "high" | "critical";
  /** ignore: until it occurred this often; 0 = for good */
  "until_more"?: number;
};

/** Occurrences from `start` on, for as long as a bucket is. */
export type FailureBucket = {
  "start": string;
  "spans": number;
};

/** One cause and what it hit in the time range. */
export type FailureCluster = {
  "id": string;
  "title": string;
  "category": string;
  /** tool or provider, empty when there is neither */
  "scope": string;
  "state": "new" | "ongoing" | "rising" | "regressed" | "quiet" | "resolved" | "ignored";
  "severity": string;
  "assignee": string;
  "first_seen": string;
  "last_seen": string;
  "regressed_version": string;
  /** resolved in the version after this one, else empty */
  "resolved_version": string;
  /** id of the cluster that took it over, empty while it stands */
  "merged_into": string;
  "traces": number;
  "spans": number;
  /** that failing spans name themselves */
  "users": number;
  /** that failing spans name themselves */
  "sessions": number;
  /** cost of the failing spans themselves */
  "cost_usd": string;
  "apps": string[];
  "app_versions": string[];
  /** occurrences in each of the last 24 hours, oldest first */
  "hourly": number[];
  /** totals are estimates: sampled traces count for those they stand for */
  "sampled": boolean;
};

/** An attribute value that is more common inside the cluster than on healthy spans of the same kinds. */
export type FailureContrast = {
  "attribute": string;
  "value": string;
  "share_inside": number;
  "share_outside": number;
  "lift": number;
  /** corrected for the number of values tried */
  "p_value": number;
};

/** The decision's number, to undo it with. */
export type FailureDecided = {
  "decision": number;
};

/** One line of the audit trail, newest first. */
export type FailureDecision = {
  "id": number;
  "at": string;
  "actor": string;
  "action": string;
  "note": string;
  "undone": boolean;
};

/** A cluster with all that a person needs to decide. */
export type FailureDetail = {
  "cluster": FailureCluster;
  /** the whole hours that figures of a long range are of; null: of the range itself */
  "counted": FailureRange | null;
  "members": FailureMember[];
  "examples": FailureExample[];
  /** the newest span of the same kind that did not fail */
  "healthy": FailureExample | null;
  "contrasts": FailureContrast[];
  "timeline": FailureTimeline;
  /** newest first, at most 200 */
  "versions": FailureVersion[];
  "more_versions": boolean;
  "decisions": FailureDecision[];
  /** tracker → address of a prefilled new issue */
  "issue_urls": Record<string, string>;
};

/** One span to look at. */
export type FailureExample = {
  "trace_id": string;
  "span_id": string;
  "start_time": string;
  "name": string;
  "app": string;
  "model": string;
  "app_version": string;
  "message": string;
  "reason": string;
  "input_preview": string;
  "output_preview": string;
};

/** A value that the list can be narrowed to, and how many clusters have it. */
export type FailureFacet = {
  "value": string;
  "clusters": number;
};

/** Values among the clusters of the time range and of `state`, whatever the other filters are. */
export type FailureFacets = {
  "state": FailureFacet[];
  "category": FailureFacet[];
  "app": FailureFacet[];
  "assignee": FailureFacet[];
};

/** Clusters, those that hit most first. */
export type FailureList = {
  "clusters": FailureCluster[];
  /** there are more than `limit` */
  "more": boolean;
  "facets": FailureFacets;
  /** failing spans in the range whose fingerprint is in no cluster yet */
  "waiting": number;
};

/** One fingerprint of the cluster. */
export type FailureMember = {
  "fingerprint": string;
  "template": string;
  "message": string;
};

/** Where a failing span's fingerprint belongs. */
export type FailureOfFingerprint = {
  "cluster": string;
};

/** The time that figures are of: `start` ≤ t < `end`. */
export type FailureRange = {
  "start": string;
  "end": string;
};

/** Two clusters that may have one cause; `similarity` is the mean cosine of their messages. */
export type FailureSuggestion = {
  "cluster": string;
  "title": string;
  "other": string;
  "other_title": string;
  "similarity": number;
};

/** The pair of a suggestion, in its order. */
export type FailureSuggestionKey = {
  "cluster": string;
  "other": string;
};

/** At most 200 suggestions, most alike first. */
export type FailureSuggestionList = {
  "suggestions": FailureSuggestion[];
  "more": boolean;
};

/** The whole time range in equal buckets, the empty ones included. */
export type FailureTimeline = {
  "bucket_s": number;
  "buckets": FailureBucket[];
};

/** A version of an app that the cluster hit, and its part in the cluster. */
export type FailureVersion = {
  "app": string;
  "version": string;
  /** when its first span started; null when that was before the range: no deployment in it */
  "first_run": string | null;
  /** spans of this version, failing or not */
  "spans": number;
  /** of them in this cluster */
  "failures": number;
};

/** A guardrail verdict. */
export type Guardrail = {
  "name": string;
  "stage": string;
  "outcome": string;
  "score": number;
  "categories": string[];
};

/** Buckets by time, without gaps. The first and the last hold what of them is in the range. */
export type Histogram = {
  /** of the range, which may be within the first bucket */
  "start": string;
  "end": string;
  "bucket_s": number;
  "buckets": HistogramBucket[];
};

/** Traces of one bucket of time. */
export type HistogramBucket = {
  "traces": number;
  /** traces whose root failed */
  "errors": number;
  "p50_ns": number;
  "p95_ns": number;
  "tokens": number;
  "cost": CostSummary;
  /** totals are estimates: sampled traces count for those they stand for */
  "sampled": boolean;
  "start": string;
};

/** An incident; open while `resolved_at` is null. */
export type Incident = {
  "id": string;
  "rule": string;
  "name": string;
  "group": string[];
  "where": string;
  "level": "warning" | "alert";
  "title": string;
  /** what the value is of, in words */
  "measure": string;
  "value": string;
  "threshold": string;
  "reason": string;
  "cause": string;
  /** how the measure went up to the window's end, in block characters; empty when unknown */
  "course": string;
  /** what each block is of, for example `15m` */
  "course_window": string;
  /** at most three traces of the window */
  "costliest": CostlyTrace[];
  /** at most three failure clusters, those that hit most traces first; of rules on clusters */
  "clusters": CountedCluster[];
  "runbook": string;
  "opened_at": string;
  "resolved_at": string | null;
  "acknowledged_at": string | null;
  "acknowledged_by": string;
  "window_start": string;
  "window_end": string;
  "query_url": string;
};

/** An incident with its timeline and delivery log, oldest first. */
export type IncidentDetail = {
  "incident": Incident;
  "timeline": IncidentEvent[];
  "messages": IncidentMessage[];
};

/** One thing that happened. */
export type IncidentEvent = {
  "at": string;
  "kind": string;
  "text": string;
};

/** A message to a channel, and how its delivery goes. */
export type IncidentMessage = {
  "channel": string;
  "action": string;
  "created_at": string;
  "attempts": number;
  "delivered_at": string | null;
  "gave_up_at": string | null;
  "next_attempt_at": string | null;
  "last_error": string;
};

/** Newest first. `next_cursor` is null on the last page. */
export type Incidents = {
  "incidents": Incident[];
  "next_cursor": string | null;
};

/** A file that was imported; it took the place of what was known about its days. */
export type InvoiceImportModel = {
  "provider": string;
  "kind": "cost" | "usage";
  "format": string;
  "file": string;
  "first_day": string;
  "last_day": string;
  "lines": number;
  "usd": string | null;
  "imported_at": string;
  "imported_by": string;
};

/** Newest first. */
export type InvoiceImports = {
  "imports": InvoiceImportModel[];
};

/** A provider's export. `mapping` says which column is what; only the format `csv` needs it. */
export type InvoiceWrite = {
  "format": "openai-json" | "openai-csv" | "anthropic-json" | "anthropic-csv" | "csv";
  "content": string;
  "file"?: string;
  /** as spans spell it; without it that of the format */
  "provider"?: string;
  /** day, model, usd, account, item, input_tokens, cached_input_tokens, output_tokens or requests → name of the column */
  "mapping"?: Record<string, string>;
};

export type JsonValue = unknown;

/** Oldest first. */
export type KeyList = {
  "keys": KeyModel[];
};

/** A key, without the key itself. */
export type KeyModel = {
  /** of which the command line shows the first 8 digits */
  "id": string;
  "project": string;
  "name": string;
  "role": Role;
  "created_at": string;
  "revoked_at": string | null;
};

/** Latency of model calls, within 1 %; null where nothing was measured. */
export type LatencyModel = {
  "p50_ns": number | null;
  "p95_ns": number | null;
  "first_token_p95_ns": number | null;
};

/** What holds for a project, or for all that have no limits of their own. */
export type Limits = {
  "retention_days": number;
  "max_spans_per_s": number;
  "max_body_size": number;
  "max_decompressed_size": number;
  "max_attributes": number;
  "max_attribute_size": number;
  "max_attribute_depth": number;
  "max_content_size": number;
};

/** Prices of all tokens of a call with more input tokens than a threshold. */
export type LongContextPrices = {
  "above_input_tokens": number;
  "usd_per_mtok": LongPrices;
};

/** USD for a million tokens of long calls; null: as in other calls. */
export type LongPrices = {
  "input"?: string | null;
  "output"?: string | null;
  "cached_input"?: string | null;
  "cache_write"?: string | null;
  "cache_write_1h"?: string | null;
  "reasoning"?: string | null;
  "audio_input"?: string | null;
  "audio_output"?: string | null;
  "image_input"?: string | null;
  "image_output"?: string | null;
};

/** Mean of numbers, and of booleans as 0 and 1. */
export type MeanScore = {
  "name": string;
  "mean": number;
  "count": number;
};

/** One message of a conversation. */
export type Message = {
  "role": string;
  "parts": MessagePart[];
  [key: string]: unknown;
};

/** One part of a message in the GenAI shape: text, reasoning, tool_call, tool_call_response, uri, … */
export type MessagePart = {
  "type": string;
  [key: string]: unknown;
};

/** One model under the name that all spellings have in common. */
export type ModelComparison = {
  /** null when no counted call has a price */
  "counted_usd": string | null;
  "counted_state": "priced" | "estimated" | "partial" | "unpriced" | "none";
  "counted_calls": number;
  "counted_tokens": number;
  "unpriced_calls": number;
  "estimated_usd": string;
  "invoiced_usd": string | null;
  "invoiced_tokens": number | null;
  "invoiced_requests": number | null;
  /** invoiced minus counted */
  "gap_usd": string | null;
  /** rounding, never_counted, never_invoiced, unpriced, missing_calls, extra_calls, day_boundary, estimated, price, unexplained; in USD */
  "causes": Record<string, string>;
  "model": string;
  "spellings": string[];
};

/** What one model in one service tier spared and wasted. Unknown amounts are null, never zero. */
export type ModelSavingsModel = {
  "provider": string;
  "model": string;
  "service_tier": string;
  /** input tokens that the provider read from its prompt cache */
  "cached_tokens": number;
  /** spared at the effective price of input that is not cached, less surcharges for writing; negative when writing did not pay off */
  "prompt_cache_usd": string | null;
  /** answers from the app's own cache */
  "cache_hits": number;
  "hits_without_price": number;
  "hit_tokens": number;
  "hit_usd": string | null;
  /** calls that ended in an error */
  "failed": WasteModel;
  /** calls that succeeded or failed after retries inside one call */
  "retried_calls": number;
  "retries": number;
  /** streams that were left or cancelled, without an error */
  "abandoned": WasteModel;
};

/** One model as it was used, and one simulation for each candidate. */
export type ModelSimulationModel = {
  "provider": string;
  "model": string;
  "calls": number;
  "unpriced_calls": number;
  "usd": string | null;
  "input_tokens": number;
  "output_tokens": number;
  "simulations": SimulationModel[];
};

/** Among the newest distinct requests. Whether the same answer would have been right is not known. */
export type NearDuplicates = {
  "threshold": number;
  /** number of distinct requests that were compared */
  "looked_at": number;
  /** false when there are older ones */
  "is_complete": boolean;
  "usd": string;
  "groups": SimilarRequestsModel[];
};

/** A key to be made. */
export type NewKey = {
  "project": string;
  /** who or what uses it */
  "name": string;
  "role": Role;
};

/** A price to be made. */
export type NewOwnPrice = {
  /** may hold `*`, for example `gpt-4o*` */
  "model": string;
  /** a GenAI provider name; empty: every one */
  "provider"?: string;
  /** for example `batch`; empty: the usual one */
  "service_tier"?: string;
  /** inclusive, to the minute; null: always */
  "start"?: string | null;
  /** exclusive, to the minute; null: for ever */
  "end"?: string | null;
  "usd_per_mtok": TokenPrices;
  "long_context"?: LongContextPrices | null;
  /** names the price in the project, and in `price_id` of the calls */
  "name": string;
};

/** A project to be made, without limits of its own. */
export type NewProject = {
  "id": string;
  /** what people call it; null: its id */
  "name"?: string | null;
};

/** Limits that a project has of its own; null: what the server's settings say. */
export type OwnLimits = {
  /** days that spans are kept; 0: for ever */
  "retention_days"?: number | null;
  /** 0: no limit */
  "max_spans_per_s"?: number | null;
  /** bytes of a request; at most the server's, like all that follow */
  "max_body_size"?: number | null;
  /** bytes that a request unpacks to */
  "max_decompressed_size"?: number | null;
  /** of a span */
  "max_attributes"?: number | null;
  /** characters */
  "max_attribute_size"?: number | null;
  /** levels of lists and objects */
  "max_attribute_depth"?: number | null;
  /** characters of an input or output */
  "max_content_size"?: number | null;
};

/** A price of the project's own. */
export type OwnPrice = {
  "name": string;
  "model": string;
  "provider": string;
  "service_tier": string;
  "start": string | null;
  "end": string | null;
  "usd_per_mtok": TokenPrices;
  "long_context": LongContextPrices | null;
  /** of several that match a call, the one changed last wins */
  "changed_at": string;
  /** what `If-Match` takes, so that no change of somebody else is lost */
  "etag": string;
};

/** What a price is for, and how much. */
export type OwnPriceBody = {
  /** may hold `*`, for example `gpt-4o*` */
  "model": string;
  /** a GenAI provider name; empty: every one */
  "provider"?: string;
  /** for example `batch`; empty: the usual one */
  "service_tier"?: string;
  /** inclusive, to the minute; null: always */
  "start"?: string | null;
  /** exclusive, to the minute; null: for ever */
  "end"?: string | null;
  "usd_per_mtok": TokenPrices;
  "long_context"?: LongContextPrices | null;
};

/** The last changed first, which is the order in which they are tried. */
export type OwnPrices = {
  "prices": OwnPrice[];
  "catalogue": PriceCatalogue;
};

/** What could have been saved. The parts overlap: the same call may be in several of them. */
export type PossibleSavings = {
  "repeated": RepeatedRequests;
  "similar": NearDuplicates;
  "cacheable": CachingChances;
  /** successful calls that were not streamed, of no session and no user, at the batch price */
  "batch": PriceSimulation;
};

/** What one group would have seen. */
export type PreviewGroup = {
  "group": string[];
  /** everything that channels would have been sent */
  "messages": number;
  "incidents": PreviewIncident[];
};

/** An incident that would have been. */
export type PreviewIncident = {
  "opened_at": string;
  /** null when it would still be open */
  "resolved_at": string | null;
  "level": "warning" | "alert";
  "value": string;
  "threshold": string;
  "reason": string;
};

/** What prices all other calls. */
export type PriceCatalogue = {
  /** the package genai-prices, or where the catalogue was downloaded */
  "source": string;
  /** null: the catalogue of the installation counts */
  "fetched_at": string | null;
};

/** A simulation of prices: another model would answer differently and count tokens differently. */
export type PriceSimulation = {
  /** provider/model of each simulation, or `batch` */
  "candidates": string[];
  "max_input_tokens": number;
  "max_output_tokens": number;
  "models": ModelSimulationModel[];
  /** for each candidate the sum over the models where it is known; null when there is none */
  "change_usd": (string | null)[];
  /** totals are estimates: sampled traces count for those they stand for */
  "sampled": boolean;
};

/** How many stored calls have the cost that a price gave them. */
export type PriceUse = {
  "name": string;
  "calls": number;
  "last_call_at": string;
};

/** By name. A price that no call of the range has is not there. */
export type PriceUses = {
  "uses": PriceUse[];
};

/** RFC 9457 problem details; every error of `/api/v1` has this shape as `application/problem+json`. */
export type Problem = {
  "type"?: string;
  "title": string;
  "status": number;
  "detail": string;
  [key: string]: unknown;
};

/** What of a project is to change. */
export type ProjectChanges = {
  /** days that spans are kept; 0: for ever */
  "retention_days"?: number | null;
  /** 0: no limit */
  "max_spans_per_s"?: number | null;
  /** bytes of a request; at most the server's, like all that follow */
  "max_body_size"?: number | null;
  /** bytes that a request unpacks to */
  "max_decompressed_size"?: number | null;
  /** of a span */
  "max_attributes"?: number | null;
  /** characters */
  "max_attribute_size"?: number | null;
  /** levels of lists and objects */
  "max_attribute_depth"?: number | null;
  /** characters of an input or output */
  "max_content_size"?: number | null;
  /** what people call it; null: its id */
  "name"?: string | null;
};

/** By id, beside what the server's settings say. */
export type ProjectList = {
  "projects": ProjectModel[];
  /** what holds without limits of a project's own; its sizes are the most */
  "server": Limits;
};

/** A project with its own limits, and those that hold for it. */
export type ProjectModel = {
  "id": string;
  "name": string;
  "own": OwnLimits;
  "limits": Limits;
};

/** A named prompt with its versions, last used first; its figures are of all of them. */
export type Prompt = {
  "prompt": string;
  "calls": number;
  "errors": number;
  "cost": CostSummary;
  "last_seen": string;
  "versions": PromptVersion[];
  /** totals are estimates: sampled traces count for those they stand for */
  "sampled": boolean;
};

/** Last used first. */
export type PromptList = {
  "prompts": Prompt[];
  /** there are more versions than `limit`, which were last used before these */
  "more": boolean;
};

/** The model calls made with one version of a prompt; `version` may be "". */
export type PromptVersion = {
  "version": string;
  "calls": number;
  "errors": number;
  "p50_ns": number;
  "p95_ns": number;
  "tokens": Tokens;
  "cost": CostSummary;
  "first_seen": string;
  "last_seen": string;
  "apps": string[];
  "models": string[];
  "scores": MeanScore[];
  /** totals are estimates: sampled traces count for those they stand for */
  "sampled": boolean;
};

/** A month of one provider. Cells add up to days, to models and to the total. */
export type ReconciliationModel = {
  "provider": string;
  "month": string;
  "zone": string;
  /** days without an import; they are not compared */
  "uncovered_days": string[];
  "days": DayComparison[];
  "models": ModelComparison[];
  "cells": CellComparison[];
  "accounts": AccountChargeModel[];
  "total": ComparisonModel;
  /** totals are estimates: sampled traces count for those they stand for */
  "sampled": boolean;
};

/** One request that was sent again, to the letter. `usd` is what all calls but the first cost. */
export type RepeatedRequestModel = {
  "app": string;
  "provider": string;
  "model": string;
  "request_fingerprint": string;
  "calls": number;
  "unpriced_calls": number;
  "usd": string | null;
  "asked": string;
  "trace_id": string;
};

/** Requests that were sent again; sums over all, and those that cost most. */
export type RepeatedRequests = {
  "requests": number;
  "repeated_calls": number;
  "usd": string;
  "costliest": RepeatedRequestModel[];
};

/** A recorded call that was made again, as a trace of its own. */
export type ReplayedCall = {
  "trace_id": string;
  "span_id": string;
  /** null when there was no answer */
  "http_status": number | null;
  /** why the call failed; null when it was answered */
  "error": string | null;
};

/** What a key may do in its project. */
export type Role = "write" | "read" | "admin";

/** A rule to be created, replaced or deleted. */
export type RuleChange = {
  "key": string;
  /** null: delete it */
  "rule": Record<string, JsonValue> | null;
  /** the one that is stored; null: only when there is none yet */
  "etag": string | null;
};

/** Changes of rules, each of another one. */
export type RuleChanges = {
  "changes": RuleChange[];
};

/** A rule on stored history; groups with the most messages first. */
export type RulePreview = {
  "start": string;
  "end": string;
  "groups": PreviewGroup[];
};

/** A name for a page and the parameters of its address. */
export type SavedViewBody = {
  "name": string;
  "page": "traces" | "failures" | "sessions" | "users" | "prompts" | "apps" | "costs" | "alerts";
  /** what follows the ? of the page's address, by name */
  "params": Record<string, string>;
};

/** What may be changed of a view. */
export type SavedViewChange = {
  "name": string;
  /** what follows the ? of the page's address, by name */
  "params": Record<string, string>;
};

/** By page and name. */
export type SavedViewList = {
  "views": SavedViewModel[];
};

/** A saved view of the project. */
export type SavedViewModel = {
  "id": string;
  "name": string;
  "page": string;
  "params": Record<string, string>;
  /** who saved it first */
  "author": string;
  "created_at": string;
  "updated_at": string;
  /** what `If-Match` takes, so that no change of somebody else is lost */
  "etag": string;
};

/** What is judged, by whom and how. Without `span_id` the trace is meant, without `trace_id` a session. */
export type ScoreBody = {
  /** 32 hex digits; the trace need not be stored yet */
  "trace_id"?: string | null;
  /** 16 hex digits, with `trace_id` */
  "span_id"?: string | null;
  /** counts only without `trace_id`: a trace knows its session */
  "session"?: string | null;
  "name": string;
  "value": boolean | number | string;
  /** boolean, number or category by the value when absent; `text` must be said */
  "value_type"?: "boolean" | "number" | "category" | "text" | null;
  "comment"?: string;
  "source": "human" | "code" | "model";
  /** the caller's name when absent and `source` is human */
  "author"?: string | null;
  /** now when absent; the newest counts */
  "scored_at"?: string | null;
};

/** Below which number a score counts as a failure. */
export type ScoreLine = {
  "name": string;
  "line": number;
};

/** Lines by name; a score without one counts by what a person or an evaluator says in words only. */
export type ScoreLineList = {
  "lines": ScoreLine[];
};

/** Newest first. `next_cursor` is null on the last page. */
export type ScoreList = {
  "scores": ScoreView[];
  "next_cursor": string | null;
};

/** One score. `trace_id`, `span_id` and `session` are "" where they do not apply. */
export type ScoreView = {
  "score_id": string;
  "trace_id": string;
  "span_id": string;
  "session": string;
  "name": string;
  "source": "human" | "code" | "model";
  "author": string;
  "value_type": "boolean" | "number" | "category" | "text";
  "value": boolean | number | string;
  "comment": string;
  "scored_at": string;
};

/** The ids of the scores that were sent, in their order; the same for the same target, name and author. */
export type ScoresWritten = {
  "score_ids": string[];
};

/** What the page needs to know of the server it talks to. */
export type ServerInfo = {
  "version": string;
  "project": string;
  /** what `sightline.instrument(endpoint=…)` wants */
  "otlp_endpoint": string;
  "key_required": boolean;
  /** whether the caller may set up projects and keys */
  "runs_server": boolean;
  "has_spans": boolean;
};

/** Those with the most of `sort` first. `next_cursor` is null on the last page. */
export type SessionList = {
  "sessions": SessionSummary[];
  "next_cursor": string | null;
};

/** One session. It lasted from `first_seen` to `last_seen`. */
export type SessionSummary = {
  "traces": number;
  /** traces whose root failed */
  "errors": number;
  "tokens": Tokens;
  "cost": CostSummary;
  "first_seen": string;
  /** end of the last span */
  "last_seen": string;
  /** at most 10 */
  "apps": string[];
  /** of all */
  "app_count": number;
  /** totals are estimates: sampled traces count for those they stand for */
  "sampled": boolean;
  "session": string;
  /** at most 10 */
  "users": string[];
  /** of all */
  "user_count": number;
};

/** One trace of a conversation with what went in, what came out, and what was thought of it. */
export type SessionTurn = {
  "trace": TraceSummary;
  "input": TurnText;
  "output": TurnText;
  "scores": ScoreView[];
};

/** Calls whose cost is split between teams with costs of their own, or by fixed shares. */
export type SharedCostModel = {
  "app"?: string;
  "environment"?: string;
  "split": "even" | "by_spend" | "by_calls" | "fixed";
  /** team → its share, for `fixed` */
  "shares"?: Record<string, string>;
};

/** Requests of one prompt that ask almost the same. `usd` is what all but the first cost, once each. */
export type SimilarRequestsModel = {
  "app": string;
  "provider": string;
  "model": string;
  "prompt_fingerprint": string;
  "requests": number;
  "usd": string | null;
  "asked": string;
  "like": string;
  "trace_id": string;
};

/** The same tokens at other prices. */
export type SimulationModel = {
  "usd": string | null;
  /** simulated minus actual; null when calls without a price differ */
  "change_usd": string | null;
  /** why there is no amount */
  "reason": string;
};

/** How long to say nothing. */
export type SnoozeRequest = {
  /** 30m, 4h, 1d */
  "duration": string;
};

/** Spans of a trace as parallel columns in tree order (parents before children, siblings by start). Every list has the same length. Content is not here: fetch one span for it. */
export type SpanColumns = {
  "span_id": string[];
  "parent_span_id": string[];
  "depth": number[];
  "name": string[];
  "kind": string[];
  "status": ("ok" | "error" | "unset")[];
  /** from the start of the trace, corrected by `clock_skew_ns` */
  "start_offset_ns": number[];
  /** how far the span was moved right so that it does not start before its parent; mostly 0 */
  "clock_skew_ns": number[];
  "duration_ns": number[];
  /** duration not covered by child spans */
  "self_time_ns": number[];
  "time_to_first_token_ns": number[];
  "model": string[];
  "provider": string[];
  "input_tokens": number[];
  "output_tokens": number[];
  "cost_usd": (string | null)[];
  "cost_state": string[];
  "counted": boolean[];
  "failure_category": string[];
  "failure_propagated": boolean[];
  "guardrail_outcome": string[];
  "cache_hit": (boolean | null)[];
  /** its parent is named but not stored (yet) */
  "orphan": boolean[];
  /** on the critical path: it decided how long the trace took */
  "critical": boolean[];
  /** the span and all below it */
  "subtree_spans": number[];
  /** input and output of the span and all below it */
  "subtree_tokens": number[];
  /** null when no model call in there has a price */
  "subtree_cost_usd": (string | null)[];
  "marks": string[][];
};

/** One span with its content. */
export type SpanDetail = {
  "trace_id": string;
  "span_id": string;
  "parent_span_id": string;
  "name": string;
  "kind": string;
  "otel_kind": string;
  "operation": string;
  "scope_name": string;
  "scope_version": string;
  "dialect": string;
  "start_time": string;
  "duration_ns": number;
  "time_to_first_token_ns": number;
  "ingested_at": string;
  "status": "ok" | "error" | "unset";
  "status_message": string;
  "error_type": string;
  "http_status": number;
  "failure": Failure | null;
  "app": string;
  "service": string;
  "environment": string;
  "app_version": string;
  "session": string;
  "user": string;
  "tags": string[];
  "provider": string;
  "model": string;
  "request_model": string;
  "response_model": string;
  "response_id": string;
  "request_id": string;
  "retries": number;
  "stream": boolean;
  "stream_outcome": string;
  "seed": string;
  "service_tier": string;
  "system_fingerprint": string;
  "finish_reasons": string[];
  "prompt_name": string;
  "prompt_version": string;
  "prompt_fingerprint": string;
  "request_fingerprint": string;
  "output_valid": boolean | null;
  "agent_name": string;
  "tool_name": string;
  "tool_call_id": string;
  "tokens": Tokens;
  "counted": boolean;
  "cost": CostSummary;
  "cost_reason": string;
  "price_id": string;
  "emitter_cost_usd": string | null;
  "cache": CacheLookup | null;
  "guardrail": Guardrail | null;
  /** null when the input is not a conversation */
  "input_messages": Message[] | null;
  "output_messages": Message[] | null;
  /** the raw input when it is not a conversation */
  "input_text": string | null;
  "output_text": string | null;
  "system_instructions": JsonValue;
  "tool_definitions": JsonValue;
  "documents": JsonValue;
  "events": SpanEvent[];
  "links": SpanLink[];
  "marks": string[];
  "attributes": Record<string, string>;
  "resource": Record<string, string>;
};

/** An event recorded on a span. */
export type SpanEvent = {
  "name": string;
  "time": string;
  "attributes": Record<string, JsonValue>;
};

/** A link to another span. */
export type SpanLink = {
  "trace_id": string;
  "span_id": string;
  "attributes": Record<string, JsonValue>;
};

/** Newest first. `next_cursor` is null on the last page. */
export type SpanList = {
  "spans": SpanSummary[];
  "next_cursor": string | null;
};

/** Spans of a trace that hold a text, by start. */
export type SpanMatches = {
  "span_ids": string[];
  /** there are more than the limit */
  "more": boolean;
};

/** One row of a list of spans. */
export type SpanSummary = {
  "trace_id": string;
  "span_id": string;
  "parent_span_id": string;
  "name": string;
  "kind": string;
  "app": string;
  "environment": string;
  "session": string;
  "user": string;
  "status": "ok" | "error" | "unset";
  "start_time": string;
  "duration_ns": number;
  "time_to_first_token_ns": number;
  "provider": string;
  "model": string;
  "input_tokens": number;
  "output_tokens": number;
  "cost": CostSummary;
  "failure_category": string;
  "input_preview": string;
  "output_preview": string;
};

/** Totals over counted calls. `usd` = `priced_usd` + `estimated_usd`; unpriced calls are in neither. */
export type SpendModel = {
  /** null when no call has a price, and when there was no call */
  "usd": string | null;
  /** partial: some calls are priced and some are not, so that `usd` is a lower bound */
  "state": "priced" | "estimated" | "partial" | "unpriced" | "none";
  "priced_usd": string;
  "estimated_usd": string;
  /** without those that were refused before any token was counted */
  "calls": number;
  "unpriced_calls": number;
  "estimated_calls": number;
  /** of `calls`, those that ended in an error */
  "errors": number;
  "input_tokens": number;
  "cached_input_tokens": number;
  "cache_write_tokens": number;
  "output_tokens": number;
  "reasoning_tokens": number;
  "cache_lookups": number;
  "cache_hits": number;
  /** null when there were hits and none said what it spared */
  "cache_saved_usd": string | null;
  /** cost of calls that ended in an error; part of `usd`, and null when no call has a price */
  "failed_usd": string | null;
};

/** Rows in the order of `columns`. 64-bit integers and decimals are texts, times are RFC 3339. */
export type SqlAnswer = {
  "columns": SqlColumnModel[];
  "rows": JsonValue[][];
  /** there are more rows than `limit` */
  "truncated": boolean;
  "rows_read": number;
  "elapsed_s": number;
};

/** A column of the answer. */
export type SqlColumnModel = {
  "name": string;
  /** ClickHouse's name of the type */
  "type": string;
};

/** A query to run. */
export type SqlRequest = {
  /** one SELECT in ClickHouse's SQL over spans, scores, reprice_audit and the two rollups */
  "query": string;
  /** rows of the answer */
  "limit"?: number;
};

/** A table that queries may name. */
export type SqlTable = {
  "name": string;
  "columns": string[];
};

/** The tables that queries may name; every row is of the caller's project. */
export type SqlTables = {
  "tables": SqlTable[];
};

/** One app on a statement; with a `split` it is the team's part of a shared cost. */
export type StatementLineModel = {
  "app": string;
  "environment": string;
  "usd": string;
  "estimated_usd": string;
  "calls": number;
  "unpriced_calls": number;
  "split": "even" | "by_spend" | "by_calls" | "fixed" | null;
};

/** What one team owes. `team` is empty for calls that no rule gives to a team. */
export type StatementModel = {
  "team": string;
  "cost_centre": string;
  "usd": string;
  "estimated_usd": string;
  "calls": number;
  /** calls without a known price; they are in no amount */
  "unpriced_calls": number;
  "lines": StatementLineModel[];
};

/** All statements of a calendar month; they add up to `usd` in whole cents. */
export type Statements = {
  "month": string;
  "zone": string;
  "start": string;
  "end": string;
  /** false while the month goes on */
  "is_over": boolean;
  "statements": StatementModel[];
  "usd": string;
  /** totals are estimates: sampled traces count for those they stand for */
  "sampled": boolean;
};

/** Right minus left; a side that is not there counts as nothing. */
export type StepDelta = {
  "duration_ns": number;
  "tokens": number;
  /** null when a side has model calls and no price for them */
  "cost_usd": string | null;
};

/** The content of two spans beside each other; parts that both leave empty are left out. */
export type StepDiff = {
  "parts": TextDifference[];
};

/** One span of a comparison. `tokens` and `cost_usd` cover the span and all below it. */
export type StepSide = {
  "span_id": string;
  "name": string;
  "kind": string;
  "model": string;
  "status": "ok" | "error" | "unset";
  "failure_category": string;
  "duration_ns": number;
  "tokens": number;
  /** null when no model call in there has a price */
  "cost_usd": string | null;
};

/** A team and the cost centre that it is booked on. */
export type TeamModel = {
  "name": string;
  "cost_centre"?: string;
};

/** Who pays: shared costs come first, then rules in order. Version 0 is no plan yet. */
export type TeamPlanModel = {
  "teams": TeamModel[];
  "rules": TeamRuleModel[];
  "shared": SharedCostModel[];
  "version": number;
  "updated_at": string | null;
  "updated_by": string;
};

/** A plan to save. `version` is that of the plan it replaces. */
export type TeamPlanWrite = {
  "teams": TeamModel[];
  "rules": TeamRuleModel[];
  "shared": SharedCostModel[];
  "version": number;
};

/** Calls that fit all three patterns (`*` any text, `?` one character) are paid by the team. */
export type TeamRuleModel = {
  "app"?: string;
  "environment"?: string;
  /** fits when one tag of the call does */
  "tag"?: string;
  "team": string;
};

/** One part of two spans as text. */
export type TextDifference = {
  "part": "error" | "instructions" | "tools" | "input" | "output";
  "changed": boolean;
  /** a side is longer than is compared */
  "cut": boolean;
  "pieces": TextPiece[];
};

/** A run of text. Equal and deleted pieces make up the left text, equal and inserted ones the right. */
export type TextPiece = {
  "op": "equal" | "delete" | "insert";
  "text": string;
};

/** USD for a million tokens. Input and output are totals, the others parts of them. */
export type TokenPrices = {
  "input": string;
  "output": string;
  /** null: as input */
  "cached_input"?: string | null;
  /** null: as input */
  "cache_write"?: string | null;
  /** null: as cache_write */
  "cache_write_1h"?: string | null;
  /** null: as output */
  "reasoning"?: string | null;
  /** null: as input */
  "audio_input"?: string | null;
  /** null: as output */
  "audio_output"?: string | null;
  /** null: as input */
  "image_input"?: string | null;
  /** null: as output */
  "image_output"?: string | null;
};

/** Token counts. `input` includes `cached_input` and `cache_write`; `output` includes `reasoning`. */
export type Tokens = {
  "input": number;
  "cached_input": number;
  "cache_write": number;
  "output": number;
  "reasoning": number;
  /** at least one count was estimated by us, not reported by the provider */
  "estimated": boolean;
};

/** A trace with all of its spans, or one page of them for very large traces. */
export type Trace = {
  "summary": TraceSummary;
  "total_spans": number;
  "spans": SpanColumns;
  /** pass as `cursor` for the next page; null when complete */
  "next_cursor": string | null;
};

/** The good run to hold a trace beside. */
export type TraceBaseline = {
  /** null when there was no good run */
  "trace": TraceSummary | null;
  /** good runs of the same app and root name that it is the median of */
  "candidates": number;
  /** how far back good runs were looked for */
  "days": number;
};

/** Two traces aligned step by step, or one page of the steps. */
export type TraceDiff = {
  "left": TraceSummary;
  "right": TraceSummary;
  "counts": DiffCounts;
  "delta": StepDelta;
  "total_steps": number;
  /** parents before children, in the order of both traces */
  "steps": DiffStep[];
  /** pass as `cursor` for the next page; null when complete */
  "next_cursor": string | null;
};

/** Traces with a span that has this value; "" are those without one. */
export type TraceGroup = {
  "traces": number;
  /** traces whose root failed */
  "errors": number;
  "p50_ns": number;
  "p95_ns": number;
  "tokens": number;
  "cost": CostSummary;
  /** totals are estimates: sampled traces count for those they stand for */
  "sampled": boolean;
  "value": string;
};

/** Most traces first. A trace with several values is in each of their groups. `more`: there are others. */
export type TraceGroups = {
  "by": string;
  "groups": TraceGroup[];
  "more": boolean;
};

/** Newest first. `next_cursor` is null on the last page. */
export type TraceList = {
  "traces": TraceSummary[];
  "next_cursor": string | null;
};

/** The traces of the same session before and after this one; null where there is none. */
export type TraceNeighbours = {
  "previous": TraceSummary | null;
  "next": TraceSummary | null;
};

/** One row of the trace list. */
export type TraceSummary = {
  "trace_id": string;
  "name": string;
  "kind": string;
  "app": string;
  "environment": string;
  "start_time": string;
  /** first start to last end over all stored spans */
  "duration_ns": number;
  "status": "ok" | "error" | "unset";
  /** the root span has not arrived yet */
  "running": boolean;
  "span_count": number;
  "error_count": number;
  "llm_calls": number;
  "models": string[];
  "tokens": Tokens;
  "cost": CostSummary;
  "session": string;
  "user": string;
  "input_preview": string;
  "output_preview": string;
  "failure_categories": string[];
};

/** The start of a text, and the span that has all of it; both "" when nothing was kept. */
export type TurnText = {
  "span_id": string;
  "text": string;
};

/** How many there were, and what one of them cost: null when there was none or no call has a price. */
export type UnitCost = {
  "count": number;
  "usd": string | null;
};

/** What one trace, session, user and success of a group cost. */
export type UnitCostGroup = {
  "key": string[];
  "is_rest": boolean;
  "usd": string | null;
  "state": "priced" | "estimated" | "partial" | "unpriced" | "none";
  "trace": UnitCost;
  "session": UnitCost;
  "user": UnitCost;
  /** traces whose root ended without an error and without a failure */
  "success": UnitCost;
};

/** Groups by cost. A trace with calls of several groups counts in each of them, once in the total. */
export type UnitCosts = {
  "dimensions": string[];
  "groups": UnitCostGroup[];
  "total": UnitCostGroup;
  /** totals are estimates: sampled traces count for those they stand for */
  "sampled": boolean;
};

/** Those with the most of `sort` first. `next_cursor` is null on the last page. */
export type UserList = {
  "users": UserSummary[];
  "next_cursor": string | null;
};

/** A user, and which apps and models the user's traces used; most traces first. */
export type UserProfile = {
  "user": UserSummary;
  /** at most 20 */
  "by_app": TraceGroup[];
  /** at most 20 */
  "by_model": TraceGroup[];
  "more_apps": boolean;
  "more_models": boolean;
};

/** One user of the apps. */
export type UserSummary = {
  "traces": number;
  /** traces whose root failed */
  "errors": number;
  "tokens": Tokens;
  "cost": CostSummary;
  "first_seen": string;
  /** end of the last span */
  "last_seen": string;
  /** at most 10 */
  "apps": string[];
  /** of all */
  "app_count": number;
  /** totals are estimates: sampled traces count for those they stand for */
  "sampled": boolean;
  "user": string;
  "sessions": number;
};

/** Calls that came to nothing. */
export type WasteModel = {
  "calls": number;
  "unpriced_calls": number;
  /** cost of those with a price; null when there are none */
  "usd": string | null;
};

export type Operations = {
  "GET /api/v1/alerts/channels": { path: {}; query: {}; body: undefined; answer: AlertChannels };
  "PUT /api/v1/alerts/channels/{key}": { path: { "key": string }; query: {}; body: ChannelWrite; answer: undefined };
  "DELETE /api/v1/alerts/channels/{key}": { path: { "key": string }; query: {}; body: undefined; answer: undefined };
  "POST /api/v1/alerts/channels/{key}/test": { path: { "key": string }; query: {}; body: undefined; answer: ChannelTrial };
  "GET /api/v1/alerts/incidents": { path: {}; query: { "only_open"?: boolean; "limit"?: number; "cursor"?: string | null }; body: undefined; answer: Incidents };
  "GET /api/v1/alerts/incidents/{incident}": { path: { "incident": string }; query: {}; body: undefined; answer: IncidentDetail };
  "POST /api/v1/alerts/incidents/{incident}/acknowledge": { path: { "incident": string }; query: {}; body: undefined; answer: undefined };
  "POST /api/v1/alerts/incidents/{incident}/snooze": { path: { "incident": string }; query: {}; body: SnoozeRequest; answer: undefined };
  "POST /api/v1/alerts/preview": { path: {}; query: {}; body: Record<string, unknown>; answer: RulePreview };
  "GET /api/v1/alerts/rules": { path: {}; query: {}; body: undefined; answer: AlertRules };
  "POST /api/v1/alerts/rules/changes": { path: {}; query: {}; body: RuleChanges; answer: undefined };
  "PUT /api/v1/alerts/rules/{key}": { path: { "key": string }; query: {}; body: Record<string, unknown>; answer: undefined };
  "DELETE /api/v1/alerts/rules/{key}": { path: { "key": string }; query: {}; body: undefined; answer: undefined };
  "GET /api/v1/apps": { path: {}; query: { "limit"?: number; "start"?: string | null; "end"?: string | null; "since"?: string | null }; body: undefined; answer: AppList };
  "GET /api/v1/apps/overview": { path: {}; query: { "buckets"?: number; "limit"?: number; "start"?: string | null; "end"?: string | null; "since"?: string | null; "q"?: string }; body: undefined; answer: AppOverview };
  "GET /api/v1/costs": { path: {}; query: { "by"?: string[]; "unit"?: "hour" | "day" | "week" | "month"; "zone"?: string; "limit"?: number; "start"?: string | null; "end"?: string | null; "since"?: string | null; "app"?: string[] | null; "environment"?: string[] | null; "team"?: string[] | null; "cost_centre"?: string[] | null; "provider"?: string[] | null; "model"?: string[] | null; "kind"?: string[] | null; "operation"?: string[] | null; "user"?: string[] | null; "session"?: string[] | null; "prompt_name"?: string[] | null; "prompt_version"?: string[] | null; "service_tier"?: string[] | null; "tag"?: string[] | null; "tags"?: string[] | null }; body: undefined; answer: CostReportModel };
  "GET /api/v1/costs/budgets": { path: {}; query: {}; body: undefined; answer: Budgets };
  "GET /api/v1/costs/csv": { path: {}; query: { "by"?: string[]; "zone"?: string; "limit"?: number; "start"?: string | null; "end"?: string | null; "since"?: string | null; "app"?: string[] | null; "environment"?: string[] | null; "team"?: string[] | null; "cost_centre"?: string[] | null; "provider"?: string[] | null; "model"?: string[] | null; "kind"?: string[] | null; "operation"?: string[] | null; "user"?: string[] | null; "session"?: string[] | null; "prompt_name"?: string[] | null; "prompt_version"?: string[] | null; "service_tier"?: string[] | null; "tag"?: string[] | null; "tags"?: string[] | null }; body: undefined; answer: string };
  "GET /api/v1/costs/forecast": { path: {}; query: { "zone"?: string; "app"?: string[] | null; "environment"?: string[] | null; "team"?: string[] | null; "cost_centre"?: string[] | null; "provider"?: string[] | null; "model"?: string[] | null; "kind"?: string[] | null; "operation"?: string[] | null; "user"?: string[] | null; "session"?: string[] | null; "prompt_name"?: string[] | null; "prompt_version"?: string[] | null; "service_tier"?: string[] | null; "tag"?: string[] | null; "tags"?: string[] | null }; body: undefined; answer: CostForecast };
  "GET /api/v1/costs/movers": { path: {}; query: { "by"?: string[]; "zone"?: string; "limit"?: number; "start"?: string | null; "end"?: string | null; "since"?: string | null; "app"?: string[] | null; "environment"?: string[] | null; "team"?: string[] | null; "cost_centre"?: string[] | null; "provider"?: string[] | null; "model"?: string[] | null; "kind"?: string[] | null; "operation"?: string[] | null; "user"?: string[] | null; "session"?: string[] | null; "prompt_name"?: string[] | null; "prompt_version"?: string[] | null; "service_tier"?: string[] | null; "tag"?: string[] | null; "tags"?: string[] | null }; body: undefined; answer: CostMovers };
  "GET /api/v1/costs/savings": { path: {}; query: { "start"?: string | null; "end"?: string | null; "since"?: string | null; "app"?: string[] | null; "environment"?: string[] | null; "team"?: string[] | null; "cost_centre"?: string[] | null; "provider"?: string[] | null; "model"?: string[] | null; "kind"?: string[] | null; "operation"?: string[] | null; "user"?: string[] | null; "session"?: string[] | null; "prompt_name"?: string[] | null; "prompt_version"?: string[] | null; "service_tier"?: string[] | null; "tag"?: string[] | null; "tags"?: string[] | null }; body: undefined; answer: CostSavings };
  "GET /api/v1/costs/savings/possible": { path: {}; query: { "threshold"?: number; "start"?: string | null; "end"?: string | null; "since"?: string | null; "app"?: string[] | null; "environment"?: string[] | null; "team"?: string[] | null; "cost_centre"?: string[] | null; "provider"?: string[] | null; "model"?: string[] | null; "kind"?: string[] | null; "operation"?: string[] | null; "user"?: string[] | null; "session"?: string[] | null; "prompt_name"?: string[] | null; "prompt_version"?: string[] | null; "service_tier"?: string[] | null; "tag"?: string[] | null; "tags"?: string[] | null }; body: undefined; answer: PossibleSavings };
  "GET /api/v1/costs/units": { path: {}; query: { "by"?: string[]; "limit"?: number; "start"?: string | null; "end"?: string | null; "since"?: string | null; "app"?: string[] | null; "environment"?: string[] | null; "team"?: string[] | null; "cost_centre"?: string[] | null; "provider"?: string[] | null; "model"?: string[] | null; "kind"?: string[] | null; "operation"?: string[] | null; "user"?: string[] | null; "session"?: string[] | null; "prompt_name"?: string[] | null; "prompt_version"?: string[] | null; "service_tier"?: string[] | null; "tag"?: string[] | null; "tags"?: string[] | null }; body: undefined; answer: UnitCosts };
  "GET /api/v1/costs/what-if": { path: {}; query: { "candidate": string[]; "max_input_tokens"?: number; "max_output_tokens"?: number; "start"?: string | null; "end"?: string | null; "since"?: string | null; "app"?: string[] | null; "environment"?: string[] | null; "team"?: string[] | null; "cost_centre"?: string[] | null; "provider"?: string[] | null; "model"?: string[] | null; "kind"?: string[] | null; "operation"?: string[] | null; "user"?: string[] | null; "session"?: string[] | null; "prompt_name"?: string[] | null; "prompt_version"?: string[] | null; "service_tier"?: string[] | null; "tag"?: string[] | null; "tags"?: string[] | null }; body: undefined; answer: PriceSimulation };
  "GET /api/v1/deletions": { path: {}; query: { "limit"?: number }; body: undefined; answer: DeletionList };
  "POST /api/v1/deletions": { path: {}; query: {}; body: DeletionBody; answer: DeletionModel };
  "GET /api/v1/failures": { path: {}; query: { "state"?: ("new" | "ongoing" | "rising" | "regressed" | "quiet" | "resolved" | "ignored")[] | null; "category"?: string[] | null; "app"?: string | null; "assignee"?: string | null; "unassigned"?: boolean; "limit"?: number; "start"?: string | null; "end"?: string | null; "since"?: string | null }; body: undefined; answer: FailureList };
  "POST /api/v1/failures/decisions/{decision}/undo": { path: { "decision": number }; query: {}; body: undefined; answer: FailureOfFingerprint };
  "GET /api/v1/failures/of-fingerprint/{fingerprint}": { path: { "fingerprint": string }; query: {}; body: undefined; answer: FailureOfFingerprint };
  "GET /api/v1/failures/score-lines": { path: {}; query: {}; body: undefined; answer: ScoreLineList };
  "PUT /api/v1/failures/score-lines": { path: {}; query: {}; body: ScoreLine; answer: undefined };
  "DELETE /api/v1/failures/score-lines": { path: {}; query: { "name": string }; body: undefined; answer: undefined };
  "GET /api/v1/failures/suggestions": { path: {}; query: {}; body: undefined; answer: FailureSuggestionList };
  "POST /api/v1/failures/suggestions/dismiss": { path: {}; query: {}; body: FailureSuggestionKey; answer: undefined };
  "GET /api/v1/failures/{cluster}": { path: { "cluster": string }; query: { "start"?: string | null; "end"?: string | null; "since"?: string | null }; body: undefined; answer: FailureDetail };
  "POST /api/v1/failures/{cluster}/decisions": { path: { "cluster": string }; query: {}; body: FailureAction; answer: FailureDecided };
  "GET /api/v1/info": { path: {}; query: {}; body: undefined; answer: ServerInfo };
  "GET /api/v1/keys": { path: {}; query: {}; body: undefined; answer: KeyList };
  "POST /api/v1/keys": { path: {}; query: {}; body: NewKey; answer: CreatedKey };
  "DELETE /api/v1/keys/{key_id}": { path: { "key_id": string }; query: {}; body: undefined; answer: undefined };
  "GET /api/v1/prices": { path: {}; query: {}; body: undefined; answer: OwnPrices };
  "POST /api/v1/prices": { path: {}; query: {}; body: NewOwnPrice; answer: OwnPrice };
  "GET /api/v1/prices/uses": { path: {}; query: { "start"?: string | null; "end"?: string | null; "since"?: string | null }; body: undefined; answer: PriceUses };
  "PUT /api/v1/prices/{name}": { path: { "name": string }; query: {}; body: OwnPriceBody; answer: OwnPrice };
  "DELETE /api/v1/prices/{name}": { path: { "name": string }; query: {}; body: undefined; answer: undefined };
  "GET /api/v1/projects": { path: {}; query: {}; body: undefined; answer: ProjectList };
  "POST /api/v1/projects": { path: {}; query: {}; body: NewProject; answer: ProjectModel };
  "PATCH /api/v1/projects/{project}": { path: { "project": string }; query: {}; body: ProjectChanges; answer: ProjectModel };
  "GET /api/v1/prompts": { path: {}; query: { "limit"?: number; "start"?: string | null; "end"?: string | null; "since"?: string | null; "q"?: string }; body: undefined; answer: PromptList };
  "GET /api/v1/query/completion": { path: {}; query: { "position": number; "q"?: string; "start"?: string | null; "end"?: string | null; "since"?: string | null }; body: undefined; answer: Completion };
  "GET /api/v1/reconciliation": { path: {}; query: { "provider": string; "month": string; "zone"?: string }; body: undefined; answer: ReconciliationModel };
  "GET /api/v1/reconciliation/csv": { path: {}; query: { "provider": string; "month": string; "zone"?: string }; body: undefined; answer: string };
  "GET /api/v1/reconciliation/imports": { path: {}; query: {}; body: undefined; answer: InvoiceImports };
  "POST /api/v1/reconciliation/imports": { path: {}; query: {}; body: InvoiceWrite; answer: InvoiceImportModel };
  "DELETE /api/v1/reconciliation/imports": { path: {}; query: { "provider": string }; body: undefined; answer: undefined };
  "GET /api/v1/scores": { path: {}; query: { "trace_id"?: string | null; "span_id"?: string | null; "session"?: string | null; "name"?: string | null; "limit"?: number; "cursor"?: string | null; "start"?: string | null; "end"?: string | null; "since"?: string | null }; body: undefined; answer: ScoreList };
  "POST /api/v1/scores": { path: {}; query: {}; body: ScoreBody | ScoreBody[]; answer: ScoresWritten };
  "DELETE /api/v1/scores/{score_id}": { path: { "score_id": string }; query: {}; body: undefined; answer: undefined };
  "GET /api/v1/sessions": { path: {}; query: { "sort"?: "-last" | "-traces" | "-errors" | "-tokens" | "-cost"; "limit"?: number; "cursor"?: string | null; "start"?: string | null; "end"?: string | null; "since"?: string | null; "q"?: string }; body: undefined; answer: SessionList };
  "GET /api/v1/sessions/conversation": { path: {}; query: { "session": string; "limit"?: number; "cursor"?: string | null; "start"?: string | null; "end"?: string | null; "since"?: string | null }; body: undefined; answer: Conversation };
  "GET /api/v1/spans": { path: {}; query: { "limit"?: number; "cursor"?: string | null; "start"?: string | null; "end"?: string | null; "since"?: string | null; "q"?: string }; body: undefined; answer: SpanList };
  "POST /api/v1/sql": { path: {}; query: {}; body: SqlRequest; answer: SqlAnswer };
  "GET /api/v1/sql/tables": { path: {}; query: {}; body: undefined; answer: SqlTables };
  "GET /api/v1/teams": { path: {}; query: {}; body: undefined; answer: TeamPlanModel };
  "PUT /api/v1/teams": { path: {}; query: {}; body: TeamPlanWrite; answer: TeamPlanModel };
  "GET /api/v1/teams/statements": { path: {}; query: { "month": string; "zone"?: string }; body: undefined; answer: Statements };
  "GET /api/v1/teams/statements/csv": { path: {}; query: { "month": string; "zone"?: string; "team"?: string | null }; body: undefined; answer: string };
  "GET /api/v1/traces": { path: {}; query: { "sort"?: "-start" | "start" | "-duration" | "duration" | "-cost" | "cost" | "-tokens" | "tokens"; "limit"?: number; "cursor"?: string | null; "start"?: string | null; "end"?: string | null; "since"?: string | null; "q"?: string }; body: undefined; answer: TraceList };
  "GET /api/v1/traces/export": { path: {}; query: { "format"?: "otlp-json" | "jsonl" | "csv" | "parquet"; "limit"?: number; "cursor"?: string | null; "start"?: string | null; "end"?: string | null; "since"?: string | null; "q"?: string }; body: undefined; answer: Record<string, unknown> };
  "GET /api/v1/traces/facets": { path: {}; query: { "field": string[]; "limit"?: number; "start"?: string | null; "end"?: string | null; "since"?: string | null; "q"?: string }; body: undefined; answer: Facets };
  "GET /api/v1/traces/groups": { path: {}; query: { "by": string; "limit"?: number; "start"?: string | null; "end"?: string | null; "since"?: string | null; "q"?: string }; body: undefined; answer: TraceGroups };
  "GET /api/v1/traces/histogram": { path: {}; query: { "buckets"?: number; "start"?: string | null; "end"?: string | null; "since"?: string | null; "q"?: string }; body: undefined; answer: Histogram };
  "GET /api/v1/traces/tail": { path: {}; query: { "q"?: string }; body: undefined; answer: string };
  "GET /api/v1/traces/{trace_id}": { path: { "trace_id": string }; query: { "limit"?: number; "cursor"?: string | null }; body: undefined; answer: Trace };
  "GET /api/v1/traces/{trace_id}/baseline": { path: { "trace_id": string }; query: {}; body: undefined; answer: TraceBaseline };
  "GET /api/v1/traces/{trace_id}/diff/{other_trace_id}": { path: { "trace_id": string; "other_trace_id": string }; query: { "limit"?: number; "cursor"?: string | null }; body: undefined; answer: TraceDiff };
  "GET /api/v1/traces/{trace_id}/diff/{other_trace_id}/steps/{span_id}/{other_span_id}": { path: { "trace_id": string; "other_trace_id": string; "span_id": string; "other_span_id": string }; query: {}; body: undefined; answer: StepDiff };
  "GET /api/v1/traces/{trace_id}/download": { path: { "trace_id": string }; query: { "format"?: "otlp-json" | "jsonl" | "csv" | "parquet" }; body: undefined; answer: Record<string, unknown> };
  "GET /api/v1/traces/{trace_id}/neighbours": { path: { "trace_id": string }; query: {}; body: undefined; answer: TraceNeighbours };
  "GET /api/v1/traces/{trace_id}/search": { path: { "trace_id": string }; query: { "text": string; "limit"?: number }; body: undefined; answer: SpanMatches };
  "GET /api/v1/traces/{trace_id}/spans/{span_id}": { path: { "trace_id": string; "span_id": string }; query: {}; body: undefined; answer: SpanDetail };
  "GET /api/v1/traces/{trace_id}/spans/{span_id}/replay": { path: { "trace_id": string; "span_id": string }; query: { "format"?: "curl" | "python" }; body: undefined; answer: string };
  "POST /api/v1/traces/{trace_id}/spans/{span_id}/replay": { path: { "trace_id": string; "span_id": string }; query: {}; body: undefined; answer: ReplayedCall };
  "GET /api/v1/users": { path: {}; query: { "sort"?: "-last" | "-traces" | "-errors" | "-tokens" | "-cost"; "limit"?: number; "cursor"?: string | null; "start"?: string | null; "end"?: string | null; "since"?: string | null; "q"?: string }; body: undefined; answer: UserList };
  "GET /api/v1/users/profile": { path: {}; query: { "user": string; "start"?: string | null; "end"?: string | null; "since"?: string | null }; body: undefined; answer: UserProfile };
  "GET /api/v1/views": { path: {}; query: { "page"?: "traces" | "failures" | "sessions" | "users" | "prompts" | "apps" | "costs" | "alerts" | null }; body: undefined; answer: SavedViewList };
  "POST /api/v1/views": { path: {}; query: {}; body: SavedViewBody; answer: SavedViewModel };
  "PUT /api/v1/views/{view_id}": { path: { "view_id": string }; query: {}; body: SavedViewChange; answer: SavedViewModel };
  "DELETE /api/v1/views/{view_id}": { path: { "view_id": string }; query: {}; body: undefined; answer: undefined };
};
