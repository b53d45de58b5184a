import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { traceTextQuery } from "@/api/traces";
import type { SpanTree } from "./spanTree";
import type { LoadedTrace } from "./useTrace";

export type Matches = {
  /** Positions in tree order. */
  positions: readonly number[];
  /** The same, to look up. */
  has: ReadonlySet<number>;
  /** The server still looks into the content. */
  searching: boolean;
  /** The content could not be searched, or has more matches than are listed. */
  incomplete: boolean;
};

/** Spans that hold `typed` in what is on the screen, at once, and `asked` in their content, when the server answers. */
export function useMatches(tree: SpanTree, { summary }: LoadedTrace, typed: string, asked: string): Matches {
  const { data, isFetching, isError } = useQuery(traceTextQuery(summary.trace_id, asked, summary.span_count));
  return useMemo(() => {
    const has = new Set(typed ? matchesOnScreen(tree, typed) : []);
    if (typed && typed === asked) {
      for (const id of data?.span_ids ?? []) {
        const position = tree.positionOf.get(id);
        if (position !== undefined) has.add(position);
      }
    }
    return {
      positions: [...has].toSorted((a, b) => a - b),
      has,
      searching: typed !== "" && (isFetching || typed !== asked),
      incomplete: isError || (data?.more ?? false),
    };
  }, [tree, typed, asked, data, isFetching, isError]);
}

/** Spans whose name, model, kind, status or failure holds the text, letter case aside. */
export function matchesOnScreen({ columns, count }: SpanTree, text: string): number[] {
  const wanted = text.toLowerCase();
  const searched = [columns.name, columns.model, columns.kind, columns.status, columns.failure_category];
  const found: number[] = [];
  for (let i = 0; i < count; i++) {
    if (searched.some((column) => column[i]?.toLowerCase().includes(wanted))) found.push(i);
  }
  return found;
}

/** The match after (or before) a position, around the end; undefined when there is none. */
export function nextMatch(positions: readonly number[], from: number, step: 1 | -1): number | undefined {
  if (step === 1) return positions.find((position) => position > from) ?? positions[0];
  return positions.findLast((position) => position < from) ?? positions.at(-1);
}
