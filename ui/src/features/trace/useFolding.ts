import { useCallback, useMemo, useState } from "react";
import { ancestorsOf, hasChildren, type SpanTree, visiblePositions } from "./spanTree";

/** Which subtrees are folded, and what is left to show. */
export function useFolding(tree: SpanTree) {
  const [collapsed, setCollapsed] = useState<ReadonlySet<number>>(new Set());
  const visible = useMemo(() => visiblePositions(tree, collapsed), [tree, collapsed]);
  const toggle = useCallback((position: number) => {
    setCollapsed((before) => {
      const after = new Set(before);
      if (!after.delete(position)) after.add(position);
      return after;
    });
  }, []);
  const reveal = useCallback(
    (position: number) => {
      const above = new Set(ancestorsOf(tree, position));
      setCollapsed((before) =>
        [...before].some((folded) => above.has(folded))
          ? new Set([...before].filter((folded) => !above.has(folded)))
          : before,
      );
    },
    [tree],
  );
  const foldAll = useCallback(() => {
    const parents = Array.from({ length: tree.count }, (_, i) => i).filter((i) => hasChildren(tree, i));
    // The roots stay open: a single line would say nothing.
    setCollapsed(new Set(parents.filter((i) => (tree.columns.depth[i] ?? 0) > 0)));
  }, [tree]);
  const unfoldAll = useCallback(() => setCollapsed(new Set()), []);
  return { collapsed, visible, toggle, reveal, foldAll, unfoldAll };
}
