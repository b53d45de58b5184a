import { FAILURE_STATES, type FailureSearch } from "@/api/failures";
import { textOf } from "@/lib/filterSearch";
import { parseRangeSearch, type RangeSearch } from "@/lib/timeRange";

/** Reads the list's state from the URL; what does not make sense counts as not given. */
export function parseFailureListSearch(search: Record<string, unknown>): FailureSearch {
  const state = FAILURE_STATES.find((each) => each === search["state"]);
  const nobody = String(search["nobody"]) === "true";
  return {
    ...parseRangeSearch(search),
    ...(state ? { state } : {}),
    ...given(search, "category"),
    ...given(search, "app"),
    ...(nobody ? { nobody } : given(search, "assignee")),
  };
}

/** A cluster is looked at over a week unless the URL, as from a list, says otherwise: a day seldom tells since when. */
export function parseFailureSearch(search: Record<string, unknown>): RangeSearch {
  const range = parseRangeSearch(search);
  return range.since || range.start ? range : { since: "7d" };
}

function given<K extends "category" | "app" | "assignee">(
  search: Record<string, unknown>,
  name: K,
): { [key in K]?: string } {
  const text = textOf(search[name]);
  return text ? ({ [name]: text } as { [key in K]: string }) : {};
}
