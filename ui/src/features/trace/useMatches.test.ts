import { describe, expect, it } from "vitest";
import { buildSpanTree } from "./spanTree";
import { columnsOf } from "./testColumns";
import { matchesOnScreen, nextMatch } from "./useMatches";

const TREE = buildSpanTree(
  columnsOf([
    { id: "a", name: "Plan", depth: 0 },
    { id: "b", name: "chat", model: "gpt-4o", depth: 0 },
    { id: "c", name: "find", kind: "tool", depth: 0, status: "error" },
  ]),
);

describe("matchesOnScreen", () => {
  it.each([
    ["plan", [0]],
    ["GPT", [1]],
    ["tool", [2]],
    ["error", [2]],
    ["nothing", []],
  ])("finds %s in names, models, kinds and how spans ended", (text, found) => {
    expect(matchesOnScreen(TREE, text)).toEqual(found);
  });
});

describe("nextMatch", () => {
  it("goes around at both ends", () => {
    expect(nextMatch([2, 5, 9], 5, 1)).toBe(9);
    expect(nextMatch([2, 5, 9], 9, 1)).toBe(2);
    expect(nextMatch([2, 5, 9], 2, -1)).toBe(9);
    expect(nextMatch([], 2, 1)).toBeUndefined();
  });
});
