import { type RefObject, useState } from "react";
import type { SessionTurn } from "@/api/schema";
import { useFocusOnceDrawn } from "@/lib/focusOnceDrawn";
import { useShortcuts } from "@/lib/shortcuts";

type Walk = {
  scroller: RefObject<HTMLElement | null>;
  /** The turn at the upper edge, where the keys begin. */
  topIndex: () => number;
  scrollTo: (index: number) => void;
};

/** Lets the keys walk through the turns, and through those in which something failed; enter opens the trace. */
export function useTurnKeys(turns: readonly SessionTurn[], { scroller, topIndex, scrollTo }: Walk): void {
  const [active, setActive] = useState<number | null>(null);
  const focus = useFocusOnceDrawn(scroller);
  const walk = (step: 1 | -1, fits: (turn: SessionTurn) => boolean = () => true): void => {
    // Without a turn yet, the one at the edge itself is the next.
    let index = active === null ? topIndex() - (step === 1 ? 1 : 0) : active;
    do index += step;
    while (turns[index] && !fits(turns[index] as SessionTurn));
    if (!turns[index]) return;
    setActive(index);
    focus(`[data-index="${index}"] header a`);
    scrollTo(index);
  };
  useShortcuts([
    { key: "j", label: "Next turn", run: () => walk(1) },
    { key: "k", label: "Previous turn", run: () => walk(-1) },
    { key: "e", label: "Next turn with a failure", run: () => walk(1, hasFailed) },
    { key: "E", label: "Previous turn with a failure", run: () => walk(-1, hasFailed) },
  ]);
}

function hasFailed({ trace }: SessionTurn): boolean {
  return trace.error_count > 0 || trace.failure_categories.length > 0;
}
