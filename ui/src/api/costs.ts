import { queryOptions } from "@tanstack/react-query";
import { type RangeSearch, rangeQuery } from "@/lib/timeRange";
import { call } from "./client";

export const COST_DIMENSIONS = [
  "app",
  "environment",
  "model",
  "provider",
  "operation",
  "user",
  "session",
  "prompt_version",
  "service_tier",
  "tags",
] as const;
export type CostDimension = (typeof COST_DIMENSIONS)[number];

export const COST_UNITS = ["hour", "day", "week", "month"] as const;
export type CostUnit = (typeof COST_UNITS)[number];

/** What a cost report is about; `app` drills down. */
export type CostSearch = RangeSearch & { by?: CostDimension; unit?: CostUnit; app?: string };

/** The report: groups by bucket, beside the period before. */
export function costReportQuery(search: CostSearch, zone: string) {
  return queryOptions({
    queryKey: ["costs", search, zone],
    queryFn: ({ signal }) =>
      call("GET /api/v1/costs", {
        query: {
          ...rangeQuery(search),
          by: [search.by ?? "app"],
          unit: search.unit ?? "day",
          zone,
          app: search.app ? [search.app] : null,
        },
        signal,
      }),
    staleTime: 30_000,
  });
}

/** What changed most against the period before, and why. */
export function costMoversQuery(search: CostSearch, zone: string) {
  return queryOptions({
    queryKey: ["costs", "movers", search, zone],
    queryFn: ({ signal }) =>
      call("GET /api/v1/costs/movers", {
        query: {
          ...rangeQuery(search),
          by: [search.by ?? "app"],
          zone,
          limit: 8,
          app: search.app ? [search.app] : null,
        },
        signal,
      }),
    staleTime: 30_000,
  });
}

/** What caches spared, and what was spent on calls that came to nothing. */
export function costSavingsQuery(search: CostSearch) {
  const { since, start, end, app } = search;
  return queryOptions({
    queryKey: ["costs", "savings", since, start, end, app],
    queryFn: ({ signal }) =>
      call("GET /api/v1/costs/savings", { query: { ...rangeQuery(search), app: app ? [app] : null }, signal }),
    staleTime: 30_000,
  });
}

/** Where the calendar month is going. */
export function costForecastQuery(app: string | undefined, zone: string) {
  return queryOptions({
    queryKey: ["costs", "forecast", app, zone],
    queryFn: ({ signal }) => call("GET /api/v1/costs/forecast", { query: { zone, app: app ? [app] : null }, signal }),
    staleTime: 60_000,
  });
}
