import { memo, useEffect, useRef } from "react";
import { ArrowDownIcon, ArrowUpIcon } from "../icons";
import { directionOf, type Sorting, type TableColumn } from "./columns";
import classes from "./VirtualTable.module.css";

type Column = Omit<TableColumn<never>, "cell">;

/** The heading pressed last. Its table is made anew with the answer, and would lose the focus. */
let pressed = "";

/** The names of the columns; those that the rows can be sorted by are buttons. */
export const TableHead = memo(function TableHead({ columns, sorting }: { columns: readonly Column[]; sorting?: Sorting }) {
  const head = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const buttons = [...(head.current?.querySelectorAll("button") ?? [])];
    if (document.activeElement === document.body) buttons.find(({ value }) => value === pressed)?.focus();
    pressed = "";
  }, []);
  return (
    <div role="rowgroup" ref={head}>
      <div className={classes["head"]} role="row">
        {columns.map((column) => (
          <Heading key={column.id} column={column} {...(sorting ? { sorting } : {})} />
        ))}
      </div>
    </div>
  );
});

function Heading({ column, sorting }: { column: Column; sorting?: Sorting }) {
  const { label, hideLabel, figure, sort } = column;
  const direction = directionOf(column, sorting?.by);
  return (
    <span
      role="columnheader"
      className={figure ? classes["figure"] : undefined}
      {...(direction ? { "aria-sort": direction } : {})}
    >
      {sorting && sort ? (
        <button
          type="button"
          value={column.id}
          className={classes["sort"]}
          onClick={() => {
            pressed = column.id;
            sorting.onSort(sorting.reversible && direction === "descending" ? sort.slice(1) : sort);
          }}
        >
          {label}
          {direction === "descending" ? <ArrowDownIcon size={12} aria-hidden /> : null}
          {direction === "ascending" ? <ArrowUpIcon size={12} aria-hidden /> : null}
        </button>
      ) : (
        <span className={hideLabel ? "visually-hidden" : undefined}>{label}</span>
      )}
    </span>
  );
}
