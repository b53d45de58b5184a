import { useCallback, useEffect, useRef, useState } from "react";
import { PRINTED_ROWS, useIsPrinted } from "./paper";

/** Rows beyond both edges, so that a quick scroll does not show a gap. */
const OVERSCAN = 3;
/** The window moves in steps of this many rows: fewer renders while scrolling. */
const STEP = 2;

type Place = { rowPx: number; headPx: number };

/** Which of `count` rows of one height have to exist, from `first` to before `last`. */
export function useRowWindow(count: number, { rowPx, headPx }: Place) {
  const scroller = useRef<HTMLDivElement>(null);
  const isPrinted = useIsPrinted();
  const [height, setHeight] = useState(900);
  const [top, setTop] = useState(0);
  useEffect(() => {
    const element = scroller.current;
    if (!element) return undefined;
    const measure = new ResizeObserver(() => setHeight(element.clientHeight));
    const onScroll = (): void => setTop(Math.floor(element.scrollTop / rowPx / STEP) * STEP);
    measure.observe(element);
    element.addEventListener("scroll", onScroll, { passive: true });
    return () => {
      measure.disconnect();
      element.removeEventListener("scroll", onScroll);
    };
  }, [rowPx]);

  const scrollTo = useCallback(
    (index: number) => {
      const element = scroller.current;
      if (!element) return;
      const margin = 3 * rowPx;
      const rowTop = index * rowPx;
      const space = element.clientHeight - headPx;
      const above = rowTop - margin;
      const below = rowTop + rowPx + margin - space;
      if (above < element.scrollTop) element.scrollTo({ top: above });
      else if (below > element.scrollTop) element.scrollTo({ top: below });
    },
    [rowPx, headPx],
  );

  // Printed, the list is as high as its rows: its height says nothing.
  const rows = isPrinted ? PRINTED_ROWS : Math.ceil(height / rowPx) + STEP + 2 * OVERSCAN;
  const first = Math.max(0, Math.min(top - OVERSCAN, count - rows));
  return { scroller, first, last: Math.min(count, first + rows), scrollTo };
}
