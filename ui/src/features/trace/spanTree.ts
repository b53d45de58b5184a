import type { SpanColumns } from "@/api/schema";

/**
 * What the waterfall needs to know of a trace beyond its columns, computed once.
 * Spans are addressed by their position in tree order, in which a subtree is one run of positions.
 */
export type SpanTree = {
  columns: SpanColumns;
  count: number;
  /** The position after the last descendant. */
  subtreeEnd: Int32Array;
  /** Tokens and cost of the span and everything below it; calls recorded twice are counted once. */
  totalTokens: Float64Array;
  totalUsd: Float64Array;
  unpricedCalls: Int32Array;
  /** Errors below the span, itself excluded. */
  errorsBelow: Int32Array;
  /** From the start of the trace to the end of its last span, at least 1. */
  spanOfTimeNs: number;
  positionOf: ReadonlyMap<string, number>;
};

/** Builds the tree from columns in tree order. */
export function buildSpanTree(columns: SpanColumns): SpanTree {
  const count = columns.span_id.length;
  const tree: SpanTree = {
    columns,
    count,
    subtreeEnd: subtreeEnds(columns.depth),
    totalTokens: new Float64Array(count),
    totalUsd: new Float64Array(count),
    unpricedCalls: new Int32Array(count),
    errorsBelow: new Int32Array(count),
    spanOfTimeNs: 1,
    positionOf: new Map(columns.span_id.map((id, position) => [id, position])),
  };
  // Children come after their parent, so one pass from the back finds every subtree complete.
  for (let i = count - 1; i >= 0; i--) {
    addOwn(tree, i);
    const parent = parentPosition(tree, i);
    if (parent !== undefined) addToParent(tree, i, parent);
    const end = (columns.start_offset_ns[i] ?? 0) + (columns.duration_ns[i] ?? 0);
    tree.spanOfTimeNs = Math.max(tree.spanOfTimeNs, end);
  }
  return tree;
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
    i = collapsed.has(i) ? (tree.subtreeEnd[i] ?? i + 1) : i + 1;
  }
  return visible;
}

/**
 * Where the trace broke: the deepest failing span whose failure does not come from a deeper one, the earliest
 * of several. Undefined when nothing failed.
 */
export function causePosition({ columns, count }: SpanTree): number | undefined {
  let best: number | undefined;
  for (let i = 0; i < count; i++) {
    const failed = columns.status[i] === "error" || columns.failure_category[i] !== "";
    if (!failed || columns.failure_propagated[i]) continue;
    if (best === undefined || (columns.depth[i] ?? 0) > (columns.depth[best] ?? 0)) best = i;
  }
  return best;
}

/** All positions above a span, nearest first. */
export function ancestorsOf(tree: SpanTree, position: number): number[] {
  const ancestors: number[] = [];
  for (let i = parentPosition(tree, position); i !== undefined; i = parentPosition(tree, i)) ancestors.push(i);
  return ancestors;
}

function subtreeEnds(depth: readonly number[]): Int32Array {
  const ends = new Int32Array(depth.length);
  const open: number[] = [];
  for (let i = 0; i <= depth.length; i++) {
    const current = depth[i] ?? -1;
    for (let top = open.at(-1); top !== undefined && (depth[top] ?? 0) >= current; top = open.at(-1)) {
      ends[top] = i;
      open.pop();
    }
    open.push(i);
  }
  return ends;
}

function addOwn(tree: SpanTree, i: number): void {
  const { counted, input_tokens, output_tokens, cost_usd, cost_state } = tree.columns;
  if (!counted[i]) return;
  tree.totalTokens[i] = (tree.totalTokens[i] ?? 0) + (input_tokens[i] ?? 0) + (output_tokens[i] ?? 0);
  tree.totalUsd[i] = (tree.totalUsd[i] ?? 0) + Number(cost_usd[i] ?? 0);
  if (cost_state[i] === "unpriced") tree.unpricedCalls[i] = (tree.unpricedCalls[i] ?? 0) + 1;
}

function addToParent(tree: SpanTree, i: number, parent: number): void {
  const own = tree.columns.status[i] === "error" ? 1 : 0;
  const add = (sums: Float64Array | Int32Array, more: number): void => {
    sums[parent] = (sums[parent] ?? 0) + more;
  };
  add(tree.totalTokens, tree.totalTokens[i] ?? 0);
  add(tree.totalUsd, tree.totalUsd[i] ?? 0);
  add(tree.unpricedCalls, tree.unpricedCalls[i] ?? 0);
  add(tree.errorsBelow, (tree.errorsBelow[i] ?? 0) + own);
}
