import { queryOptions } from "@tanstack/react-query";
import { call } from "./client";
import { takeFirstAnswer } from "./firstAnswer";
import type { SpanColumns, Trace } from "./schema";

/** One trace with all of its spans: further pages are fetched and appended until it is complete. */
export function traceQuery(traceId: string) {
  return queryOptions({
    queryKey: ["trace", traceId],
    queryFn: async ({ signal }) => {
      const page = (cursor: string | null): Promise<Trace> =>
        call("GET /api/v1/traces/{trace_id}", { path: { trace_id: traceId }, query: { cursor }, signal });
      const first = takeFirstAnswer<Trace>(`/api/v1/traces/${traceId}`);
      const trace = first ?? (await page(null));
      for (let cursor = trace.next_cursor; cursor; ) {
        const next = await page(cursor);
        appendColumns(trace.spans, next.spans);
        cursor = next.next_cursor;
      }
      return { ...trace, next_cursor: null };
    },
    // A finished trace seldom changes, but late spans do arrive.
    staleTime: 30_000,
  });
}

/** One span with its content. */
export function spanQuery(traceId: string, spanId: string) {
  return queryOptions({
    queryKey: ["span", traceId, spanId],
    queryFn: ({ signal }) =>
      call("GET /api/v1/traces/{trace_id}/spans/{span_id}", {
        path: { trace_id: traceId, span_id: spanId },
        signal,
      }),
    staleTime: 300_000,
  });
}

function appendColumns(target: SpanColumns, more: SpanColumns): void {
  for (const [name, values] of Object.entries(more) as [keyof SpanColumns, unknown[]][]) {
    const column: unknown[] = target[name];
    for (const value of values) column.push(value);
  }
}
