import { useVirtualizer } from "@tanstack/react-virtual";
import { type CSSProperties, useEffect, useRef, useState } from "react";
import { useFocusOnceDrawn } from "@/lib/focusOnceDrawn";
import { keepPlace, rememberedPlace, scrollOnceHighEnough } from "@/lib/listPlace";
import { useMediaQuery } from "@/lib/mediaQuery";
import { PRINTED_ROWS, useIsPrinted } from "@/lib/paper";
import { useShortcuts } from "@/lib/shortcuts";
import { tellWhatIsPointedAt } from "./rowTitle";
import type { Sorting, TableColumn } from "./columns";
import { TableHead } from "./TableHead";
import { TableRow } from "./TableRow";
import classes from "./VirtualTable.module.css";

const HEAD_PX = 32;
const ON_A_PHONE = { rowPx: 62, tracks: "minmax(0, 1fr) auto" };
/** The next page is asked for when this many rows are left below. */
const AHEAD_ROWS = 60;

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
  /** The grid of a row on a phone; `sideways`: all columns, and the table is scrolled. */
  phone?: { rowPx: number; tracks: string } | "sideways";
  more?: { load: () => void };
  sorting?: Sorting;
  /** Names the list; its place is found again when the same list is shown next. */
  placeKey?: string;
  /** Told which row the keys are at. */
  onActive?: (id: string) => void;
  /** Told when somebody is reading the rows, so that none should move. */
  onHold?: (held: boolean) => void;
};

/** Rows of which only those in view exist; j, k and enter walk through them. */
export function VirtualTable<Row>(props: TableProps<Row>) {
  const { label, rows, columns, idOf, rowPx = 40, minWidth = 900, phone = ON_A_PHONE, more, sorting, onHold } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const isNarrow = useMediaQuery("(max-width: 700px)");
  const isPrinted = useIsPrinted();
  const stacked = isNarrow && phone !== "sideways" ? phone : null;
  const headPx = stacked ? 0 : HEAD_PX;
  const heightPx = stacked ? stacked.rowPx : rowPx;
  const [place] = useState(() => (props.placeKey === undefined ? undefined : rememberedPlace(props.placeKey)));
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => heightPx,
    overscan: isPrinted ? PRINTED_ROWS : 10,
    scrollMargin: headPx,
    scrollPaddingStart: headPx,
    initialOffset: place?.offset ?? 0,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => virtual.measure(), [virtual, heightPx]);
  useEffect(() => {
    if (more && !isPrinted && last >= rows.length - AHEAD_ROWS) more.load();
  }, [more, isPrinted, last, rows.length]);
  const focus = useFocusOnceDrawn(scroller);
  const activeId = useActiveRow(props, {
    first: place?.activeId ?? null,
    topIndex: () => virtual.range?.startIndex ?? 0,
    scrollTo: (index) => {
      virtual.scrollToIndex(index);
      // The keys leave the button that was clicked before, or enter would press it again.
      focus("[data-active=true] a");
    },
  });
  useEffect(() => {
    const element = scroller.current;
    return element && place?.offset ? scrollOnceHighEnough(element, place.offset) : undefined;
  }, [place]);
  useEffect(() => {
    if (props.placeKey === undefined) return undefined;
    return keepPlace(props.placeKey, () => ({ offset: virtual.scrollOffset ?? 0, activeId }));
  }, [props.placeKey, virtual, activeId]);
  const isHovered = useRef(false);
  const hold = (hovered = isHovered.current): void => {
    isHovered.current = hovered;
    onHold?.(hovered || (scroller.current?.scrollTop ?? 0) > 0);
  };
  const sizes = {
    "--tracks": columns.map(({ width }) => width).join(" "),
    "--phone-tracks": stacked?.tracks,
    "--min-width": `${minWidth}px`,
    "--row": `${heightPx}px`,
  } as CSSProperties;
  return (
    <div
      ref={scroller}
      className={classes["scroll"]}
      tabIndex={0}
      role="region"
      aria-label={label}
      onPointerEnter={(event) => event.pointerType === "mouse" && hold(true)}
      onPointerLeave={() => hold(false)}
      onScroll={() => hold()}
      onPointerMove={tellWhatIsPointedAt}
    >
      <div
        className={classes["table"]}
        data-stacked={stacked !== null}
        style={sizes}
        role="table"
        aria-rowcount={more ? -1 : rows.length + 1}
      >
        <TableHead columns={columns} {...(sorting ? { sorting } : {})} />
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
                active={idOf(row) === activeId}
              />
            );
          })}
        </div>
      </div>
      {more ? <p className={classes["more"]}>Loading more…</p> : null}
    </div>
  );
}

type Walk = {
  first: string | null;
  /** The row at the upper edge, where the keys begin. */
  topIndex: () => number;
  scrollTo: (index: number) => void;
};

/** Lets the keys walk through the rows, and returns the id of the one that they are at. */
function useActiveRow<Row>(
  { rows, idOf, noun, onOpen, onActive }: TableProps<Row>,
  { first, topIndex, scrollTo }: Walk,
): string | null {
  const [activeId, setActiveId] = useState(first);
  const place = (): number => rows.findIndex((row) => idOf(row) === activeId);
  const move = (step: number): void => {
    const at = place();
    const next = at < 0 ? topIndex() : Math.min(rows.length - 1, Math.max(0, at + step));
    const row = rows[next];
    if (row === undefined) return;
    setActiveId(idOf(row));
    onActive?.(idOf(row));
    scrollTo(next);
  };
  useShortcuts([
    { key: "j", label: `Next ${noun}`, run: () => move(1) },
    { key: "k", label: `Previous ${noun}`, run: () => move(-1) },
    {
      key: "Enter",
      label: `Open the ${noun}`,
      run: () => {
        const row = rows[place()];
        if (row !== undefined) onOpen(row);
      },
    },
  ]);
  return activeId;
}
