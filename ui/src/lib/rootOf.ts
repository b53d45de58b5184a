/** A root that has not come by now will not come while somebody waits. */
const COMES_WITHIN_MS = 3_600_000;
/** Other processes send their part after the root has ended: exporters wait for a batch, and try again. */
const LATE_WITHIN_MS = 60_000;

/** Whether the root span of a trace is there, may still come, or will not: whoever should have sent it is not instrumented. */
type RootState = "here" | "awaited" | "missing";

/** The state of the root of a trace, as it is now. */
export function rootOf({ running, start_time }: { running: boolean; start_time: string }, nowMs = Date.now()): RootState {
  if (!running) return "here";
  return nowMs - Date.parse(start_time) < COMES_WITHIN_MS ? "awaited" : "missing";
}

/** Whether a trace, or a span, ended so lately that more of it may be on its way. */
export function endedLately({ start_time, duration_ns }: { start_time: string; duration_ns: number }, nowMs = Date.now()): boolean {
  return Math.abs(nowMs - Date.parse(start_time) - duration_ns / 1e6) < LATE_WITHIN_MS;
}
