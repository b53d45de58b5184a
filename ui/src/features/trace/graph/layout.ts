import { Graph, layout } from "@dagrejs/dagre";
import type { AgentGraphData } from "./agentGraph";

export const NODE_WIDTH = 196;
export const NODE_HEIGHT = 58;

export type Point = { x: number; y: number };
type PlacedEdge = { points: readonly Point[] };

/** Where nodes (their centres) and edges lie, in the order they were given, and how large the whole is. */
export type GraphLayout = {
  nodes: readonly Point[];
  edges: readonly PlacedEdge[];
  width: number;
  height: number;
};

/** Lays the graph out in ranks from callers on the left to called on the right: fan-outs are wide, chains short. */
export function layOut({ nodes, edges }: AgentGraphData): GraphLayout {
  const graph = new Graph();
  graph.setGraph({ rankdir: "LR", nodesep: 18, ranksep: 72, marginx: 20, marginy: 24 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id } of nodes) graph.setNode(id, { width: NODE_WIDTH, height: NODE_HEIGHT });
  for (const { from, to } of edges) graph.setEdge(from, to, {});
  layout(graph);
  const size = graph.graph() as { width?: number; height?: number };
  return {
    nodes: nodes.map(({ id }) => pointOf(graph.node(id))),
    edges: edges.map(({ from, to }) => ({ points: (graph.edge(from, to).points ?? []).map(pointOf) })),
    width: size.width ?? 0,
    height: size.height ?? 0,
  };
}

function pointOf({ x, y }: { x?: number; y?: number }): Point {
  return { x: x ?? 0, y: y ?? 0 };
}
