import { describe, expect, it } from "vitest";
import { buildSpanTree } from "../spanTree";
import { columnsOf, type Row } from "../testColumns";
import { buildAgentGraph } from "./agentGraph";
import { layOut } from "./layout";

const RUN: Row[] = [
  { id: "run", kind: "workflow", depth: 0, spans: 7, tokens: 30 },
  { id: "plan", kind: "internal", parent: "run", depth: 1, spans: 2, tokens: 10 },
  { id: "a", name: "chat gpt-4o", model: "gpt-4o", parent: "plan", depth: 2, tokens: 10 },
  { id: "agent", kind: "agent", parent: "run", depth: 1, spans: 4, tokens: 20 },
  { id: "b", name: "chat gpt-4o", model: "gpt-4o", parent: "agent", depth: 2, tokens: 20 },
  { id: "t1", kind: "tool", name: "find", parent: "agent", depth: 2 },
  { id: "t2", kind: "tool", name: "find", parent: "agent", depth: 2, status: "error" },
];

describe("buildAgentGraph", () => {
  it("joins spans of one kind and name, and leaves internal steps out", () => {
    const { nodes, edges } = buildAgentGraph(buildSpanTree(columnsOf(RUN)));
    expect(nodes.map(({ id, calls, errors, tokens }) => [id, calls, errors, tokens])).toEqual([
      ["workflow run", 1, 0, 30],
      ["llm gpt-4o", 2, 0, 30],
      ["agent agent", 1, 0, 20],
      ["tool find", 2, 1, 0],
    ]);
    expect(edges.map(({ from, to, calls }) => `${from} > ${to} x${calls}`)).toEqual([
      "workflow run > llm gpt-4o x1",
      "workflow run > agent agent x1",
      "agent agent > llm gpt-4o x1",
      "agent agent > tool find x2",
    ]);
  });

  it("opens a node on its failing span", () => {
    const { nodes } = buildAgentGraph(buildSpanTree(columnsOf(RUN)));
    expect(nodes.at(-1)?.position).toBe(6);
  });

  it("counts the tokens of an agent that calls itself once", () => {
    const recursive: Row[] = [
      { id: "1", name: "researcher", kind: "agent", depth: 0, spans: 2, tokens: 9 },
      { id: "2", name: "researcher", kind: "agent", parent: "1", depth: 1, tokens: 5 },
    ];
    const { nodes, edges } = buildAgentGraph(buildSpanTree(columnsOf(recursive)));
    expect(nodes.map(({ calls, tokens }) => [calls, tokens])).toEqual([[2, 9]]);
    expect(edges).toEqual([]);
  });
});

describe("layOut", () => {
  it("places callers left of what they call", () => {
    const graph = buildAgentGraph(buildSpanTree(columnsOf(RUN)));
    const layout = layOut(graph);
    const x = (id: string): number => layout.nodes[graph.nodes.findIndex((node) => node.id === id)]?.x ?? 0;
    expect(x("workflow run")).toBeLessThan(x("agent agent"));
    expect(x("agent agent")).toBeLessThan(x("tool find"));
    expect(layout.edges.every(({ points }) => points.length > 1)).toBe(true);
  });
});
