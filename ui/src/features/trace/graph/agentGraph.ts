import { parseKind, type SpanKind } from "@/lib/kinds";
import { hasFailed, parentPosition, type SpanTree } from "../spanTree";

/** Everything that one agent, tool or model did in the trace. */
export type GraphNode = {
  id: string;
  kind: SpanKind;
  label: string;
  calls: number;
  errors: number;
  /** Of its spans and all below them; a span below another one of the node is not counted twice. */
  tokens: number;
  usd: number;
  durationNs: number;
  /** The span to open: where it failed, else the first. */
  position: number;
};

type GraphEdge = { from: string; to: string; calls: number };

export type AgentGraphData = { nodes: readonly GraphNode[]; edges: readonly GraphEdge[] };

/**
 * Who called whom, how often: spans of one kind and name are one node, model calls one for each model. Internal
 * steps below the roots are left out, and what they called counts as called by the step above them.
 */
export function buildAgentGraph(tree: SpanTree): AgentGraphData {
  const nodes = new Map<string, GraphNode>();
  const edges = new Map<string, GraphEdge>();
  const callers = new Int32Array(tree.count).fill(-1);
  const ids: string[] = [];
  for (let i = 0; i < tree.count; i++) {
    const parent = parentPosition(tree, i);
    const caller = parent === undefined ? -1 : isShown(tree, parent) ? parent : (callers[parent] ?? -1);
    callers[i] = caller;
    ids.push(nodeId(tree, i));
    if (!isShown(tree, i)) continue;
    const node = nodes.get(ids[i] ?? "") ?? newNode(tree, i, ids[i] ?? "");
    nodes.set(node.id, node);
    addSpan(node, tree, i, isBelowItself(i, callers, ids));
    if (caller >= 0 && ids[caller] !== node.id) addCall(edges, ids[caller] ?? "", node.id);
  }
  return { nodes: [...nodes.values()], edges: [...edges.values()] };
}

function isShown({ columns }: SpanTree, position: number): boolean {
  return parseKind(columns.kind[position] ?? "") !== "internal" || columns.depth[position] === 0;
}

function nodeId({ columns }: SpanTree, position: number): string {
  const kind = parseKind(columns.kind[position] ?? "");
  const isModel = kind === "llm" || kind === "embedding";
  return `${kind} ${(isModel && columns.model[position]) || columns.name[position] || "(no name)"}`;
}

function newNode({ columns }: SpanTree, position: number, id: string): GraphNode {
  const kind = parseKind(columns.kind[position] ?? "");
  const label = id.slice(kind.length + 1);
  return { id, kind, label, calls: 0, errors: 0, tokens: 0, usd: 0, durationNs: 0, position };
}

function addSpan(node: GraphNode, { columns }: SpanTree, i: number, nested: boolean): void {
  node.calls += 1;
  if (hasFailed(columns, i)) {
    if (node.errors === 0) node.position = i;
    node.errors += 1;
  }
  if (nested) return;
  node.tokens += columns.subtree_tokens[i] ?? 0;
  node.usd += Number(columns.subtree_cost_usd[i] ?? 0);
  node.durationNs += columns.duration_ns[i] ?? 0;
}

function isBelowItself(position: number, callers: Int32Array, ids: readonly string[]): boolean {
  for (let i = callers[position] ?? -1; i >= 0; i = callers[i] ?? -1) {
    if (ids[i] === ids[position]) return true;
  }
  return false;
}

function addCall(edges: Map<string, GraphEdge>, from: string, to: string): void {
  const key = `${from}\n${to}`;
  const edge = edges.get(key) ?? { from, to, calls: 0 };
  edge.calls += 1;
  edges.set(key, edge);
}
