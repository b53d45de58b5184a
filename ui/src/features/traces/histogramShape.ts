import type { HistogramBucket, Histogram as TraceHistogram } from "@/api/schema";
import { formatCount, formatDuration, formatUsd } from "@/lib/format";
import type { RangeSearch } from "@/lib/timeRange";
import type { Chart } from "./charts";

/** A bar: its height from 0 to 1, and of it the part from the foot up that is set apart. */
export type Bar = { height: number; foot: number };

export type Shape = {
  bars: readonly Bar[];
  /** What a bar of full height stands for. */
  top: string;
  /** What the part set apart is, and what is above it. */
  foot: string;
  body: string;
};

/** Something is never drawn as nothing, and a part never as the whole. */
const LEAST = 0.03;

/** The buckets as bars: traces with their errors, p95 with the median, or cost. */
export function shapeOf(buckets: readonly HistogramBucket[], chart: Chart): Shape {
  switch (chart) {
    case "traces":
      return scaled(buckets, ({ traces }) => traces, ({ errors }) => errors, formatCount, "failed", "others");
    case "latency":
      return scaled(buckets, ({ p95_ns }) => p95_ns, ({ p50_ns }) => p50_ns, formatDuration, "median", "95th percentile");
    case "cost":
      return scaled(buckets, costOf, () => 0, (usd) => formatUsd(String(usd)), "", "known cost");
  }
}

function scaled(
  buckets: readonly HistogramBucket[],
  whole: (bucket: HistogramBucket) => number,
  part: (bucket: HistogramBucket) => number,
  format: (value: number) => string,
  foot: string,
  body: string,
): Shape {
  const most = Math.max(0, ...buckets.map(whole));
  const share = (value: number): number => (most === 0 ? 0 : value / most);
  return {
    bars: buckets.map((bucket) => barOf(share(whole(bucket)), share(part(bucket)))),
    top: most === 0 ? "" : format(most),
    foot,
    body,
  };
}

function barOf(whole: number, part: number): Bar {
  const foot = part > 0 ? Math.max(LEAST, part) : 0;
  if (whole <= part) return { height: foot, foot };
  return { height: Math.max(LEAST, whole, foot + (foot > 0 ? LEAST : 0)), foot };
}

function costOf({ cost }: HistogramBucket): number {
  return Number(cost.usd ?? 0);
}

/** The time from the start of one bucket to the end of another, whichever comes first, as far as it was counted. */
export function rangeOfBuckets(histogram: TraceHistogram, from: number, to: number): RangeSearch {
  const { buckets, bucket_s, start, end } = histogram;
  const [first, last] = from < to ? [from, to] : [to, from];
  const timeOf = (index: number): string => iso(Date.parse(buckets[0]?.start ?? start) + index * bucket_s * 1000);
  return {
    start: first === 0 ? start : timeOf(first),
    end: last === buckets.length - 1 ? end : timeOf(last + 1),
  };
}

/** Twice the time around the middle, not beyond now. */
export function widerRange(start: number, end: number, now: number): RangeSearch {
  const half = (end - start) / 2;
  return { start: iso(start - half), end: iso(Math.min(end + half, Math.max(now, end))) };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

/** Sums over all buckets, and whether they are estimates. */
export function totalsOf(buckets: readonly HistogramBucket[]): { traces: number; errors: number; sampled: boolean } {
  return {
    traces: buckets.reduce((sum, bucket) => sum + bucket.traces, 0),
    errors: buckets.reduce((sum, bucket) => sum + bucket.errors, 0),
    sampled: buckets.some(({ sampled }) => sampled),
  };
}
