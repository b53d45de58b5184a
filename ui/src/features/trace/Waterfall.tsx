import { memo, type KeyboardEvent, useEffect, useMemo, useRef } from "react";
import { formatDuration } from "@/lib/format";
import { usePreferences } from "@/lib/preferences";
import { useRowWindow } from "@/lib/useRowWindow";
import type { SpanTree } from "./spanTree";
import { axisTicks, type TimeWindow } from "./timeAxis";
import classes from "./Waterfall.module.css";
import { MAX_INDENT, WaterfallRow } from "./WaterfallRow";
import { handleTreeKey } from "./waterfallKeys";

const ROW_PX = 28;
const AXIS_PX = 26;

type WaterfallProps = {
  tree: SpanTree;
  /** Positions to show, in order. */
  visible: readonly number[];
  collapsed: ReadonlySet<number>;
  /** Positions that the search found. */
  matches: ReadonlySet<number>;
  /** What of the time the axis shows. */
  period: TimeWindow;
  /** Spans off the critical path step back. */
  showPath: boolean;
  selected: number | undefined;
  onSelect: (position: number) => void;
  onToggle: (position: number) => void;
};

/**
 * Tree and time in one virtual list. It is a leaf of its own: scrolling renders this component and its new
 * rows and nothing else.
 */
export const Waterfall = memo(function Waterfall(props: WaterfallProps) {
  const { tree, visible, collapsed, matches, period, showPath, selected, onSelect, onToggle } = props;
  const [{ nameWidth }] = usePreferences();
  const { scroller, first, last, scrollTo } = useRowWindow(visible.length, { rowPx: ROW_PX, headPx: AXIS_PX });
  const isDeep = useMemo(() => tree.columns.depth.some((depth) => depth >= MAX_INDENT), [tree]);
  const shown = useRef(visible);
  useEffect(() => {
    shown.current = visible;
  });
  useEffect(() => {
    const index = selected === undefined ? -1 : shown.current.indexOf(selected);
    if (index >= 0) scrollTo(index);
  }, [selected, scrollTo]);
  // The arrow keys work at once, unless the page was opened from a control that wants to keep the focus.
  useEffect(() => {
    if (document.activeElement === document.body) scroller.current?.focus({ preventScroll: true });
  }, [scroller]);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const state = { tree, visible, collapsed, selected, open: onSelect, toggle: onToggle };
    if (handleTreeKey(event.key, state)) event.preventDefault();
  };

  return (
    <div
      ref={scroller}
      className={classes["scroll"]}
      data-deep={isDeep}
      style={{ ["--name-width" as string]: `minmax(160px, ${nameWidth}px)` }}
      tabIndex={0}
      role="tree"
      aria-label="Spans"
      {...(selected === undefined ? {} : { "aria-activedescendant": `span-${selected}` })}
      onKeyDown={onKeyDown}
    >
      <Axis totalNs={period.lengthNs} />
      <div className={classes["list"]} role="presentation" style={{ height: visible.length * ROW_PX }}>
        {visible.slice(first, last).map((position, offset) => {
          return (
            <WaterfallRow
              key={position}
              tree={tree}
              period={period}
              position={position}
              top={(first + offset) * ROW_PX}
              folded={collapsed.has(position)}
              found={matches.has(position)}
              aside={showPath && tree.columns.critical[position] === false}
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
