import type { AppHealth } from "@/api/schema";
import { formatShare } from "@/kit/ErrorShare";

type Health = { level: "ok" | "warn" | "error"; text: string };

/** From this share of failed traces on an app is shown as failing. */
const FAILING_SHARE = 0.05;
/** Fewer failed traces than this are no trend. */
const FEW_ERRORS = 3;
/** Slower than this many times the p95 of the period before is worth a look. */
const MUCH_SLOWER = 1.5;

/** How an app does, in a colour and in words. */
export function healthOf({ traces, errors, p95_ns, before }: AppHealth): Health {
  const share = errors / Math.max(1, traces);
  if (share >= FAILING_SHARE) return { level: "error", text: `Failing: ${formatShare(share)} of the traces failed` };
  const shareBefore = before ? before.errors / Math.max(1, before.traces) : 0;
  if (errors >= FEW_ERRORS && share > 2 * shareBefore) {
    return { level: "warn", text: `${formatShare(share)} of the traces failed, ${formatShare(shareBefore)} before` };
  }
  if (before && before.p95_ns > 0 && p95_ns > MUCH_SLOWER * before.p95_ns) {
    return { level: "warn", text: `Slower: p95 is ${(p95_ns / before.p95_ns).toFixed(1)} times that of the period before` };
  }
  return { level: "ok", text: "Healthy" };
}
