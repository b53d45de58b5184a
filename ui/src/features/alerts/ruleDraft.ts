/** What the form holds: text as it is typed. */
export type RuleDraft = {
  kind: "threshold" | "budget";
  key: string;
  name: string;
  measure: string;
  query: string;
  groupBy: string;
  window: string;
  warn: string;
  alert: string;
  amount: string;
  channels: string;
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
] as const;

/** A draft to start from. */
export function emptyDraft(): RuleDraft {
  return {
    kind: "threshold",
    key: "",
    name: "",
    measure: "cost",
    query: "",
    groupBy: "app",
    window: "15m",
    warn: "",
    alert: "",
    amount: "",
    channels: "",
  };
}

/** The document that the server checks; numbers that are none are left for it to refuse. */
export function draftDocument(draft: RuleDraft): Record<string, unknown> {
  const condition =
    draft.kind === "budget"
      ? { kind: "budget", amount: numberOf(draft.amount), zone: Intl.DateTimeFormat().resolvedOptions().timeZone }
      : {
          kind: "threshold",
          ...(draft.warn.trim() ? { warn: numberOf(draft.warn) } : {}),
          ...(draft.alert.trim() ? { alert: numberOf(draft.alert) } : {}),
        };
  return {
    name: draft.name,
    measure: draft.measure,
    query: draft.query,
    window: draft.window,
    group_by: words(draft.groupBy),
    channels: words(draft.channels),
    condition,
  };
}

function numberOf(text: string): number | string {
  const value = Number(text);
  return text.trim() !== "" && Number.isFinite(value) ? value : text;
}

function words(text: string): string[] {
  return text.split(/[\s,]+/).filter((word) => word !== "");
}
