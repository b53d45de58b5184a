import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";
import type { FailureCluster } from "@/api/schema";
import { useMediaQuery } from "@/lib/mediaQuery";
import type { RangeSearch } from "@/lib/timeRange";
import { FailureRow } from "./FailureRow";
import classes from "./FailureTable.module.css";

const ROW_PX = 54;
const HEAD_PX = 32;
const PHONE_ROW_PX = 88;

const HEADINGS: readonly [id: string, label: string][] = [
  ["state", "State"],
  ["title", "Failure"],
  ["spark", "Last 24 hours"],
  ["traces", "Traces"],
  ["users", "Users"],
  ["cost", "Cost"],
  ["first", "First seen"],
  ["last", "Last seen"],
  ["assignee", "Assignee"],
];

const FIGURES = new Set(["traces", "users", "cost"]);

type TableProps = { clusters: readonly FailureCluster[]; active: number; range: RangeSearch };

/** Clusters as virtual rows; the active one is kept in view. */
export function FailureTable({ clusters, active, range }: TableProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const isPhone = useMediaQuery("(max-width: 700px)");
  const headPx = isPhone ? 0 : HEAD_PX;
  const rows = useVirtualizer({
    count: clusters.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => (isPhone ? PHONE_ROW_PX : ROW_PX),
    overscan: 10,
    scrollMargin: headPx,
    scrollPaddingStart: headPx,
  });
  useEffect(() => rows.measure(), [rows, isPhone]);
  useEffect(() => {
    if (active >= 0) rows.scrollToIndex(active);
  }, [rows, active]);
  return (
    <div ref={scroller} className={classes["scroll"]} tabIndex={0} role="region" aria-label="Failure clusters">
      <div className={classes["table"]} role="table" aria-rowcount={clusters.length + 1}>
        <div role="rowgroup">
          <div className={classes["head"]} role="row">
            {HEADINGS.map(([id, label]) => (
              <span key={id} role="columnheader" className={FIGURES.has(id) ? classes["figure"] : undefined}>
                {label}
              </span>
            ))}
          </div>
        </div>
        <div className={classes["body"]} role="rowgroup" style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map((item) => {
            const cluster = clusters[item.index];
            return cluster ? (
              <FailureRow
                key={cluster.id}
                cluster={cluster}
                range={range}
                index={item.index}
                top={item.start - headPx}
                active={item.index === active}
              />
            ) : null;
          })}
        </div>
      </div>
    </div>
  );
}
