import { describe, expect, it } from "vitest";
import { snoozedUntil, splitAddresses, splitTimes, tracesBehind } from "./incidentEvents";

const at = "2026-11-26T14:00:00Z";
const event = (kind: string, text: string) => ({ at, kind, text });

it("leads from an incident to when its traces ran, as its messages do", () => {
  const query_url = "http://page/traces?start=2026-11-20T10%3A00%3A00Z&end=2026-11-20T11%3A01%3A00Z&q=trace%3Aa";
  const search = { start: "2026-11-20T10:00:00Z", end: "2026-11-20T11:01:00Z", q: "trace:a" };
  expect(tracesBehind({ query_url })).toEqual(search);
});

it("opens the pages that a runbook names, and nothing else", () => {
  expect(splitAddresses("See https://wiki/on-call?a=1&b=2. Not javascript:alert(1)")).toEqual([
    { words: "See ", isAddress: false },
    { words: "https://wiki/on-call?a=1&b=2", isAddress: true },
    { words: ". Not javascript:alert(1)", isAddress: false },
  ]);
});

describe("what was noted on an incident", () => {
  it("has its times apart from its words", () => {
    expect(splitTimes("until 2026-11-26T15:00+00:00 by ann")).toEqual([
      { words: "until ", isTime: false },
      { words: "2026-11-26T15:00+00:00", isTime: true },
      { words: " by ann", isTime: false },
    ]);
    expect(splitTimes("trigger")).toEqual([{ words: "trigger", isTime: false }]);
  });

  it("says until when it is snoozed, by the last word on it", () => {
    const timeline = [
      event("snoozed", "until 2026-11-27T14:00+00:00 by ann"),
      event("snoozed", "until 2026-11-26T15:00+00:00 by bob"),
      event("raised", "at or above the alert line"),
    ];
    expect(snoozedUntil(timeline, new Date("2026-11-26T14:59:00Z"))).toBe("2026-11-26T15:00+00:00");
    expect(snoozedUntil(timeline, new Date("2026-11-26T15:01:00Z"))).toBeNull();
    expect(snoozedUntil([], new Date(at))).toBeNull();
  });
});
