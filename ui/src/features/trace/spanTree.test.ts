import { describe, expect, it } from "vitest";
import type { SpanColumns } from "@/api/schema";
import { ancestorsOf, buildSpanTree, causePosition, visiblePositions } from "./spanTree";

type Row = {
  id: string;
  parent?: string;
  depth: number;
  status?: "ok" | "error" | "unset";
  tokens?: number;
  usd?: string | null;
  costState?: string;
  counted?: boolean;
  failure?: string;
  propagated?: boolean;
};

function columnsOf(rows: readonly Row[]): SpanColumns {
  const column = <T>(read: (row: Row, position: number) => T): T[] => rows.map(read);
  return {
    span_id: column((row) => row.id),
    parent_span_id: column((row) => row.parent ?? ""),
    depth: column((row) => row.depth),
    name: column((row) => row.id),
    kind: column(() => "llm"),
    status: column((row) => row.status ?? "ok"),
    start_offset_ns: column((_, position) => position * 10),
    duration_ns: column(() => 5),
    self_time_ns: column(() => 5),
    time_to_first_token_ns: column(() => 0),
    model: column(() => ""),
    provider: column(() => ""),
    input_tokens: column((row) => row.tokens ?? 0),
    output_tokens: column(() => 0),
    cost_usd: column((row) => row.usd ?? null),
    cost_state: column((row) => row.costState ?? "none"),
    counted: column((row) => row.counted ?? true),
    failure_category: column((row) => row.failure ?? ""),
    failure_propagated: column((row) => row.propagated ?? false),
    guardrail_outcome: column(() => ""),
    cache_hit: column(() => null),
    orphan: column(() => false),
    marks: column(() => []),
    clock_skew_ns: column(() => 0),
    critical: column(() => false),
    subtree_spans: column(() => 1),
    subtree_tokens: column((row) => row.tokens ?? 0),
    subtree_cost_usd: column((row) => row.usd ?? null),
  };
}

const CHAIN = [
  { id: "root", depth: 0, status: "error", failure: "exception", propagated: true },
  { id: "step", parent: "root", depth: 1 },
  { id: "call", parent: "step", depth: 2, tokens: 7, usd: "0.002", costState: "priced" },
  { id: "tool", parent: "root", depth: 1, status: "error", failure: "tool_error" },
  { id: "late", parent: "root", depth: 1, tokens: 3, costState: "unpriced" },
] satisfies Row[];

describe("buildSpanTree", () => {
  it("rolls tokens, cost, unpriced calls and errors up to every ancestor", () => {
    const tree = buildSpanTree(columnsOf(CHAIN));
    expect([...tree.totalTokens]).toEqual([10, 7, 7, 0, 3]);
    expect([...tree.totalUsd]).toEqual([0.002, 0.002, 0.002, 0, 0]);
    expect([...tree.unpricedCalls]).toEqual([1, 0, 0, 0, 1]);
    expect([...tree.errorsBelow]).toEqual([1, 0, 0, 0, 0]);
    expect(tree.spanOfTimeNs).toBe(45);
  });

  it("leaves calls that another span recorded, too, out of every sum", () => {
    const tree = buildSpanTree(
      columnsOf([
        { id: "outer", depth: 0, tokens: 5, usd: "1", counted: false },
        { id: "inner", parent: "outer", depth: 1, tokens: 5, usd: "1" },
      ]),
    );
    expect(tree.totalTokens[0]).toBe(5);
    expect(tree.totalUsd[0]).toBe(1);
  });

  it("survives a parent that names itself", () => {
    const tree = buildSpanTree(columnsOf([{ id: "a", parent: "a", depth: 0, tokens: 2 }]));
    expect(tree.totalTokens[0]).toBe(2);
    expect(ancestorsOf(tree, 0)).toEqual([]);
  });
});

describe("visiblePositions", () => {
  it("hides the whole subtree of a collapsed span and nothing else", () => {
    const tree = buildSpanTree(columnsOf(CHAIN));
    expect(visiblePositions(tree, new Set())).toEqual([0, 1, 2, 3, 4]);
    expect(visiblePositions(tree, new Set([1]))).toEqual([0, 1, 3, 4]);
    expect(visiblePositions(tree, new Set([0]))).toEqual([0]);
  });
});

describe("causePosition", () => {
  it("finds the deepest failure that no deeper span explains", () => {
    expect(causePosition(buildSpanTree(columnsOf(CHAIN)))).toBe(3);
  });

  it("finds none in a healthy trace", () => {
    expect(causePosition(buildSpanTree(columnsOf([{ id: "a", depth: 0 }])))).toBeUndefined();
  });
});
