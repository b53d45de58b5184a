import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { type RangeSearch, rangeQuery } from "@/lib/timeRange";
import { call, urlOf } from "./client";

const PAGE_SIZE = 200;
const HISTOGRAM_BUCKETS = 60;
const GROUPS = 50;

/** As many as the server puts into one file. */
export const DOWNLOADED_TRACES = 1_000;

/** Which traces: a time range and a query. */
export type TraceFilter = RangeSearch & { q?: string };

export const TRACE_SORTS = [
  "-start",
  "start",
  "-duration",
  "duration",
  "-cost",
  "cost",
  "-tokens",
  "tokens",
] as const;
export type TraceSort = (typeof TRACE_SORTS)[number];

/** The trace list, page by page. */
export function traceListQuery(filter: TraceFilter, sort: TraceSort) {
  return infiniteQueryOptions({
    queryKey: ["traces", "list", filter, sort],
    queryFn: ({ pageParam, signal }) =>
      call("GET /api/v1/traces", {
        query: { ...filterQuery(filter), sort, limit: PAGE_SIZE, cursor: pageParam },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    staleTime: 10_000,
    // All pages are fetched anew, one after the other: too many to do so by itself.
    refetchOnMount: (query) => (query.state.data?.pages.length ?? 0) <= 1,
  });
}

/** How many matching traces have each value of the fields. */
export function traceFacetsQuery(filter: TraceFilter, fields: readonly string[]) {
  return queryOptions({
    queryKey: ["traces", "facets", filter, fields],
    queryFn: ({ signal }) =>
      call("GET /api/v1/traces/facets", { query: { ...filterQuery(filter), field: [...fields] }, signal }),
    placeholderData: keepPreviousData,
    enabled: fields.length > 0,
    staleTime: 10_000,
  });
}

/** Matching traces over time. */
export function traceHistogramQuery(filter: TraceFilter) {
  return queryOptions({
    queryKey: ["traces", "histogram", filter],
    queryFn: ({ signal }) =>
      call("GET /api/v1/traces/histogram", {
        query: { ...filterQuery(filter), buckets: HISTOGRAM_BUCKETS },
        signal,
      }),
    placeholderData: keepPreviousData,
    staleTime: 10_000,
  });
}

/** Matching traces by the values of a field, most traces first. */
export function traceGroupsQuery(filter: TraceFilter, by: string) {
  return queryOptions({
    queryKey: ["traces", "groups", filter, by],
    queryFn: ({ signal }) =>
      call("GET /api/v1/traces/groups", { query: { ...filterQuery(filter), by, limit: GROUPS }, signal }),
    staleTime: 10_000,
  });
}

/** Where events about matching traces come from as they arrive. */
export function traceTailUrl(query: string): string {
  return urlOf("/api/v1/traces/tail", {}, { q: query });
}

/** The newest matching traces, at most `DOWNLOADED_TRACES`, as a file. */
export function tracesDownloadUrl(filter: TraceFilter, format: string): string {
  return urlOf("/api/v1/traces/export", {}, { ...filterQuery(filter), format, limit: DOWNLOADED_TRACES });
}

function filterQuery({ q, ...range }: TraceFilter) {
  return { ...rangeQuery(range), q: q ?? "" };
}
