import type { TraceSummary } from "@/api/schema";
import { plural } from "@/lib/format";
import { CheckIcon, ErrorIcon, RunningIcon, WarnIcon } from "./icons";

const SIZE_PX = 15;
const BLOCK = { display: "block" };

type MarkProps = { status: TraceSummary["status"]; running: boolean; errors: number };

/** How a trace ended, by shape and colour. A root that ended well does not hide the errors below it. */
export function StatusMark({ status, running, errors }: MarkProps) {
  const [Icon, color, label] = markOf(status, running, errors);
  return <Icon size={SIZE_PX} color={color} role="img" aria-label={label} style={BLOCK} />;
}

function markOf(status: MarkProps["status"], running: boolean, errors: number) {
  if (status === "error") return [ErrorIcon, "var(--sl-error)", "Error"] as const;
  if (errors > 0) return [WarnIcon, "var(--sl-warn)", `${plural(errors, "error")} below the root`] as const;
  if (running) return [RunningIcon, "var(--sl-accent)", "Running: the root span has not arrived"] as const;
  return [CheckIcon, "var(--sl-ok)", "No error"] as const;
}
