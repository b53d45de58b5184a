import { TRACE_SORTS, type TraceFilter, type TraceSort } from "@/api/traceList";
import { textOf } from "@/lib/filterSearch";
import { addCondition } from "@/lib/queryText";
import { parseRangeSearch, type RangeSearch } from "@/lib/timeRange";
import { CHARTS, type Chart } from "./charts";

/** The list's state as the URL holds it. */
export type TraceListSearch = TraceFilter & {
  sort?: TraceSort;
  /** Figures by the values of this field instead of traces. */
  by?: string;
  chart?: Chart;
  live?: true;
};

export const DEFAULT_SORT: TraceSort = "-start";

/** Reads the list's state from the URL; what does not make sense counts as not given. */
export function parseTraceListSearch(search: Record<string, unknown>): TraceListSearch {
  const q = queryOf(search);
  const sort = TRACE_SORTS.find((known) => known === search["sort"]);
  const chart = CHARTS.find((known) => known === search["chart"]);
  const by = search["by"];
  return {
    ...parseRangeSearch(search),
    ...(q === "" ? {} : { q }),
    ...(sort && sort !== DEFAULT_SORT ? { sort } : {}),
    ...(typeof by === "string" && by !== "" ? { by } : {}),
    ...(chart && chart !== "traces" ? { chart } : {}),
    ...(search["live"] === true ? { live: true } : {}),
  };
}

/** Which traces the view is about. */
export function filterOf(search: TraceListSearch): TraceFilter {
  return { ...rangeOf(search), ...(search.q ? { q: search.q } : {}) };
}

export function rangeOf({ since, start, end }: TraceListSearch): RangeSearch {
  return { ...(since ? { since } : {}), ...(start ? { start } : {}), ...(end ? { end } : {}) };
}

/** The same view over another time range. */
export function withRange(search: TraceListSearch, range: RangeSearch): TraceListSearch {
  return { ...without(search, "since", "start", "end"), ...range };
}

/** The view without some of its state. */
export function without(search: TraceListSearch, ...names: (keyof TraceListSearch)[]): TraceListSearch {
  const rest = { ...search };
  for (const name of names) delete rest[name];
  return rest;
}

/** Links from before there were queries name an app. */
function queryOf(search: Record<string, unknown>): string {
  const query = textOf(search["q"]) ?? "";
  const app = textOf(search["app"]);
  return app ? addCondition(query, "app", app) : query;
}
