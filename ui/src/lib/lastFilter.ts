import type { RangeSearch } from "./timeRange";

/** Which traces the list showed last, for the way back to it; of this visit only. */
export type ListFilter = RangeSearch & { q?: string };

let last: ListFilter = {};

export function rememberFilter(filter: ListFilter): void {
  last = filter;
}

export function lastFilter(): ListFilter {
  return last;
}
