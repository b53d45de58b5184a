import { DEFAULT_SINCE, parseRangeSearch, type RangeSearch } from "./timeRange";

/** A time range and a query, as the URL of a list holds them. */
export type FilterSearch = RangeSearch & { q?: string };

const ACTIVITY_SORTS = ["-last", "-traces", "-errors", "-tokens", "-cost"] as const;
type ActivitySort = (typeof ACTIVITY_SORTS)[number];
export const DEFAULT_SORT: ActivitySort = "-last";

/** A filter with the order of sessions or users. */
export type ActivitySearch = FilterSearch & { sort?: ActivitySort };

/** A range, and whose page it is: the id of a session or a user, which may be any text. */
type IdSearch = RangeSearch & { id: string };

/** Reads the filter from the URL; what does not make sense counts as not given. */
export function parseFilterSearch(search: Record<string, unknown>): FilterSearch {
  const q = textOf(search["q"]) ?? "";
  return { ...parseRangeSearch(search), ...(q === "" ? {} : { q }) };
}

/** Reads the filter and the order of a list of sessions or users. */
export function parseActivitySearch(search: Record<string, unknown>): ActivitySearch {
  const sort = search["sort"];
  return { ...parseFilterSearch(search), ...sortSearch(typeof sort === "string" ? sort : undefined) };
}

/** The order as the URL has it: the usual one is left out. */
export function sortSearch(sort: string | undefined): { sort?: ActivitySort } {
  const known = ACTIVITY_SORTS.find((each) => each === sort);
  return known && known !== DEFAULT_SORT ? { sort: known } : {};
}

/** Reads an id with its range; "" when there is none. */
export function parseIdSearch(search: Record<string, unknown>): IdSearch {
  return { ...parseRangeSearch(search), id: textOf(search["id"]) ?? "" };
}

/** Reads the name of a prompt with the filter that its figures are narrowed by. */
export function parsePromptSearch(search: Record<string, unknown>): FilterSearch & { id: string } {
  return { ...parseFilterSearch(search), ...parseIdSearch(search) };
}

/** Only the range and the query of a page's state. */
export function filterOf({ q, ...search }: FilterSearch): FilterSearch {
  return { ...rangeOf(search), ...(q ? { q } : {}) };
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

/** The range that a list shows, for what its figures lead to: without one in the URL, pages show other ranges. */
export function shownRange(search: RangeSearch): RangeSearch {
  return rangeOr(search, DEFAULT_SINCE);
}

/** The text that a value of the URL was: one of digits comes as a number, and `true` as a flag. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : undefined;
}
