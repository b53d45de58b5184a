import { useCallback, useMemo, useState } from "react";
import { ancestorsOf, hasChildren, type SpanTree, visiblePositions } from "./spanTree";

/** Which subtrees are folded, and what is left to show. */
export function useFolding(tree: SpanTree) {
  // By id: positions change when spans arrive while the trace is looked at.
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const collapsed = useMemo(() => positionsOf(tree, folded), [tree, folded]);
  const visible = useMemo(() => visiblePositions(tree, collapsed), [tree, collapsed]);
  const toggle = useCallback(
    (position: number) => {
      const id = tree.columns.span_id[position] ?? "";
      setFolded((before) => {
        const after = new Set(before);
        if (!after.delete(id)) after.add(id);
        return after;
      });
    },
    [tree],
  );
  const reveal = useCallback(
    (position: number) => {
      const above = new Set(ancestorsOf(tree, position).map((ancestor) => tree.columns.span_id[ancestor]));
      setFolded((before) => {
        const after = new Set([...before].filter((id) => !above.has(id)));
        return after.size === before.size ? before : after;
      });
    },
    [tree],
  );
  const foldAll = useCallback(() => {
    // The roots stay open: a single line would say nothing.
    const parents = tree.columns.span_id.filter((_, i) => hasChildren(tree, i) && (tree.columns.depth[i] ?? 0) > 0);
    setFolded(new Set(parents));
  }, [tree]);
  const unfoldAll = useCallback(() => setFolded(new Set()), []);
  return { collapsed, visible, toggle, reveal, foldAll, unfoldAll };
}

function positionsOf({ positionOf }: SpanTree, ids: ReadonlySet<string>): ReadonlySet<number> {
  return new Set([...ids].map((id) => positionOf.get(id)).filter((position) => position !== undefined));
}
