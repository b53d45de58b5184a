import { memo } from "react";
import type { TraceSort } from "@/api/traceList";
import { ArrowDownIcon, ArrowUpIcon } from "@/kit/icons";
import type { Column, SortKey } from "./columns";
import classes from "./TraceTable.module.css";

type HeadProps = { columns: readonly Column[]; sort: TraceSort; onSort: (sort: TraceSort) => void };

/** The names of the columns; those that the server can sort by are buttons. */
export const TraceTableHead = memo(function TraceTableHead({ columns, sort, onSort }: HeadProps) {
  return (
    <div role="rowgroup">
      <div className={classes["head"]} role="row">
        <span role="columnheader">
          <span className="visually-hidden">Status</span>
        </span>
        <span role="columnheader">Name</span>
        {columns.map((column) => {
          const direction = column.sort ? directionOf(column.sort, sort) : undefined;
          return (
            <span
              key={column.id}
              role="columnheader"
              className={column.look === "figure" ? classes["figure"] : undefined}
              {...(direction ? { "aria-sort": direction } : {})}
            >
              {column.sort ? (
                <SortButton label={column.label} by={column.sort} sort={sort} onSort={onSort} />
              ) : (
                column.label
              )}
            </span>
          );
        })}
      </div>
    </div>
  );
});

type SortProps = { label: string; by: SortKey; sort: TraceSort; onSort: (sort: TraceSort) => void };

function SortButton({ label, by, sort, onSort }: SortProps) {
  const direction = directionOf(by, sort);
  // The largest and the newest are what one looks for first.
  const next: TraceSort = direction === "descending" ? by : `-${by}`;
  return (
    <button type="button" className={classes["sort"]} onClick={() => onSort(next)}>
      {label}
      {direction === "descending" ? <ArrowDownIcon size={12} aria-hidden /> : null}
      {direction === "ascending" ? <ArrowUpIcon size={12} aria-hidden /> : null}
    </button>
  );
}

function directionOf(by: SortKey, sort: TraceSort): "ascending" | "descending" | undefined {
  if (sort === by) return "ascending";
  return sort === `-${by}` ? "descending" : undefined;
}
