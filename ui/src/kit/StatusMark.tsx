import type { TraceSummary } from "@/api/schema";
import { plural } from "@/lib/format";
import { rootOf } from "@/lib/rootOf";
import { CheckIcon, ErrorIcon, RunningIcon, WarnIcon } from "./icons";

const SIZE_PX = 15;
const BLOCK = { display: "block" };

type MarkProps = { trace: Pick<TraceSummary, "status" | "running" | "start_time" | "error_count"> };

/** How a trace ended, by shape and colour. A root that ended well does not hide the errors below it. */
export function StatusMark({ trace }: MarkProps) {
  const [Icon, color, label] = markOf(trace);
  return <Icon size={SIZE_PX} color={color} role="img" aria-label={label} style={BLOCK} />;
}

function markOf(trace: MarkProps["trace"]) {
  const errors = trace.error_count;
  const root = rootOf(trace);
  if (trace.status === "error") return [ErrorIcon, "var(--sl-error)", "Error"] as const;
  if (errors > 0) return [WarnIcon, "var(--sl-warn)", `${plural(errors, "error")} below the root`] as const;
  if (root === "awaited") return [RunningIcon, "var(--sl-accent)", "Running: the root span has not arrived"] as const;
  if (root === "missing") return [CheckIcon, "var(--sl-faint)", "No error; the root span never arrived"] as const;
  return [CheckIcon, "var(--sl-ok)", "No error"] as const;
}
