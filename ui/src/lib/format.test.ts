import { describe, expect, it } from "vitest";
import { formatCount, formatDuration, formatNames, formatRate, formatUsd, isCutPreview, plural } from "./format";

describe("formatDuration", () => {
  it.each([
    [0, "0 ms"],
    [480_000, "480 µs"],
    [999_499, "999 µs"],
    [999_500, "1.00 ms"],
    [32_100_000, "32.1 ms"],
    [999_600_000, "1.00 s"],
    [1_840_000_000, "1.84 s"],
    [59_960_000_000, "1m 00s"],
    [192_000_000_000, "3m 12s"],
    [7_500_000_000_000, "2h 05m"],
  ])("shows %d ns as %s", (ns, text) => {
    expect(formatDuration(ns)).toBe(text);
  });
});

describe("formatNames", () => {
  it.each([
    [["ann", "bob"], 2, "ann, bob"],
    [["ann", "bob"], 1_005, "ann, bob and 1,003 more"],
  ])("of %j, %d in all, says %s", (names, count, text) => {
    expect(formatNames(names, count)).toBe(text);
  });
});

describe("formatUsd", () => {
  it.each([
    ["0", "$0"],
    ["0.00001695", "$0.0000169"],
    ["0.5", "$0.50"],
    ["1234.5", "$1,234.50"],
    ["-0.25", "-$0.25"],
  ])("shows %s as %s", (usd, text) => {
    expect(formatUsd(usd)).toBe(text);
  });

  it("never shows a cost that is not zero as zero", () => {
    for (let exponent = 1; exponent <= 12; exponent++) {
      expect(Number(formatUsd(`1e-${exponent}`).slice(1))).toBeGreaterThan(0);
    }
  });
});

describe("formatCount", () => {
  it("rounds up into the next unit instead of showing a thousand thousands", () => {
    expect(formatCount(999)).toBe("999");
    expect(formatCount(999_499)).toBe("999k");
    expect(formatCount(999_500)).toBe("1.00M");
  });
});

describe("plural", () => {
  it("names one thing and several", () => {
    expect(plural(1, "span")).toBe("1 span");
    expect(plural(1_200, "span")).toBe("1,200 spans");
  });
});

describe("isCutPreview", () => {
  it("knows a preview that is as long as one can be, less white space at its end", () => {
    expect([isCutPreview("x".repeat(299)), isCutPreview("Where is my order?")]).toEqual([true, false]);
  });
});

describe("formatRate", () => {
  it.each([
    [25, "25/s"],
    [0.2, "12/min"],
    [3.4 / 3600, "3.4/h"],
    [1 / 86_400, "1.0/d"],
    [0.5 / 86_400, "0.5/d"],
  ])("shows %d a second as %s", (perSecond, text) => {
    expect(formatRate(perSecond)).toBe(text);
  });
});
