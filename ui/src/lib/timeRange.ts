/** A time range as the URL holds it: one of `since`, or fixed ends as RFC 3339. */
export type RangeSearch = { since?: string; start?: string; end?: string };

/** What list operations of the API take. */
type RangeQuery = { since?: string; start?: string; end?: string };

export const RANGE_PRESETS: readonly { since: string; label: string }[] = [
  { since: "15m", label: "Last 15 minutes" },
  { since: "1h", label: "Last hour" },
  { since: "6h", label: "Last 6 hours" },
  { since: "24h", label: "Last 24 hours" },
  { since: "7d", label: "Last 7 days" },
  { since: "30d", label: "Last 30 days" },
  { since: "90d", label: "Last 90 days" },
  { since: "all", label: "All time" },
];

export const DAY_MS = 86_400_000;

export const DEFAULT_SINCE = "24h";

const EPOCH = "1970-01-01T00:00:00Z";

/** Keeps what is a range; anything else in the URL counts as not given. */
export function parseRangeSearch(search: Record<string, unknown>): RangeSearch {
  const start = timeText(search["start"]);
  const end = timeText(search["end"]);
  if (start) return end ? { start, end } : { start };
  const since = search["since"];
  if (typeof since === "string" && (since === "all" || /^[1-9]\d{0,4}[smhdw]$/.test(since))) return { since };
  return {};
}

/** The parameters of a request for the range. */
export function rangeQuery(range: RangeSearch): RangeQuery {
  if (range.start) return range.end ? { start: range.start, end: range.end } : { start: range.start };
  const since = range.since ?? DEFAULT_SINCE;
  return since === "all" ? { start: EPOCH } : { since };
}

const UNIT_MS: Record<string, number> = { s: 1e3, m: 60e3, h: 3600e3, d: DAY_MS, w: 7 * DAY_MS };

/** How long a range is, in milliseconds; all time has no length, and a range without an end ends now. */
export function lengthMs({ since = DEFAULT_SINCE, start, end }: RangeSearch): number {
  if (start) return (end ? Date.parse(end) : Date.now()) - Date.parse(start);
  if (since === "all") return Number.POSITIVE_INFINITY;
  return Number.parseInt(since, 10) * (UNIT_MS[since.slice(-1)] ?? DAY_MS);
}

/** The last week for a time in it, else the week to each side of the time. */
export function weekAround(time: string, now = Date.now()): RangeSearch {
  const at = Date.parse(time);
  const week = 7 * DAY_MS;
  if (now - at < week) return { since: "7d" };
  return { start: new Date(at - week).toISOString(), end: new Date(at + week).toISOString() };
}

const API_TIME = /^\d{4}-\d\d-\d\dT.+(Z|[+-]\d\d:\d\d)$/;

/** What the API takes as a time, with its zone; browsers read much more as one, such as `May 5`. */
function timeText(value: unknown): string | undefined {
  const isTime = typeof value === "string" && API_TIME.test(value) && !Number.isNaN(Date.parse(value));
  return isTime ? value : undefined;
}
