import { describe, expect, it } from "vitest";
import type { CostSummary, HistogramBucket } from "@/api/schema";
import { rangeOfBuckets, shapeOf, totalsOf, widerRange } from "./histogramShape";

const NO_COST: CostSummary = { usd: null, state: "none", unpriced_calls: 0 };

function at(time: string): number {
  return Date.parse(`2026-09-21T${time}:00Z`);
}

function bucket(start: string, figures: Partial<HistogramBucket> = {}): HistogramBucket {
  return { start, traces: 0, errors: 0, p50_ns: 0, p95_ns: 0, tokens: 0, cost: NO_COST, sampled: false, ...figures };
}

const BUCKETS = [
  bucket("2026-09-21T10:00:00Z", { traces: 4, errors: 1, p50_ns: 10, p95_ns: 1_000_000, cost: { ...NO_COST, usd: "0.5", state: "priced" } }),
  bucket("2026-09-21T10:10:00Z"),
  bucket("2026-09-21T10:20:00Z", { traces: 8, errors: 8, p50_ns: 5, p95_ns: 2_000_000 }),
];
const HISTOGRAM = { start: "2026-09-21T10:04:00Z", end: "2026-09-21T10:29:00Z", bucket_s: 600, buckets: BUCKETS };

describe("shapeOf", () => {
  it("draws few errors among few traces as a part of them beside a much fuller bucket", () => {
    const { bars } = shapeOf([bucket("", { traces: 1000 }), bucket("", { traces: 5, errors: 1 }), bucket("", { traces: 1, errors: 1 })], "traces");
    const [, some, one] = bars;
    expect(some?.foot).toBeGreaterThan(0.02);
    expect(some?.height).toBeGreaterThan((some?.foot ?? 1) + 0.02);
    expect(one).toEqual({ height: one?.foot, foot: one?.foot });
  });

  it("draws errors as a part of the traces, against the fullest bucket", () => {
    const { bars, top } = shapeOf(BUCKETS, "traces");
    expect(bars).toEqual([
      { height: 0.5, foot: 0.125 },
      { height: 0, foot: 0 },
      { height: 1, foot: 1 },
    ]);
    expect(top).toBe("8");
  });

  it("draws unknown cost as none, and names the highest bar", () => {
    expect(shapeOf(BUCKETS, "cost").bars.map(({ height }) => height)).toEqual([1, 0, 0]);
    expect(shapeOf(BUCKETS, "latency").top).toBe("2.00 ms");
  });

  it("has no top without anything to show", () => {
    expect(shapeOf([bucket("2026-09-21T10:00:00Z")], "traces").top).toBe("");
  });
});

describe("ranges", () => {
  it("reach from the start of the first bucket to the end of the last, whichever way one drags", () => {
    const histogram = { ...HISTOGRAM, buckets: [...BUCKETS, bucket("2026-09-21T10:30:00Z")] };
    const range = { start: "2026-09-21T10:10:00.000Z", end: "2026-09-21T10:30:00.000Z" };
    expect(rangeOfBuckets(histogram, 1, 2)).toEqual(range);
    expect(rangeOfBuckets(histogram, 2, 1)).toEqual(range);
  });

  it("reach no further than what the first and the last bucket count", () => {
    expect(rangeOfBuckets(HISTOGRAM, 0, 0)).toEqual({ start: "2026-09-21T10:04:00Z", end: "2026-09-21T10:10:00.000Z" });
    expect(rangeOfBuckets(HISTOGRAM, 2, 1)).toEqual({ start: "2026-09-21T10:10:00.000Z", end: "2026-09-21T10:29:00Z" });
  });

  it("double around their middle, not beyond now", () => {
    expect(widerRange(at("10:00"), at("12:00"), at("20:00"))).toEqual({
      start: "2026-09-21T09:00:00.000Z",
      end: "2026-09-21T13:00:00.000Z",
    });
    expect(widerRange(at("10:00"), at("12:00"), at("12:30")).end).toBe("2026-09-21T12:30:00.000Z");
  });
});

it("totalsOf sums traces and errors, and says whether sampled ones are among them", () => {
  expect(totalsOf(BUCKETS)).toEqual({ traces: 12, errors: 9, sampled: false });
  expect(totalsOf([...BUCKETS, bucket("", { traces: 10, sampled: true })])).toEqual({ traces: 22, errors: 9, sampled: true });
});
