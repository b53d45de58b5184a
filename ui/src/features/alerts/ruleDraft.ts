type ConditionKind = "threshold" | "budget" | "burn_rate" | "anomaly" | "change" | "absence";

/** What the form holds: text as it is typed. `rest` is what a stored rule has beside it, kept as it is. */
export type RuleDraft = {
  key: string;
  name: string;
  measure: string;
  score: string;
  query: string;
  groupBy: readonly string[];
  window: string;
  kind: ConditionKind;
  /** Fields of the condition by name; an empty one is left out. */
  condition: Readonly<Record<string, string>>;
  noData: string;
  channels: readonly string[];
  remindEvery: string;
  fireAfter: string;
  runbook: string;
  rest: Readonly<Record<string, unknown>>;
};

export const MEASURES = [
  "cost",
  "tokens",
  "calls",
  "traces",
  "failures",
  "error_rate",
  "latency_p50",
  "latency_p95",
  "latency_p99",
  "first_token_p95",
  "guardrail_block_rate",
  "cache_hit_rate",
  "refusal_rate",
  "unpriced_share",
  "score",
  "new_fingerprints",
  "new_failure_clusters",
  "regressed_failure_clusters",
  "rising_failure_clusters",
] as const;

export const GROUPS = [
  "app",
  "environment",
  "provider",
  "model",
  "operation",
  "user",
  "session",
  "prompt",
  "prompt_version",
  "version",
  "service",
  "tool",
  "agent",
  "key",
] as const;

type ConditionField = {
  name: string;
  label: string;
  placeholder?: string;
  isText?: true;
  /** All that it may be; the first when nothing is chosen. */
  choices?: readonly string[];
  /** A value of the measure, so that it has the measure's unit. */
  isValue?: true;
  /** A share that is typed in percent, whatever the measure. */
  isShare?: true;
};

type Unit = "$" | "%" | "ms" | "";

/** What one of the unit is in a stored rule: shares are from 0 to 1, latency is in nanoseconds. */
const STORED: Readonly<Record<Unit, number>> = { $: 1, "%": 0.01, ms: 1_000_000, "": 1 };

/** The unit in which values of the measure are typed and shown. */
export function unitOf(measure: string): Unit {
  if (measure === "cost") return "$";
  if (/_(rate|share)$/.test(measure)) return "%";
  return /^(latency|first_token)_/.test(measure) ? "ms" : "";
}

/** The conditions, what they are called, and what they need. */
export const CONDITIONS: Readonly<Record<ConditionKind, { label: string; fields: readonly ConditionField[] }>> = {
  threshold: {
    label: "Threshold",
    fields: [
      { name: "warn", isValue: true, label: "Warn at" },
      { name: "alert", isValue: true, label: "Alert at" },
      { name: "recover", isValue: true, label: "Recovered at", placeholder: "same line" },
      { name: "direction", label: "Direction", choices: ["above", "below"], isText: true },
    ],
  },
  budget: {
    label: "Calendar budget",
    fields: [
      { name: "amount", isValue: true, label: "Amount", placeholder: "500" },
      { name: "period", label: "Period", choices: ["month", "week", "day"], isText: true },
      { name: "zone", label: "Time zone", placeholder: "Europe/Berlin", isText: true },
    ],
  },
  burn_rate: {
    label: "Burn rate",
    fields: [
      { name: "amount", isValue: true, label: "Budget", placeholder: "500" },
      { name: "period", label: "For", placeholder: "4w", isText: true },
      { name: "factor", label: "Alert at times the rate", placeholder: "14.4" },
      { name: "warn_factor", label: "Warn at times the rate" },
      { name: "fast", label: "Fast window", placeholder: "5m", isText: true },
      { name: "slow", label: "Slow window", placeholder: "1h", isText: true },
    ],
  },
  anomaly: {
    label: "Unusual for the hour",
    fields: [
      { name: "deviations", label: "Deviations", placeholder: "5" },
      { name: "floor", isValue: true, label: "Ignore below" },
      { name: "weeks", label: "Weeks looked at", placeholder: "4" },
    ],
  },
  change: {
    label: "Change against the window before",
    fields: [
      { name: "ratio", isShare: true, label: "Rises by", placeholder: "50" },
      { name: "floor", isValue: true, label: "Ignore below" },
    ],
  },
  absence: { label: "Nothing arrives", fields: [] },
};

/** The name of a field with the unit of what is typed. */
export function fieldLabel(field: ConditionField, measure: string): string {
  const unit = fieldUnit(field, measure);
  return unit ? `${field.label} (${unit})` : field.label;
}

function fieldUnit({ isValue, isShare }: ConditionField, measure: string): Unit {
  if (isShare) return "%";
  return isValue ? unitOf(measure) : "";
}

/** What a condition starts with when it is chosen: whatever it cannot do without and can be guessed. */
export function freshCondition(kind: ConditionKind): Record<string, string> {
  switch (kind) {
    case "budget":
      return { period: "month", zone: Intl.DateTimeFormat().resolvedOptions().timeZone };
    case "burn_rate":
      return { period: "4w", factor: "14.4", fast: "5m", slow: "1h" };
    case "change":
      return { ratio: "50", floor: "0" };
    default:
      return {};
  }
}

/** A draft to start from. */
export function emptyDraft(): RuleDraft {
  return {
    key: "",
    name: "",
    measure: "cost",
    score: "",
    query: "",
    groupBy: ["app"],
    window: "15m",
    kind: "threshold",
    condition: {},
    noData: "keep",
    channels: [],
    remindEvery: "",
    fireAfter: "",
    runbook: "",
    rest: {},
  };
}

/** The draft of a stored rule. */
export function draftOf(rule: Readonly<Record<string, unknown>>): RuleDraft {
  const { key, name, measure, score, query, group_by, window, condition, no_data, channels, remind_every, fire_after, runbook, ...rest } = rule;
  const given = isRecord(condition) ? condition : {};
  const kind = isKind(given["kind"]) ? given["kind"] : "threshold";
  return {
    key: text(key),
    name: text(name),
    measure: text(measure),
    score: text(score),
    query: text(query),
    groupBy: list(group_by),
    window: text(window),
    kind,
    condition: Object.fromEntries(
      CONDITIONS[kind].fields.map((field) => [field.name, shownValue(given[field.name], fieldUnit(field, text(measure)))]),
    ),
    noData: text(no_data) || "keep",
    channels: list(channels),
    remindEvery: text(remind_every),
    fireAfter: text(fire_after),
    runbook: text(runbook),
    rest: { ...rest, ...otherFields(given, kind) },
  };
}

/** The document that the server checks; numbers that are none are left for it to refuse. */
export function draftDocument(draft: RuleDraft): Record<string, unknown> {
  const { [OTHER]: other, ...rest } = draft.rest;
  return {
    ...rest,
    name: draft.name,
    measure: draft.measure,
    score: draft.measure === "score" ? draft.score : "",
    query: draft.query,
    window: draft.window,
    group_by: draft.groupBy,
    channels: draft.channels,
    no_data: draft.noData,
    runbook: draft.runbook,
    ...given("remind_every", draft.remindEvery),
    ...given("fire_after", draft.fireAfter),
    condition: { ...(isRecord(other) && other["kind"] === draft.kind ? other : {}), ...conditionOf(draft) },
  };
}

/** Where `rest` keeps the fields of the condition that the form does not show. */
const OTHER = "condition" as const;

function otherFields(condition: Readonly<Record<string, unknown>>, kind: ConditionKind): Record<string, unknown> {
  const shown = new Set(CONDITIONS[kind].fields.map((field) => field.name));
  return { [OTHER]: Object.fromEntries(Object.entries(condition).filter(([name]) => !shown.has(name))) };
}

function conditionOf(draft: RuleDraft): Record<string, unknown> {
  const fields = CONDITIONS[draft.kind].fields.flatMap((field) => {
    const typed = draft.condition[field.name]?.trim() ?? "";
    return typed === "" ? [] : [[field.name, field.isText ? typed : numberOf(typed, fieldUnit(field, draft.measure))] as const];
  });
  return { kind: draft.kind, ...Object.fromEntries(fields) };
}

function given(name: string, typed: string): Record<string, string> {
  return typed.trim() ? { [name]: typed.trim() } : {};
}

function shownValue(value: unknown, unit: Unit): string {
  return typeof value === "number" ? String(exact(value / STORED[unit])) : text(value);
}

function numberOf(typed: string, unit: Unit): number | string {
  const value = Number(typed);
  return Number.isFinite(value) ? exact(value * STORED[unit]) : typed;
}

/** Without the digits that binary fractions add: 0.07 · 100 is 7, and not 7.000000000000001. */
function exact(value: number): number {
  return Number(value.toPrecision(15));
}

function text(value: unknown): string {
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : "";
}

function list(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether it names a condition. */
export function isKind(value: unknown): value is ConditionKind {
  return typeof value === "string" && value in CONDITIONS;
}
