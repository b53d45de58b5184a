import type { SpanColumns } from "@/api/schema";

/**
 * What the waterfall needs to know of a trace beyond its columns, computed once.
 * Spans are addressed by their position in tree order, in which a subtree is one run of positions.
 */
export type SpanTree = {
  columns: SpanColumns;
  count: number;
  /** Calls without a price in the span and everything below it, as far as it is loaded. */
  unpricedCalls: Int32Array;
  /** Likewise those whose cost is estimated. */
  estimatedCalls: Int32Array;
  /** Failures below the span, itself excluded, as far as they are loaded. */
  failuresBelow: Int32Array;
  /** From the start of the trace to the end of its last span, at least 1. */
  spanOfTimeNs: number;
  positionOf: ReadonlyMap<string, number>;
};

/** Builds the tree from columns in tree order; `durationNs` is that of the whole trace, loaded or not. */
export function buildSpanTree(columns: SpanColumns, durationNs = 1): SpanTree {
  const count = columns.span_id.length;
  const tree: SpanTree = {
    columns,
    count,
    unpricedCalls: new Int32Array(count),
    estimatedCalls: new Int32Array(count),
    failuresBelow: new Int32Array(count),
    spanOfTimeNs: Math.max(durationNs, 1),
    positionOf: new Map(columns.span_id.map((id, position) => [id, position])),
  };
  // Children come after their parent, so one pass from the back finds every subtree complete.
  for (let i = count - 1; i >= 0; i--) {
    if (columns.counted[i] && columns.cost_state[i] === "unpriced") increase(tree.unpricedCalls, i, 1);
    if (columns.counted[i] && columns.cost_state[i] === "estimated") increase(tree.estimatedCalls, i, 1);
    const parent = parentPosition(tree, i);
    if (parent !== undefined) {
      increase(tree.unpricedCalls, parent, tree.unpricedCalls[i] ?? 0);
      increase(tree.estimatedCalls, parent, tree.estimatedCalls[i] ?? 0);
      const own = hasFailed(columns, i) ? 1 : 0;
      increase(tree.failuresBelow, parent, (tree.failuresBelow[i] ?? 0) + own);
    }
    const end = (columns.start_offset_ns[i] ?? 0) + (columns.duration_ns[i] ?? 0);
    tree.spanOfTimeNs = Math.max(tree.spanOfTimeNs, end);
  }
  return tree;
}

/** Whether the app said so, or a rule found it: a refusal or a truncated answer ends without an error. */
export function hasFailed(columns: SpanColumns, position: number): boolean {
  return columns.status[position] === "error" || columns.failure_category[position] !== "";
}

/** The position after the last descendant; past the end while not all spans are loaded. */
export function subtreeEnd({ columns }: SpanTree, position: number): number {
  return position + (columns.subtree_spans[position] ?? 1);
}

/** Whether something hangs below the span. */
export function hasChildren({ columns }: SpanTree, position: number): boolean {
  return (columns.subtree_spans[position] ?? 1) > 1;
}

/** The position of the parent; undefined for roots and orphans. */
export function parentPosition(tree: SpanTree, position: number): number | undefined {
  const { parent_span_id, depth } = tree.columns;
  const parent = tree.positionOf.get(parent_span_id[position] ?? "");
  // Guards against a parent that the server could not place above its child, as in a cycle.
  return parent !== undefined && parent < position && (depth[parent] ?? 0) < (depth[position] ?? 0)
    ? parent
    : undefined;
}

/** Positions that are on the screen when the given ones are collapsed. */
export function visiblePositions(tree: SpanTree, collapsed: ReadonlySet<number>): number[] {
  const visible: number[] = [];
  for (let i = 0; i < tree.count; ) {
    visible.push(i);
    i = collapsed.has(i) ? subtreeEnd(tree, i) : i + 1;
  }
  return visible;
}

/**
 * Where the trace broke: the deepest failing span whose failure does not come from a deeper one, the earliest
 * of several. Undefined when nothing failed. One that failed with all that is above it comes before one that somebody
 * above it got over, such as a first try.
 */
export function causePosition(tree: SpanTree): number | undefined {
  const { columns, count } = tree;
  const reachesRoot = new Uint8Array(count);
  let best: number | undefined;
  let highest = -1;
  for (let i = 0; i < count; i++) {
    if (!hasFailed(columns, i)) continue;
    const parent = parentPosition(tree, i);
    reachesRoot[i] = parent === undefined ? 1 : (reachesRoot[parent] ?? 0);
    if (columns.failure_propagated[i]) continue;
    // No span is as deep as there are spans.
    const rank = (columns.depth[i] ?? 0) + (parent !== undefined && reachesRoot[i] ? count : 0);
    if (rank <= highest) continue;
    best = i;
    highest = rank;
  }
  return best;
}

/** All positions above a span, nearest first. */
export function ancestorsOf(tree: SpanTree, position: number): number[] {
  const ancestors: number[] = [];
  for (let i = parentPosition(tree, position); i !== undefined; i = parentPosition(tree, i)) ancestors.push(i);
  return ancestors;
}

function increase(sums: Int32Array, position: number, more: number): void {
  sums[position] = (sums[position] ?? 0) + more;
}
