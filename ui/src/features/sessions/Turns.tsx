import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useLayoutEffect, useRef } from "react";
import type { SessionTurn } from "@/api/schema";
import { keepPlace, rememberedPlace } from "@/lib/listPlace";
import { PRINTED_ROWS, useIsPrinted } from "@/lib/paper";
import classes from "./Conversation.module.css";
import { Turn } from "./Turn";
import { useTurnKeys } from "./useTurnKeys";

const TURN_PX = 180;
const AHEAD_TURNS = 10;
const NS_PER_MS = 1_000_000;

type TurnsProps = { placeKey: string; turns: readonly SessionTurn[]; more?: { load: () => void } };

/** The turns of a conversation; only those in view exist. */
export function Turns({ placeKey, turns, more }: TurnsProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const isPrinted = useIsPrinted();
  const place = rememberedPlace(placeKey);
  const virtual = useVirtualizer({
    count: turns.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => TURN_PX,
    overscan: isPrinted ? PRINTED_ROWS : 4,
    getItemKey: (index) => turns[index]?.trace.trace_id ?? index,
    initialOffset: place?.offset ?? 0,
    initialMeasurementsCache: place?.sizes ?? [],
  });
  useLayoutEffect(
    () => keepPlace(placeKey, () => ({ offset: virtual.scrollOffset ?? 0, sizes: virtual.measurementsCache })),
    [placeKey, virtual],
  );
  useTurnKeys(turns, {
    scroller,
    topIndex: () => virtual.range?.startIndex ?? 0,
    scrollTo: (index) => virtual.scrollToIndex(index, { align: "start" }),
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (more && !isPrinted && last >= turns.length - AHEAD_TURNS) more.load();
  }, [more, isPrinted, last, turns.length]);
  return (
    <div ref={scroller} className={classes["scroll"]} tabIndex={0} role="region" aria-label="Conversation">
      <ol className={classes["turns"]} style={{ height: virtual.getTotalSize() }}>
        {items.map(({ key, index, start }) => {
          const turn = turns[index];
          return turn ? (
            <li
              key={key}
              ref={virtual.measureElement}
              data-index={index}
              className={classes["turn"]}
              style={{ transform: `translateY(${start}px)` }}
              aria-posinset={index + 1}
              aria-setsize={more ? -1 : turns.length}
            >
              <Turn turn={turn} number={index + 1} pauseNs={pauseBefore(turn, turns[index - 1])} />
            </li>
          ) : null;
        })}
      </ol>
      {more ? <p className={classes["more"]}>Loading more…</p> : null}
    </div>
  );
}

/** How long nothing happened between two turns. */
function pauseBefore(turn: SessionTurn, before: SessionTurn | undefined): number {
  if (!before) return 0;
  const betweenMs = Date.parse(turn.trace.start_time) - Date.parse(before.trace.start_time);
  return Math.max(0, betweenMs * NS_PER_MS - before.trace.duration_ns);
}
