import { useState } from "react";
import { Button } from "@/kit/Button";
import { formatInteger } from "@/lib/format";
import classes from "./Settings.module.css";

/** Rows that a table begins with: thousands of them, each with its buttons, take a while to be drawn. */
const FIRST_ROWS = 200;

/** The first of many rows, how many are left, and what shows those. */
export function useFirst<Row>(rows: readonly Row[]): { shown: readonly Row[]; rest: number; showAll: () => void } {
  const [all, setAll] = useState(false);
  const shown = all ? rows : rows.slice(0, FIRST_ROWS);
  return { shown, rest: rows.length - shown.length, showAll: () => setAll(true) };
}

/** Below a table: the button for the rows that are not shown, if any. */
export function ShowAll({ rest, onClick }: { rest: number; onClick: () => void }) {
  if (rest === 0) return null;
  return (
    <div className={classes["more"]}>
      <Button onClick={onClick}>Show {formatInteger(rest)} more</Button>
    </div>
  );
}
