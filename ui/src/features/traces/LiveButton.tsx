import { Button } from "@/kit/Button";
import { LiveIcon } from "@/kit/icons";
import { plural } from "@/lib/format";
import classes from "./TraceList.module.css";
import type { TraceTail } from "./useTraceTail";

type ButtonProps = { live: boolean; onToggle: () => void };

/** Turns the live tail on and off. */
export function LiveButton({ live, onToggle }: ButtonProps) {
  return (
    <Button
      icon={<LiveIcon size={14} {...(live ? { color: "var(--sl-ok)" } : {})} />}
      aria-pressed={live}
      onClick={onToggle}
    >
      Live
    </Button>
  );
}

/** How the live tail is doing. */
export function LiveStatus({ tail, held }: { tail: TraceTail; held: boolean }) {
  return (
    <p className={classes["live"]} role="status" data-state={tail.state}>
      <span className={classes["dot"]} aria-hidden />
      {statusText(tail, held)}
      {tail.skipped > 0 ? ` ${plural(tail.skipped, "trace")} came too fast to be shown.` : ""}
    </p>
  );
}

function statusText({ state, waiting, traces }: TraceTail, held: boolean): string {
  if (state === "connecting") return "Connecting…";
  if (state === "lost") return "The connection is lost; trying again…";
  if (held) return waiting > 0 ? `Held while you read: ${plural(waiting, "trace")} waiting.` : "Held while you read.";
  return traces.length === 0 ? "Live: waiting for traces." : `Live: ${plural(traces.length, "trace")} so far.`;
}
