import type { TraceListSearch } from "@/api/traces";
import { parseRangeSearch } from "@/lib/timeRange";

/** Reads the list's state from the URL; what does not make sense counts as not given. */
export function parseTraceListSearch(search: Record<string, unknown>): TraceListSearch {
  const app = search["app"];
  return { ...parseRangeSearch(search), ...(typeof app === "string" && app !== "" ? { app } : {}) };
}
