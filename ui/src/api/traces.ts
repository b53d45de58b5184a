import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { endedLately, rootOf } from "@/lib/rootOf";
import { ApiError, call } from "./client";
import { takeFirstAnswer } from "./firstAnswer";
import type { SpanDetail, SpanMatches, Trace } from "./schema";

const LATER_PAGE = 30_000;
/** How often a trace is asked for that has not arrived, or whose root has not. */
const ARRIVAL_POLL_MS = 3_000;
/** How often one that has ended lately is asked for: an exporter sends every five seconds. */
const LATE_POLL_MS = 5_000;
const SPAN_CONTENT = [
  "input_messages",
  "output_messages",
  "system_instructions",
  "tool_definitions",
  "documents",
  "events",
  "links",
] as const;

/** One trace, page by page of its spans. */
export function traceQuery(traceId: string) {
  return infiniteQueryOptions({
    queryKey: ["trace", traceId],
    queryFn: async ({ pageParam, signal }) => {
      const first = pageParam === null ? takeFirstAnswer<Trace>(`/api/v1/traces/${traceId}`) : undefined;
      if (first) return first;
      // The server orders the whole trace for every page: few large ones after the first, which is painted at once.
      const query = pageParam === null ? {} : { cursor: pageParam, limit: LATER_PAGE };
      return call("GET /api/v1/traces/{trace_id}", { path: { trace_id: traceId }, query, signal });
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    // A finished trace seldom changes, but late spans do arrive.
    staleTime: 30_000,
    refetchInterval: ({ state: { data, error } }) => {
      if (!data) return error instanceof ApiError && error.status === 404 ? ARRIVAL_POLL_MS : false;
      const [first, ...others] = data.pages;
      if (first && rootOf(first.summary) === "awaited") return ARRIVAL_POLL_MS;
      return first && others.length === 0 && endedLately(first.summary) ? LATE_POLL_MS : false;
    },
  });
}

/** One span with its content, which may come after it, in log events. */
export function spanQuery(traceId: string, spanId: string) {
  return queryOptions({
    queryKey: ["span", traceId, spanId],
    queryFn: ({ signal }) =>
      call("GET /api/v1/traces/{trace_id}/spans/{span_id}", {
        path: { trace_id: traceId, span_id: spanId },
        content: SPAN_CONTENT,
        signal,
      }),
    staleTime: ({ state: { data } }) => (data && lacksContent(data) ? 0 : 300_000),
    refetchInterval: ({ state: { data } }) => (data && lacksContent(data) && endedLately(data) ? ARRIVAL_POLL_MS : false),
  });
}

function lacksContent({ kind, input_messages, output_messages, input_text, output_text }: SpanDetail): boolean {
  return kind === "llm" && !input_messages && !output_messages && !input_text && !output_text;
}

/** The spans of a trace whose content holds a text; of a trace that has grown it is asked anew. */
export function traceTextQuery(traceId: string, text: string, spanCount: number) {
  return queryOptions({
    queryKey: ["trace", traceId, "text", text, spanCount],
    placeholderData: (found: SpanMatches | undefined, before) => (before?.queryKey[3] === text ? found : undefined),
    queryFn: ({ signal }) =>
      call("GET /api/v1/traces/{trace_id}/search", {
        path: { trace_id: traceId },
        query: { text, limit: 10_000 },
        signal,
      }),
    enabled: text !== "",
    staleTime: 60_000,
  });
}

/** The traces of the same session before and after one. */
export function neighboursQuery(traceId: string) {
  return queryOptions({
    queryKey: ["trace", traceId, "neighbours"],
    queryFn: ({ signal }) =>
      call("GET /api/v1/traces/{trace_id}/neighbours", { path: { trace_id: traceId }, signal }),
    staleTime: 30_000,
  });
}

/** The median good run of the same kind from the days before. */
export function baselineQuery(traceId: string) {
  return queryOptions({
    queryKey: ["trace", traceId, "baseline"],
    queryFn: ({ signal }) =>
      call("GET /api/v1/traces/{trace_id}/baseline", { path: { trace_id: traceId }, signal }),
    staleTime: 60_000,
  });
}
