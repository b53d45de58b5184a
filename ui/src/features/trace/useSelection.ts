import { getRouteApi, useRouter } from "@tanstack/react-router";
import { useCallback, useState } from "react";
import { useMediaQuery } from "@/lib/mediaQuery";
import { type TraceSearch, without } from "./search";
import type { SpanTree } from "./spanTree";

const route = getRouteApi("/t/$traceId");

declare module "@tanstack/react-router" {
  interface HistoryState {
    /** A span that covers its trace was opened on the trace: the way back leads there. */
    covers?: true;
  }
}

/** Changes what of the trace is looked at, in the URL. */
export function useTraceSearch() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const update = useCallback(
    (change: (search: TraceSearch) => TraceSearch) => void navigate({ search: change, replace: true, state: true }),
    [navigate],
  );
  return { search, update };
}

/** The selected span. The URL holds it; without one, a wide screen opens on the cause or the first span. */
export function useSelection(tree: SpanTree, cause: number | undefined) {
  const { search, update } = useTraceSearch();
  const navigate = route.useNavigate();
  const { history } = useRouter();
  const isNarrow = useMediaQuery("(max-width: 900px)");
  const [closed, setClosed] = useState(false);
  const fallback = isNarrow || closed ? undefined : (cause ?? (tree.count > 0 ? 0 : undefined));
  const selected = search.span ? tree.positionOf.get(search.span) : fallback;
  const covers = isNarrow && search.span === undefined;
  const open = useCallback(
    (position: number) => {
      const span = tree.columns.span_id[position];
      if (!span) return;
      if (covers) void navigate({ search: (current) => ({ ...current, span }), state: { covers: true } });
      else update((current) => ({ ...current, span }));
    },
    [tree, update, navigate, covers],
  );
  const close = useCallback(() => {
    if (history.location.state.covers) return void history.back();
    setClosed(true);
    // The tab stays: the next span opens on it.
    update((current) => without(current, "span"));
  }, [update, history]);
  return { selected, open, close };
}
