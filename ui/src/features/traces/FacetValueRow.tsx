import { memo } from "react";
import { ExcludeIcon } from "@/kit/icons";
import { formatCount, plural } from "@/lib/format";
import classes from "./FacetSidebar.module.css";

type RowProps = {
  value: string;
  /** Null for a value of the query that was not counted. */
  traces: number | null;
  /** Whether sampled traces are among those, so that they are estimated. */
  sampled: boolean;
  /** Of the most frequent value, 0 to 1. */
  share: number;
  state: "wanted" | "excluded" | null;
  onValue: (value: string, negated: boolean) => void;
};

/** One value: a click demands it, the button beside it, or a click with alt, excludes it. */
export const FacetValueRow = memo(function FacetValueRow({ value, traces, sampled, share, state, onValue }: RowProps) {
  return (
    <li className={classes["value"]} data-state={state ?? undefined}>
      <button
        type="button"
        className={classes["take"]}
        aria-pressed={state === "wanted"}
        title={`${value}${traces === null ? "" : `: ${sampled ? "about " : ""}${plural(traces, "trace")}`}. Alt-click excludes it.`}
        onClick={(event) => onValue(value, event.altKey || state === "excluded")}
      >
        <span className={classes["bar"]} style={{ width: `${share * 100}%` }} aria-hidden />
        <span className={classes["name"]}>{value}</span>
        {traces === null ? null : <span className={classes["count"]}>{formatCount(traces)}</span>}
      </button>
      <button
        type="button"
        className={classes["exclude"]}
        aria-label={`Exclude ${value}`}
        aria-pressed={state === "excluded"}
        onClick={() => onValue(value, true)}
      >
        <ExcludeIcon size={13} aria-hidden />
      </button>
    </li>
  );
});
