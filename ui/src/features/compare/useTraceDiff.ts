import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { traceDiffQuery } from "@/api/compare";

/** The comparison, shown from its first page of steps on while the others follow. */
export function useTraceDiff(left: string, right: string) {
  const { data, error, hasNextPage, isFetching, fetchNextPage, refetch } = useInfiniteQuery(traceDiffQuery(left, right));
  useEffect(() => {
    if (hasNextPage && !isFetching && !error) void fetchNextPage();
  }, [hasNextPage, isFetching, error, fetchNextPage]);
  const pages = data?.pages;
  const steps = useMemo(() => pages?.flatMap((page) => page.steps) ?? [], [pages]);
  return { diff: pages?.[0], steps, error, refetch: () => void refetch() };
}
