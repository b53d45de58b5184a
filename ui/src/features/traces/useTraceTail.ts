import { useEffect, useRef, useState } from "react";
import type { TraceSummary } from "@/api/schema";
import { traceTailUrl } from "@/api/traceList";
import { openEventStream } from "@/lib/eventStream";

/** Beyond this many the oldest are let go: a tail may stay open for days. */
export const MAX_LIVE_TRACES = 1_000;

export type TraceTail = {
  state: "connecting" | "open" | "lost";
  /** The newest arrival first; stands still while it is held. */
  traces: readonly TraceSummary[];
  /** Arrived while it was held. */
  waiting: number;
  /** The server left these out, since too many came at once. */
  skipped: number;
};

const NONE: TraceTail = { state: "connecting", traces: [], waiting: 0, skipped: 0 };

type Options = {
  live: boolean;
  held: boolean;
  /** From here on nothing is missed; what came before is for the caller to ask for, and to ask for now. */
  onOpen: () => void;
};

/** Traces that match the query as they arrive, while `live`. */
export function useTraceTail(query: string, { live, held, onOpen }: Options): TraceTail {
  const [tail, setTail] = useState(NONE);
  const opened = useRef(onOpen);
  const isHeld = useRef(held);
  const release = useRef(() => {});
  useEffect(() => {
    opened.current = onOpen;
  }, [onOpen]);
  useEffect(() => {
    if (!live) return undefined;
    const arrived = new Map<string, TraceSummary>();
    let skipped = 0;
    const show = (): void =>
      setTail((before) => {
        if (isHeld.current) return { ...before, skipped, waiting: countNew(arrived, before.traces) };
        return { ...before, skipped, waiting: 0, traces: [...arrived.values()].toReversed() };
      });
    // Some hundred events of one look of the server are one change of the page.
    const showSoon = oncePerTask(show);
    release.current = show;
    const close = openEventStream(traceTailUrl(query), {
      onState: (state) => {
        setTail((before) => ({ ...before, state }));
        if (state === "open") opened.current();
      },
      events: {
        trace: (data) => {
          keepNewest(arrived, JSON.parse(data) as TraceSummary);
          showSoon();
        },
        skipped: (data) => {
          skipped += (JSON.parse(data) as { traces: number }).traces;
          showSoon();
        },
      },
    });
    return () => {
      close();
      setTail(NONE);
    };
  }, [query, live]);
  useEffect(() => {
    isHeld.current = held;
    if (!held) release.current();
  }, [held]);
  return live ? tail : NONE;
}

/** What the list shows: arrivals on top, each trace once, no more than is kept. */
export function mergeLive(live: readonly TraceSummary[], listed: readonly TraceSummary[]): TraceSummary[] {
  const seen = new Set(live.map(({ trace_id }) => trace_id));
  return [...live, ...listed.filter(({ trace_id }) => !seen.has(trace_id))].slice(0, MAX_LIVE_TRACES);
}

function keepNewest(arrived: Map<string, TraceSummary>, trace: TraceSummary): void {
  // A trace that grows comes again; it is moved, not doubled.
  arrived.delete(trace.trace_id);
  arrived.set(trace.trace_id, trace);
  for (const oldest of arrived.keys()) {
    if (arrived.size <= MAX_LIVE_TRACES) break;
    arrived.delete(oldest);
  }
}

function countNew(arrived: ReadonlyMap<string, TraceSummary>, shown: readonly TraceSummary[]): number {
  const known = new Map(shown.map((trace) => [trace.trace_id, trace]));
  return [...arrived.values()].filter((trace) => known.get(trace.trace_id) !== trace).length;
}

function oncePerTask(run: () => void): () => void {
  let isPlanned = false;
  return () => {
    if (isPlanned) return;
    isPlanned = true;
    setTimeout(() => {
      isPlanned = false;
      run();
    }, 50);
  };
}
