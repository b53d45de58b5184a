import { describe, expect, it } from "vitest";
import type { DiffStep } from "@/api/schema";
import { foldEqual } from "./foldEqual";
import { parseCompareSearch } from "./search";
import { differingSteps, nextDifference } from "./steps";

function step(depth: number, outcome: DiffStep["outcome"]): DiffStep {
  return { depth, outcome, changes: [], left: null, right: null, delta: { duration_ns: 0, tokens: 0, cost_usd: null } };
}

const STEPS = [
  step(0, "same"),
  step(1, "same"),
  step(2, "same"),
  step(1, "same"),
  step(2, "changed"),
  step(2, "same"),
  step(1, "right"),
];

describe("differingSteps", () => {
  it("keeps steps that differ and those above them", () => {
    expect(differingSteps(STEPS)).toEqual([STEPS[0], STEPS[3], STEPS[4], STEPS[6]]);
  });

  it("is empty for two equal traces", () => {
    expect(differingSteps(STEPS.slice(0, 4))).toEqual([]);
  });
});

describe("nextDifference", () => {
  it("goes around at both ends", () => {
    expect(nextDifference(STEPS, -1, 1)).toBe(4);
    expect(nextDifference(STEPS, 6, 1)).toBe(4);
    expect(nextDifference(STEPS, 4, -1)).toBe(6);
    expect(nextDifference(STEPS.slice(0, 3), 0, 1)).toBeUndefined();
  });
});

describe("foldEqual", () => {
  const text = Array.from({ length: 20 }, (_, line) => `line ${line}`).join("\n");
  it("keeps lines beside the changes on both ends", () => {
    const folded = foldEqual(text, { isFirst: false, isLast: false });
    expect(folded).toEqual({ before: "line 0\nline 1\nline 2\n", lines: 14, after: "\nline 17\nline 18\nline 19" });
  });

  it("leaves short texts alone", () => {
    expect(foldEqual("a\nb\nc", { isFirst: false, isLast: false })).toBeNull();
  });
});

describe("parseCompareSearch", () => {
  it("takes ids in any letter case and drops what is none", () => {
    const left = "AB".repeat(16);
    expect(parseCompareSearch({ left, right: "javascript:x", step: "a1.", only: true })).toEqual({
      left: left.toLowerCase(),
      step: "a1.",
      only: true,
    });
  });
});
