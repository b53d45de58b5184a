import { parseRangeSearch, type RangeSearch } from "./timeRange";

/** A time range and a query, as the URL of a list holds them. */
export type FilterSearch = RangeSearch & { q?: string };

/** A range, and whose page it is: the id of a session, a user or a prompt, which may be any text. */
export type IdSearch = RangeSearch & { id: string };

/** Reads the filter from the URL; what does not make sense counts as not given. */
export function parseFilterSearch(search: Record<string, unknown>): FilterSearch {
  const q = textOf(search["q"]);
  return { ...parseRangeSearch(search), ...(q === "" ? {} : { q }) };
}

/** Reads an id with its range; "" when there is none. */
export function parseIdSearch(search: Record<string, unknown>): IdSearch {
  return { ...parseRangeSearch(search), id: textOf(search["id"]) };
}

/** Only the time range of a page's state. */
export function rangeOf({ since, start, end }: RangeSearch): RangeSearch {
  return { ...(since ? { since } : {}), ...(start ? { start } : {}), ...(end ? { end } : {}) };
}

/** The range, or another one when the URL has none. */
export function rangeOr(search: RangeSearch, fallback: string): RangeSearch {
  const range = rangeOf(search);
  return range.since || range.start ? range : { since: fallback };
}

/** A text of digits comes as a number. */
function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : "";
}
