import { useMemo } from "react";

type Pages = { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown };

/** How a list asks for its next page; undefined when there is none. */
export function useMorePages({ hasNextPage, isFetchingNextPage, fetchNextPage }: Pages): { load: () => void } | undefined {
  return useMemo(
    () =>
      hasNextPage
        ? {
            load: () => {
              if (!isFetchingNextPage) void fetchNextPage();
            },
          }
        : undefined,
    [hasNextPage, isFetchingNextPage, fetchNextPage],
  );
}
