import type { ReactNode } from "react";
import classes from "./MoreNote.module.css";

/** Beside a list that the server has cut: which rows these are. */
export function MoreNote({ more, children }: { more: boolean | undefined; children: ReactNode }) {
  return more ? (
    <p className={classes["note"]} role="status">
      {children}
    </p>
  ) : null;
}
