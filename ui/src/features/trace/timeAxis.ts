/** The part of the trace that the time axis shows, from the start of the trace. */
export type TimeWindow = { startNs: number; lengthNs: number };

/** Where a bar is drawn, as shares of the axis; null for a span outside of the window, which is then on `side`. */
type Placed = { left: number; right: number; side: "left" | "right" | null };

/** Places a span in the window; what lies outside of it is cut off. */
export function placeSpan({ startNs, lengthNs }: TimeWindow, offsetNs: number, durationNs: number): Placed {
  const left = (offsetNs - startNs) / lengthNs;
  const right = left + durationNs / lengthNs;
  if (right < 0) return { left: 0, right: 0, side: "left" };
  if (left > 1) return { left: 1, right: 1, side: "right" };
  return { left: Math.max(0, left), right: Math.min(1, right), side: null };
}

const WANTED_TICKS = 4;
/** Steps that people count in, in nanoseconds: 1–2–5 below a minute, then minutes and hours. */
const MINUTE_NS = 60e9;
const LONG_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440].map((minutes) => minutes * MINUTE_NS);

/** Round offsets from zero up to, but not at, the end, about four of them. */
export function axisTicks(totalNs: number): number[] {
  const rough = totalNs / WANTED_TICKS;
  const step = rough > 30e9 ? (LONG_STEPS.find((long) => long >= rough) ?? rough) : roundStep(rough);
  const ticks: number[] = [];
  for (let ns = 0; ns < totalNs * 0.96; ns += step) ticks.push(ns);
  return ticks;
}

function roundStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(rough, 1)));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= rough) ?? rough;
}
