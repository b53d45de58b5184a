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
