import { useNavigate } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type CSSProperties, useEffect, useMemo, useRef, useState } from "react";
import type { TraceSummary } from "@/api/schema";
import type { TraceSort } from "@/api/traceList";
import { useMediaQuery } from "@/lib/mediaQuery";
import { usePreferences } from "@/lib/preferences";
import { useShortcuts } from "@/lib/shortcuts";
import { chosenColumns, gridOf } from "./columns";
import { rememberedPlace, rememberPlace } from "./listPlace";
import { TraceRow } from "./TraceRow";
import classes from "./TraceTable.module.css";
import { TraceTableHead } from "./TraceTableHead";

const ROW_PX = 40;
const HEAD_PX = 32;
const PHONE_ROW_PX = 76;
/** The next page is asked for when this many rows are left below. */
const AHEAD_ROWS = 60;

type TableProps = {
  /** Names the list; its place is found again when the same list is shown next. */
  listKey: string;
  traces: readonly TraceSummary[];
  hasMore: boolean;
  loadMore: () => void;
  sort: TraceSort;
  onSort: (sort: TraceSort) => void;
  /** Told when somebody is reading the rows, so that none should move. */
  onHold?: (held: boolean) => void;
};

/** Traces as virtual rows; the keyboard moves an active row. */
export function TraceTable({ listKey, traces, hasMore, loadMore, sort, onSort, onHold }: TableProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [{ traceColumns }] = usePreferences();
  const columns = useMemo(() => chosenColumns(traceColumns), [traceColumns]);
  const isPhone = useMediaQuery("(max-width: 700px)");
  const headPx = isPhone ? 0 : HEAD_PX;
  const [activeId, setActiveId] = useState(rememberedPlace(listKey)?.activeId ?? null);
  const rows = useVirtualizer({
    count: traces.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => (isPhone ? PHONE_ROW_PX : ROW_PX),
    overscan: 10,
    scrollMargin: headPx,
    scrollPaddingStart: headPx,
    initialOffset: rememberedPlace(listKey)?.offset ?? 0,
  });
  const items = rows.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => rows.measure(), [rows, isPhone]);
  useEffect(() => {
    if (hasMore && last >= traces.length - AHEAD_ROWS) loadMore();
  }, [hasMore, last, traces.length, loadMore]);
  useEffect(
    () => () => rememberPlace(listKey, { offset: rows.scrollOffset ?? 0, activeId }),
    [listKey, rows, activeId],
  );

  const active = (): number => traces.findIndex(({ trace_id }) => trace_id === activeId);
  const move = (step: number): void => {
    const next = Math.min(traces.length - 1, Math.max(0, active() + step));
    setActiveId(traces[next]?.trace_id ?? null);
    rows.scrollToIndex(next);
  };
  const navigate = useNavigate();
  useShortcuts([
    { key: "j", label: "Next trace", run: () => move(1) },
    { key: "k", label: "Previous trace", run: () => move(-1) },
    {
      key: "Enter",
      label: "Open the trace",
      run: () => {
        const trace = traces[active()];
        if (trace) void navigate({ to: "/t/$traceId", params: { traceId: trace.trace_id } });
      },
    },
  ]);

  const isHovered = useRef(false);
  const hold = (hovered = isHovered.current): void => {
    isHovered.current = hovered;
    onHold?.(hovered || (scroller.current?.scrollTop ?? 0) > 0);
  };
  const { tracks, minWidth } = gridOf(columns);
  return (
    <div
      ref={scroller}
      className={classes["scroll"]}
      tabIndex={0}
      role="region"
      aria-label="Traces"
      onPointerEnter={(event) => event.pointerType === "mouse" && hold(true)}
      onPointerLeave={() => hold(false)}
      onScroll={() => hold()}
    >
      <div
        className={classes["table"]}
        style={{ "--tracks": tracks, "--min-width": minWidth } as CSSProperties}
        role="table"
        aria-rowcount={hasMore ? -1 : traces.length + 1}
      >
        <TraceTableHead columns={columns} sort={sort} onSort={onSort} />
        <div className={classes["body"]} role="rowgroup" style={{ height: rows.getTotalSize() }}>
          {items.map((item) => {
            const trace = traces[item.index];
            return trace ? (
              <TraceRow
                key={trace.trace_id}
                trace={trace}
                columns={columns}
                index={item.index}
                top={item.start - headPx}
                active={trace.trace_id === activeId}
              />
            ) : null;
          })}
        </div>
      </div>
      {hasMore ? <p className={classes["more"]}>Loading more…</p> : null}
    </div>
  );
}
