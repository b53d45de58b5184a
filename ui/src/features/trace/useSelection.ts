import { getRouteApi } from "@tanstack/react-router";
import { useCallback, useState } from "react";
import { useMediaQuery } from "@/lib/mediaQuery";
import { type TraceSearch, without } from "./search";
import type { SpanTree } from "./spanTree";

const route = getRouteApi("/t/$traceId");

/** Changes what of the trace is looked at, in the URL. */
export function useTraceSearch() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const update = useCallback(
    (change: (search: TraceSearch) => TraceSearch) => void navigate({ search: change, replace: true }),
    [navigate],
  );
  return { search, update };
}

/** The selected span. The URL holds it; without one, a wide screen opens on the cause or the first span. */
export function useSelection(tree: SpanTree, cause: number | undefined) {
  const { search, update } = useTraceSearch();
  const isNarrow = useMediaQuery("(max-width: 900px)");
  const [closed, setClosed] = useState(false);
  const fallback = isNarrow || closed ? undefined : (cause ?? (tree.count > 0 ? 0 : undefined));
  const selected = search.span ? tree.positionOf.get(search.span) : fallback;
  const open = useCallback(
    (position: number) => {
      const span = tree.columns.span_id[position];
      if (span) update((current) => ({ ...current, span }));
    },
    [tree, update],
  );
  const close = useCallback(() => {
    setClosed(true);
    // The tab stays: the next span opens on it.
    update((current) => without(current, "span"));
  }, [update]);
  return { selected, open, close };
}
