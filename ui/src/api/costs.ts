import { queryOptions } from "@tanstack/react-query";
import { DAY_MS, lengthMs, type RangeSearch, rangeQuery } from "@/lib/timeRange";
import { call, urlOf } from "./client";
import type { InvoiceWrite, TeamPlanWrite } from "./schema";

export const COST_DIMENSIONS = [
  "app",
  "environment",
  "team",
  "cost_centre",
  "model",
  "provider",
  "operation",
  "user",
  "session",
  "prompt_name",
  "prompt_version",
  "service_tier",
  "tag",
  "tags",
] as const;
export type CostDimension = (typeof COST_DIMENSIONS)[number];

export const COST_UNITS = ["hour", "day", "week", "month"] as const;
type CostUnit = (typeof COST_UNITS)[number];

/** What costs are restricted to: one value of each dimension. */
export type CostFilters = Partial<Record<CostDimension, string>>;

/** What a cost report is about. */
export type CostQuestion = RangeSearch & CostFilters & { by?: CostDimension; unit?: CostUnit };

/** The buckets of a report: those asked for, else some that a chart of the range can show. */
export function unitOf(question: CostQuestion): CostUnit {
  if (question.unit) return question.unit;
  const days = lengthMs(question) / DAY_MS;
  if (days <= 2) return "hour";
  return days <= 92 ? "day" : "month";
}

/** Which calls are priced anew, and with whose prices. */
export type WhatIf = { candidates: readonly string[]; maxInput?: number; maxOutput?: number };

const FRESH_MS = 30_000;

/** The dimensions that a question restricts. */
export function filtersOf(question: CostQuestion): CostFilters {
  const given = COST_DIMENSIONS.flatMap((name) => (question[name] ? [[name, question[name]] as const] : []));
  return Object.fromEntries(given);
}

function restricted(question: CostQuestion) {
  const filters = Object.entries(filtersOf(question)).map(([name, value]) => [name, [value]] as const);
  return { ...rangeQuery(question), ...Object.fromEntries(filters) };
}

function keyOf(question: CostQuestion) {
  return { ...rangeQuery(question), ...filtersOf(question), by: question.by ?? "app", unit: unitOf(question) };
}

/** The report: groups by bucket, beside the period before. */
export function costReportQuery(question: CostQuestion, zone: string) {
  return queryOptions({
    queryKey: ["costs", "report", keyOf(question), zone],
    queryFn: ({ signal }) =>
      call("GET /api/v1/costs", {
        query: { ...restricted(question), by: [question.by ?? "app"], unit: unitOf(question), zone },
        signal,
      }),
    staleTime: FRESH_MS,
  });
}

/** The address of the same groups as a file. */
export function costCsvUrl(question: CostQuestion, zone: string): string {
  return urlOf("/api/v1/costs/csv", {}, { ...restricted(question), by: [question.by ?? "app"], zone });
}

/** What changed most against the period before, and why. */
export function costMoversQuery(question: CostQuestion, zone: string) {
  return queryOptions({
    queryKey: ["costs", "movers", keyOf(question), zone],
    queryFn: ({ signal }) =>
      call("GET /api/v1/costs/movers", {
        query: { ...restricted(question), by: [question.by ?? "app"], zone, limit: 8 },
        signal,
      }),
    staleTime: FRESH_MS,
    // Calls with several tags have no causes that add up.
    enabled: question.by !== "tag",
  });
}

/** What one trace, session, user and success of each group cost. */
export function costUnitsQuery(question: CostQuestion) {
  return queryOptions({
    queryKey: ["costs", "units", keyOf(question)],
    queryFn: ({ signal }) =>
      call("GET /api/v1/costs/units", {
        query: { ...restricted(question), by: [question.by ?? "app"], limit: 10 },
        signal,
      }),
    staleTime: FRESH_MS,
  });
}

/** Where the calendar month is going. */
export function costForecastQuery(question: CostQuestion, zone: string) {
  const { since: _since, start: _start, end: _end, ...filters } = restricted(question);
  return queryOptions({
    queryKey: ["costs", "forecast", filtersOf(question), zone],
    queryFn: ({ signal }) => call("GET /api/v1/costs/forecast", { query: { ...filters, zone }, signal }),
    staleTime: 2 * FRESH_MS,
  });
}

/** What caches spared, and what was spent on calls that came to nothing. */
export function costSavingsQuery(question: CostQuestion) {
  return queryOptions({
    queryKey: ["costs", "savings", keyOf(question)],
    queryFn: ({ signal }) => call("GET /api/v1/costs/savings", { query: restricted(question), signal }),
    staleTime: FRESH_MS,
  });
}

/** What could have been saved. */
export function possibleSavingsQuery(question: CostQuestion, threshold: number) {
  return queryOptions({
    queryKey: ["costs", "possible", keyOf(question), threshold],
    queryFn: ({ signal }) =>
      call("GET /api/v1/costs/savings/possible", { query: { ...restricted(question), threshold }, signal }),
    staleTime: FRESH_MS,
  });
}

/** The models that were used, costliest first, as `provider/model`. */
export function usedModelsQuery(question: CostQuestion) {
  return queryOptions({
    queryKey: ["costs", "models", keyOf(question)],
    queryFn: ({ signal }) =>
      call("GET /api/v1/costs", {
        query: { ...restricted(question), by: ["provider", "model"], unit: "month", limit: 8 },
        signal,
      }),
    select: ({ groups }) =>
      groups.flatMap(({ key: [provider, model] }) => (provider && model ? [`${provider}/${model}`] : [])),
    staleTime: FRESH_MS,
  });
}

/** The same tokens with other prices. */
export function whatIfQuery(question: CostQuestion, { candidates, maxInput, maxOutput }: WhatIf) {
  return queryOptions({
    queryKey: ["costs", "what-if", keyOf(question), candidates, maxInput, maxOutput],
    queryFn: ({ signal }) =>
      call("GET /api/v1/costs/what-if", {
        query: {
          ...restricted(question),
          candidate: [...candidates],
          ...(maxInput ? { max_input_tokens: maxInput } : {}),
          ...(maxOutput ? { max_output_tokens: maxOutput } : {}),
        },
        signal,
      }),
    staleTime: FRESH_MS,
    enabled: candidates.length > 0,
  });
}

/** Calendar budgets of alert rules, and how they are used up. */
export function budgetsQuery() {
  return queryOptions({
    queryKey: ["costs", "budgets"],
    queryFn: ({ signal }) => call("GET /api/v1/costs/budgets", { signal }),
    staleTime: FRESH_MS,
  });
}

/** Who pays for what. */
export function teamPlanQuery() {
  return queryOptions({
    queryKey: ["teams", "plan"],
    queryFn: ({ signal }) => call("GET /api/v1/teams", { signal }),
  });
}

/** Replaces the plan; a conflict when somebody else did meanwhile. */
export function saveTeamPlan(plan: TeamPlanWrite) {
  return call("PUT /api/v1/teams", { body: plan });
}

/** What each team owes for a month. */
export function statementsQuery(month: string, zone: string) {
  return queryOptions({
    queryKey: ["teams", "statements", month, zone],
    queryFn: ({ signal }) => call("GET /api/v1/teams/statements", { query: { month, zone }, signal }),
    staleTime: FRESH_MS,
  });
}

/** The address of the statements, or that of one team, as a file. */
export function statementsCsvUrl(month: string, zone: string, team?: string): string {
  return urlOf("/api/v1/teams/statements/csv", {}, { month, zone, team });
}

/** Exports of providers that were imported. */
export function invoiceImportsQuery() {
  return queryOptions({
    queryKey: ["reconciliation", "imports"],
    queryFn: ({ signal }) => call("GET /api/v1/reconciliation/imports", { signal }),
  });
}

/** Imports an export of a provider. */
export function importInvoice(invoice: InvoiceWrite) {
  return call("POST /api/v1/reconciliation/imports", { body: invoice });
}

/** What was counted against what was invoiced in a month. */
export function reconciliationQuery(provider: string, month: string) {
  return queryOptions({
    queryKey: ["reconciliation", "gap", provider, month],
    queryFn: ({ signal }) => call("GET /api/v1/reconciliation", { query: { provider, month }, signal }),
    staleTime: FRESH_MS,
  });
}

/** The address of the comparison by day and model as a file. */
export function reconciliationCsvUrl(provider: string, month: string): string {
  return urlOf("/api/v1/reconciliation/csv", {}, { provider, month });
}
