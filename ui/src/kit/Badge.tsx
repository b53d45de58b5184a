import type { ReactNode } from "react";
import classes from "./Badge.module.css";

export type Tone = "neutral" | "ok" | "error" | "warn" | "accent";

/** A short fact in a box. */
export function Badge({ children, tone = "neutral", title }: { children: ReactNode; tone?: Tone; title?: string }) {
  return (
    <span className={`${classes["badge"]} ${classes[tone] ?? ""}`} title={title}>
      {children}
    </span>
  );
}
