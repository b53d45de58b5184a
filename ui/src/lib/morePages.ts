import { useMemo } from "react";

type Pages = {
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  isFetchNextPageError: boolean;
  fetchNextPage: () => unknown;
};

/**
 * How a list asks for its next page; undefined when there is none, or when it could not be loaded: a list at its end
 * would ask over and over, and `ListFailure` does when somebody wants it to.
 */
export function useMorePages(pages: Pages): { load: () => void } | undefined {
  const { hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage } = pages;
  return useMemo(
    () =>
      hasNextPage && !isFetchNextPageError
        ? {
            load: () => {
              if (!isFetchingNextPage) void fetchNextPage();
            },
          }
        : undefined,
    [hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage],
  );
}
