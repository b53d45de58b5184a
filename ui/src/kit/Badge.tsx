import type { ReactNode } from "react";
import classes from "./Badge.module.css";

export type Tone = "neutral" | "ok" | "error" | "warn" | "accent";

/** A short fact in a box; where there is no room for all of it, it ends in an ellipsis. */
export function Badge({ children, tone = "neutral", title }: { children: ReactNode; tone?: Tone; title?: string }) {
  return (
    <span className={`${classes["badge"]} ${classes[tone] ?? ""}`} title={title}>
      <span className={classes["text"]}>{children}</span>
    </span>
  );
}
