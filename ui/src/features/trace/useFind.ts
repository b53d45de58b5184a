import { useEffect, useState } from "react";
import { without } from "./search";
import type { SpanTree } from "./spanTree";
import { useMatches } from "./useMatches";
import { useTraceSearch } from "./useSelection";
import type { LoadedTrace } from "./useTrace";

/** A pause in typing after which the server is asked and the URL takes the text. */
const PAUSE_MS = 250;

/** The search inside the trace: its text, and what it finds. */
export function useFind(tree: SpanTree, trace: LoadedTrace) {
  const { search, update } = useTraceSearch();
  const asked = search.find ?? "";
  const [find, setFind] = useState(asked);
  useEffect(() => {
    if (find === asked) return undefined;
    const timer = setTimeout(
      () => update((current) => (find ? { ...current, find } : without(current, "find"))),
      find ? PAUSE_MS : 0,
    );
    return () => clearTimeout(timer);
  }, [find, asked, update]);
  const matches = useMatches(tree, trace, find, asked);
  return { find, setFind, matches };
}
