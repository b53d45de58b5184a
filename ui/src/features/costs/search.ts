import {
  COST_DIMENSIONS,
  COST_UNITS,
  type CostDimension,
  type CostFilters,
  type CostQuestion,
  filtersOf,
} from "@/api/costs";
import type { CostReportModel } from "@/api/schema";
import { textOf } from "@/lib/filterSearch";
import { canBeAbsent, quoteValue } from "@/lib/queryText";
import { parseRangeSearch, type RangeSearch } from "@/lib/timeRange";

export const COST_TABS = ["report", "savings", "what-if", "budgets", "teams", "reconciliation"] as const;
export type CostTab = (typeof COST_TABS)[number];

/** The page's state as the URL holds it. */
export type CostSearch = CostQuestion & {
  tab?: CostTab;
  /** Calendar month of the statements and the reconciliation. */
  month?: string;
  /** The team whose statement is open; "" is what no team pays for. */
  statement?: string;
  /** The provider whose invoices are compared. */
  invoices?: string;
  /** How alike requests are that count as near duplicates. */
  likeness?: number;
  /** `provider/model` of the what-if, several separated by commas. */
  candidates?: string;
  maxInput?: number;
  maxOutput?: number;
};

/** Reads the page's state from the URL; what does not make sense counts as not given. */
export function parseCostSearch(search: Record<string, unknown>): CostSearch {
  const tab = COST_TABS.find((each) => each === search["tab"]);
  const by = COST_DIMENSIONS.find((dimension) => dimension === search["by"]);
  const unit = COST_UNITS.find((each) => each === search["unit"]);
  const month = text(search["month"]);
  return {
    ...parseRangeSearch(search),
    ...filters(search),
    ...(tab && tab !== "report" ? { tab } : {}),
    ...(by ? { by } : {}),
    ...(unit ? { unit } : {}),
    ...(month && /^\d{4}-\d\d$/.test(month) ? { month } : {}),
    ...given("statement", textOf(search["statement"])),
    ...given("invoices", text(search["invoices"])),
    ...given("likeness", between(search["likeness"], 0.5, 1)),
    ...given("candidates", text(search["candidates"])),
    ...given("maxInput", between(search["maxInput"], 1, 1e9)),
    ...given("maxOutput", between(search["maxOutput"], 1, 1e9)),
  };
}

function filters(search: Record<string, unknown>): CostFilters {
  return Object.fromEntries(
    COST_DIMENSIONS.flatMap((name) => {
      const value = text(search[name]);
      return value ? [[name, value] as const] : [];
    }),
  );
}

function given<Name extends string, Value>(name: Name, value: Value | undefined): { [key in Name]?: Value } {
  return value === undefined ? {} : ({ [name]: value } as { [key in Name]?: Value });
}

/** Text of the URL that is not empty. */
function text(value: unknown): string | undefined {
  return textOf(value) || undefined;
}

function between(value: unknown, low: number, high: number): number | undefined {
  const number = Number(value);
  return value !== undefined && number >= low && number <= high ? number : undefined;
}

/** The search without some of its state. */
export function without(search: CostSearch, ...names: (keyof CostSearch)[]): CostSearch {
  const rest = { ...search };
  for (const name of names) delete rest[name];
  return rest;
}

export function rangeOf({ since, start, end }: RangeSearch): RangeSearch {
  return { ...(since ? { since } : {}), ...(start ? { start } : {}), ...(end ? { end } : {}) };
}

const FINER = { month: "day", week: "day", day: "hour", hour: "hour" } as const;

type Bars = Pick<CostReportModel, "buckets" | "start" | "end" | "unit">;

/** The report about one bar, beside the same time before it; the first and the last are no longer than the report. */
export function bucketSearch(search: CostSearch, { buckets, start, end, unit }: Bars, index: number): CostSearch {
  const from = index === 0 ? start : (buckets[index] ?? end);
  return { ...without(search, "since"), start: from, end: buckets[index + 1] ?? end, unit: FINER[unit] };
}

const DRILL_ORDER: readonly CostDimension[] = ["team", "app", "model", "prompt_name", "prompt_version", "user", "session"];

/** What the groups of the other dimensions are looked at by first. */
const ENTRIES: Partial<Record<CostDimension, CostDimension>> = {
  cost_centre: "team",
  environment: "app",
  tag: "app",
  tags: "app",
  provider: "model",
  operation: "model",
  service_tier: "model",
};

/** The report about one group: restricted to it, by the next finer dimension. */
export function drillInto(search: CostSearch, by: CostDimension, value: string): CostSearch {
  const narrowed = { ...search, [by]: value };
  const known = filtersOf(narrowed);
  const entry = ENTRIES[by];
  const next = entry ? DRILL_ORDER.indexOf(entry) : DRILL_ORDER.indexOf(by) + 1;
  const finer = DRILL_ORDER.slice(next).find((dimension) => !known[dimension]);
  return { ...narrowed, by: finer ?? "operation" };
}

/** Fields of the query language for what costs are grouped by; teams and sets of tags have none. */
const FIELDS: Partial<Record<CostDimension, string>> = {
  app: "app",
  environment: "env",
  model: "model",
  provider: "provider",
  operation: "operation",
  user: "user",
  session: "session",
  prompt_name: "prompt",
  prompt_version: "prompt_version",
  service_tier: "tier",
  tag: "tag",
};

/**
 * The query for the traces behind a group: those with a counted call of which all of it holds at once, and no others;
 * `null` when the language cannot say it.
 */
export function traceQueryOf(
  filters: CostFilters,
  by: CostDimension,
  value: string,
  besides: readonly string[] = [],
): string | null {
  const conditions = [...besides];
  for (const [name, wanted] of Object.entries({ ...filters, [by]: value })) {
    const field = FIELDS[name as CostDimension];
    if (!field || (wanted === "" && !canBeAbsent(field))) return null;
    conditions.push(wanted === "" ? `-has:${field}` : `${field}:${quoteValue(wanted)}`);
  }
  return `{${conditions.join(" ")} -cost_state:none}`;
}
