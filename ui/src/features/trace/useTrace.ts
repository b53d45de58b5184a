import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { traceQuery } from "@/api/traces";
import type { SpanColumns, Trace, TraceSummary } from "@/api/schema";

/** A trace as far as its spans are here. */
export type LoadedTrace = {
  summary: TraceSummary;
  totalSpans: number;
  spans: SpanColumns;
  /** Set when the rest could not be loaded: what is shown is not the whole trace. */
  stopped: Error | null;
};

/** The trace, shown from its first page of spans on while the other pages follow. */
export function useTrace(traceId: string) {
  const query = useInfiniteQuery(traceQuery(traceId));
  const { data, error, hasNextPage, isFetching, fetchNextPage, refetch } = query;
  useEffect(() => {
    if (hasNextPage && !isFetching && !error) void fetchNextPage();
  }, [hasNextPage, isFetching, error, fetchNextPage]);
  const pages = data?.pages;
  const trace = useMemo(() => (pages ? joinPages(pages, error) : undefined), [pages, error]);
  return { trace, error, refetch: () => void refetch() };
}

/** The pages as one trace; they stay as they are, since the cache owns them. */
function joinPages(pages: readonly Trace[], stopped: Error | null): LoadedTrace | undefined {
  const [first, ...rest] = pages;
  if (!first) return undefined;
  return {
    summary: first.summary,
    totalSpans: first.total_spans,
    spans: rest.length > 0 ? joinColumns(pages.map((page) => page.spans)) : first.spans,
    stopped,
  };
}

function joinColumns(parts: readonly SpanColumns[]): SpanColumns {
  const names = Object.keys(parts[0] ?? {}) as (keyof SpanColumns)[];
  const joined = names.map((name) => [name, parts.flatMap((part): unknown[] => part[name])] as const);
  return Object.fromEntries(joined) as SpanColumns;
}
