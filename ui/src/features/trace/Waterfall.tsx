import { useVirtualizer } from "@tanstack/react-virtual";
import { memo, useEffect, useRef } from "react";
import { formatDuration } from "@/lib/format";
import { usePreferences } from "@/lib/preferences";
import type { SpanTree } from "./spanTree";
import { axisTicks } from "./timeAxis";
import classes from "./Waterfall.module.css";
import { WaterfallRow } from "./WaterfallRow";

const ROW_PX = 28;
const AXIS_PX = 26;
/** What stays visible around a row that was scrolled to. */
const CONTEXT_PX = 3 * ROW_PX;

type WaterfallProps = {
  tree: SpanTree;
  /** Positions to show, in order. */
  visible: readonly number[];
  collapsed: ReadonlySet<number>;
  selected: number | undefined;
  onSelect: (position: number) => void;
  onToggle: (position: number) => void;
};

/**
 * Tree and time in one virtual list. It is a leaf of its own: scrolling renders this component and its new
 * rows and nothing else.
 */
export const Waterfall = memo(function Waterfall(props: WaterfallProps) {
  const { tree, visible, collapsed, selected, onSelect, onToggle } = props;
  const [{ nameWidth }] = usePreferences();
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: visible.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 6,
    // The axis stays on top inside the same scroller: rows start below it and must not end up under it.
    scrollMargin: AXIS_PX,
    scrollPaddingStart: AXIS_PX + CONTEXT_PX,
    scrollPaddingEnd: CONTEXT_PX,
  });
  const shown = useRef(visible);
  useEffect(() => {
    shown.current = visible;
  });
  useEffect(() => {
    if (selected === undefined) return;
    const index = shown.current.indexOf(selected);
    if (index >= 0) rows.scrollToIndex(index, { align: "auto" });
  }, [selected, rows]);

  return (
    <div
      ref={scroller}
      className={classes["scroll"]}
      style={{ ["--name-width" as string]: `minmax(160px, ${nameWidth}px)` }}
      tabIndex={0}
      role="tree"
      aria-label="Spans"
      {...(selected === undefined ? {} : { "aria-activedescendant": `span-${selected}` })}
    >
      <Axis totalNs={tree.spanOfTimeNs} />
      <div className={classes["list"]} role="presentation" style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map((item) => {
          const position = visible[item.index] ?? 0;
          return (
            <WaterfallRow
              key={position}
              tree={tree}
              position={position}
              top={item.start - AXIS_PX}
              folded={collapsed.has(position)}
              selected={position === selected}
              onSelect={onSelect}
              onToggle={onToggle}
            />
          );
        })}
      </div>
    </div>
  );
});

function Axis({ totalNs }: { totalNs: number }) {
  return (
    <div className={classes["axis"]} aria-hidden>
      <span>Span</span>
      <span className={classes["figure"]}>Tokens</span>
      <span className={classes["figure"]}>Cost</span>
      <div className={classes["ticks"]}>
        {axisTicks(totalNs).map((ns) => (
          <span key={ns} className={classes["tick"]} style={{ left: `${(ns / totalNs) * 100}%` }}>
            {formatDuration(ns)}
          </span>
        ))}
      </div>
    </div>
  );
}
