import { useVirtualizer } from "@tanstack/react-virtual";
import { type CSSProperties, memo, type ReactNode, useEffect, useRef, useState } from "react";
import { useMediaQuery } from "@/lib/mediaQuery";
import { useShortcuts } from "@/lib/shortcuts";
import { ArrowDownIcon } from "./icons";
import classes from "./VirtualTable.module.css";

const HEAD_PX = 32;
const PHONE_ROW_PX = 62;
/** The next page is asked for when this many rows are left below. */
const AHEAD_ROWS = 30;

export type TableColumn<Row> = {
  id: string;
  label: string;
  /** A track of a CSS grid. */
  width: string;
  figure?: boolean;
  dim?: boolean;
  /** The order that its heading asks for. */
  sort?: string;
  /** Where the cell stands in the two lines of a row on a phone; without it, it is left out there. */
  phone?: "1 / 1" | "1 / 2" | "2 / 1" | "2 / 2";
  cell: (row: Row) => ReactNode;
};

type TableProps<Row> = {
  label: string;
  rows: readonly Row[];
  columns: readonly TableColumn<Row>[];
  idOf: (row: Row) => string;
  /** What a row is, in words: names the keys that move between rows. */
  noun: string;
  onOpen: (row: Row) => void;
  rowPx?: number;
  minWidth?: number;
  more?: { load: () => void };
  /** The order of the rows, always the most of something first. */
  sorting?: { by: string; onSort: (by: string) => void };
};

/** A link in the cell of a row; the whole row is its target. */
export const ROW_LINK = classes["link"] ?? "";

/** Rows of which only those in view exist; j, k and enter walk through them. */
export function VirtualTable<Row>(props: TableProps<Row>) {
  const { label, rows, columns, idOf, noun, onOpen, rowPx = 40, minWidth = 900, more, sorting } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const isPhone = useMediaQuery("(max-width: 700px)");
  const headPx = isPhone ? 0 : HEAD_PX;
  const [active, setActive] = useState(-1);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => (isPhone ? PHONE_ROW_PX : rowPx),
    overscan: 10,
    scrollMargin: headPx,
    scrollPaddingStart: headPx,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => virtual.measure(), [virtual, isPhone]);
  useEffect(() => {
    if (more && last >= rows.length - AHEAD_ROWS) more.load();
  }, [more, last, rows.length]);
  const move = (step: number): void => {
    const next = Math.min(rows.length - 1, Math.max(0, active + step));
    setActive(next);
    if (next >= 0) virtual.scrollToIndex(next);
  };
  useShortcuts([
    { key: "j", label: `Next ${noun}`, run: () => move(1) },
    { key: "k", label: `Previous ${noun}`, run: () => move(-1) },
    {
      key: "Enter",
      label: `Open the ${noun}`,
      run: () => {
        const row = rows[active];
        if (row) onOpen(row);
      },
    },
  ]);
  const sizes = {
    "--tracks": columns.map(({ width }) => width).join(" "),
    "--min-width": `${minWidth}px`,
    "--row": `${isPhone ? PHONE_ROW_PX : rowPx}px`,
  } as CSSProperties;
  return (
    <div ref={scroller} className={classes["scroll"]} tabIndex={0} role="region" aria-label={label}>
      <div className={classes["table"]} style={sizes} role="table" aria-rowcount={more ? -1 : rows.length + 1}>
        <div role="rowgroup">
          <div className={classes["head"]} role="row">
            {columns.map((column) => (
              <Heading key={column.id} column={column} sorting={sorting} />
            ))}
          </div>
        </div>
        <div className={classes["body"]} role="rowgroup" style={{ height: virtual.getTotalSize() }}>
          {items.map((item) => {
            const row = rows[item.index];
            return row === undefined ? null : (
              <TableRow
                key={idOf(row)}
                row={row}
                columns={columns as readonly TableColumn<unknown>[]}
                index={item.index}
                top={item.start - headPx}
                active={item.index === active}
              />
            );
          })}
        </div>
      </div>
      {more ? <p className={classes["more"]}>Loading more…</p> : null}
    </div>
  );
}

type HeadingProps = {
  column: { label: string; figure?: boolean; sort?: string };
  sorting: TableProps<unknown>["sorting"];
};

function Heading({ column: { label, figure, sort }, sorting }: HeadingProps) {
  const sorted = sorting !== undefined && sorting.by === sort;
  return (
    <span
      role="columnheader"
      className={figure ? classes["figure"] : undefined}
      {...(sorted ? { "aria-sort": "descending" as const } : {})}
    >
      {sorting && sort ? (
        <button type="button" className={classes["sort"]} onClick={() => sorting.onSort(sort)}>
          {label}
          {sorted ? <ArrowDownIcon size={11} aria-hidden /> : null}
        </button>
      ) : (
        label
      )}
    </span>
  );
}

type RowProps = {
  row: unknown;
  columns: readonly TableColumn<unknown>[];
  index: number;
  top: number;
  active: boolean;
};

const TableRow = memo(function TableRow({ row, columns, index, top, active }: RowProps) {
  return (
    <div
      role="row"
      className={classes["row"]}
      style={{ transform: `translateY(${top}px)` }}
      data-active={active}
      aria-rowindex={index + 2}
    >
      {columns.map(({ id, figure, dim, phone, cell }) => (
        <span
          key={id}
          role="cell"
          data-cell={id}
          className={[
            classes["cell"],
            figure && classes["figure"],
            dim && classes["dim"],
            phone ? phone.endsWith("2") && classes["end"] : classes["wide"],
          ]
            .filter(Boolean)
            .join(" ")}
          style={phone ? ({ "--place": phone } as CSSProperties) : {}}
        >
          {cell(row)}
        </span>
      ))}
    </div>
  );
});
