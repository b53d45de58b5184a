import { describe, expect, it } from "vitest";
import { ancestorsOf, buildSpanTree, causePosition, visiblePositions } from "./spanTree";
import { columnsOf, type Row } from "./testColumns";

const CHAIN = [
  { id: "root", depth: 0, spans: 5, status: "error", failure: "exception", propagated: true },
  { id: "step", parent: "root", depth: 1, spans: 2 },
  { id: "call", parent: "step", depth: 2, tokens: 7, usd: "0.002", costState: "priced" },
  { id: "tool", parent: "root", depth: 1, status: "error", failure: "tool_error" },
  { id: "late", parent: "root", depth: 1, tokens: 3, costState: "unpriced" },
] satisfies Row[];

describe("buildSpanTree", () => {
  it("rolls estimated calls up to every ancestor", () => {
    const root = { id: "root", depth: 0, spans: 3 };
    const call = { id: "call", parent: "root", depth: 1, costState: "estimated", spans: 1 };
    const { estimatedCalls } = buildSpanTree(columnsOf([root, call, { ...call, id: "other", costState: "priced" }]));
    expect([...estimatedCalls]).toEqual([1, 1, 0]);
  });

  it("rolls unpriced calls and errors up to every ancestor", () => {
    const tree = buildSpanTree(columnsOf(CHAIN));
    expect([...tree.unpricedCalls]).toEqual([1, 0, 0, 0, 1]);
    expect([...tree.failuresBelow]).toEqual([1, 0, 0, 0, 0]);
    expect(tree.spanOfTimeNs).toBe(45);
  });

  it("leaves calls that another span recorded, too, out of what has no price", () => {
    const outer = { id: "outer", depth: 0, costState: "unpriced", counted: false, spans: 2 };
    const tree = buildSpanTree(columnsOf([outer, { id: "inner", parent: "outer", depth: 1, costState: "unpriced" }]));
    expect(tree.unpricedCalls[0]).toBe(1);
    expect(tree.estimatedCalls[0]).toBe(0);
  });

  it("survives a parent that names itself", () => {
    const tree = buildSpanTree(columnsOf([{ id: "a", parent: "a", depth: 0, tokens: 2 }]));
    expect(ancestorsOf(tree, 0)).toEqual([]);
  });

  it("keeps the time axis of the whole trace while only a part of it is loaded", () => {
    expect(buildSpanTree(columnsOf(CHAIN.slice(0, 2)), 1_000).spanOfTimeNs).toBe(1_000);
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

  it("is not a first try that somebody above it got over", () => {
    const root = { id: "root", depth: 0, spans: 4, status: "error", failure: "exception" } as const;
    const step = { id: "step", parent: "root", depth: 1, spans: 2 };
    const firstTry = { id: "first try", parent: "step", depth: 2, status: "error", failure: "rate_limit" } as const;
    const parser = { id: "parser", parent: "root", depth: 1, status: "error", failure: "exception" } as const;
    expect(causePosition(buildSpanTree(columnsOf([root, step, firstTry, parser])))).toBe(3);
    // Where what is between does not say whether it failed, the deepest tells most.
    expect(causePosition(buildSpanTree(columnsOf([root, step, firstTry])))).toBe(2);
  });

  it("finds none in a healthy trace", () => {
    expect(causePosition(buildSpanTree(columnsOf([{ id: "a", depth: 0 }])))).toBeUndefined();
  });
});
