import { useNavigate } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef, useState } from "react";
import type { TraceSummary } from "@/api/schema";
import { useMediaQuery } from "@/lib/mediaQuery";
import { useShortcuts } from "@/lib/shortcuts";
import { TraceRow } from "./TraceRow";
import classes from "./TraceTable.module.css";

const ROW_PX = 40;
const HEAD_PX = 32;
const PHONE_ROW_PX = 76;
/** The next page is asked for when this many rows are left below. */
const AHEAD_ROWS = 30;

const HEADINGS: readonly [id: string, label: string][] = [
  ["status", ""],
  ["time", "Started"],
  ["name", "Name"],
  ["app", "App"],
  ["duration", "Duration"],
  ["tokens", "Tokens"],
  ["cost", "Cost"],
  ["models", "Models"],
  ["preview", "Input → output"],
];

const FIGURES = new Set(["duration", "tokens", "cost"]);

type TableProps = { traces: readonly TraceSummary[]; hasMore: boolean; loadMore: () => void };

/** Traces as virtual rows; the keyboard moves an active row. */
export function TraceTable({ traces, hasMore, loadMore }: TableProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(-1);
  const navigate = useNavigate();
  const isPhone = useMediaQuery("(max-width: 700px)");
  const headPx = isPhone ? 0 : HEAD_PX;
  const rows = useVirtualizer({
    count: traces.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => (isPhone ? PHONE_ROW_PX : ROW_PX),
    overscan: 10,
    scrollMargin: headPx,
    scrollPaddingStart: headPx,
  });
  const items = rows.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => rows.measure(), [rows, isPhone]);
  useEffect(() => {
    if (hasMore && last >= traces.length - AHEAD_ROWS) loadMore();
  }, [hasMore, last, traces.length, loadMore]);

  const move = (step: number): void => {
    const next = Math.min(traces.length - 1, Math.max(0, active + step));
    setActive(next);
    rows.scrollToIndex(next);
  };
  useShortcuts([
    { key: "j", label: "Next trace", run: () => move(1) },
    { key: "k", label: "Previous trace", run: () => move(-1) },
    {
      key: "Enter",
      label: "Open the trace",
      run: () => {
        const trace = traces[active];
        if (trace) void navigate({ to: "/t/$traceId", params: { traceId: trace.trace_id } });
      },
    },
  ]);

  return (
    <div ref={scroller} className={classes["scroll"]} tabIndex={0} role="region" aria-label="Traces">
      <div className={classes["table"]} role="table" aria-rowcount={hasMore ? -1 : traces.length + 1}>
        <div role="rowgroup">
          <div className={classes["head"]} role="row">
            {HEADINGS.map(([id, label]) => (
              <span key={id} role="columnheader" className={FIGURES.has(id) ? classes["figure"] : undefined}>
                {label || <span className="visually-hidden">Status</span>}
              </span>
            ))}
          </div>
        </div>
        <div className={classes["body"]} role="rowgroup" style={{ height: rows.getTotalSize() }}>
          {items.map((item) => {
            const trace = traces[item.index];
            return trace ? (
              <TraceRow
                key={trace.trace_id}
                trace={trace}
                index={item.index}
                top={item.start - headPx}
                active={item.index === active}
              />
            ) : null;
          })}
        </div>
      </div>
      {hasMore ? <p className={classes["more"]}>Loading more…</p> : null}
    </div>
  );
}
