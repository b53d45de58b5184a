import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { call } from "./client";

/** Two traces aligned step by step, page by page of the steps. */
export function traceDiffQuery(left: string, right: string) {
  return infiniteQueryOptions({
    queryKey: ["diff", left, right],
    queryFn: ({ pageParam, signal }) =>
      call("GET /api/v1/traces/{trace_id}/diff/{other_trace_id}", {
        path: { trace_id: left, other_trace_id: right },
        query: { cursor: pageParam },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    staleTime: 60_000,
  });
}

/** The content of two spans beside each other. */
export function stepDiffQuery(left: string, right: string, leftSpan: string, rightSpan: string) {
  return queryOptions({
    queryKey: ["diff", left, right, leftSpan, rightSpan],
    queryFn: ({ signal }) =>
      call("GET /api/v1/traces/{trace_id}/diff/{other_trace_id}/steps/{span_id}/{other_span_id}", {
        path: { trace_id: left, other_trace_id: right, span_id: leftSpan, other_span_id: rightSpan },
        signal,
      }),
    staleTime: 300_000,
  });
}
