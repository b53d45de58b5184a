import type { RangeSearch } from "./timeRange";
import { visitMap } from "./visitMap";

/** How each list was looked at last, for the way back to it. */
const last = visitMap<RangeSearch>("searches");

export function rememberSearch(path: string, search: RangeSearch): void {
  last.set(path, search);
}

/** The filter, order and range that the list at `path` had; every list has at least a range. */
export function lastSearch(path: string): RangeSearch {
  return last.get(path) ?? {};
}
