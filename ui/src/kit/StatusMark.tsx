import type { TraceSummary } from "@/api/schema";
import { CheckIcon, ErrorIcon, RunningIcon } from "./icons";

/** How something ended, by shape and colour. */
export function StatusMark({ status, running = false, size = 15 }: { status: TraceSummary["status"]; running?: boolean; size?: number }) {
  if (status === "error") {
    return <ErrorIcon size={size} color="var(--sl-error)" role="img" aria-label="Error" />;
  }
  if (running) {
    return <RunningIcon size={size} color="var(--sl-accent)" role="img" aria-label="Running: the root span has not arrived" />;
  }
  return <CheckIcon size={size} color="var(--sl-ok)" role="img" aria-label="No error" />;
}
