import type { ReactNode } from "react";
import classes from "./Costs.module.css";

type FigureProps = { label: string; value: string; exact?: string | null; warn?: boolean; wide?: boolean; children?: ReactNode };

/** One figure with its name, and the exact amount on hover. */
export function Figure({ label, value, exact, warn, wide, children }: FigureProps) {
  return (
    <section className={`${classes["figure"]} ${wide ? classes["wide"] : ""}`} aria-label={label}>
      <p className={classes["label"]}>{label}</p>
      <p className={`${classes["value"]} ${warn ? classes["warn"] : ""}`} {...(exact ? { title: `$${exact}` } : {})}>
        {value}
      </p>
      {children ? <p className={classes["note"]}>{children}</p> : null}
    </section>
  );
}
