/** What of a trace is looked at. */
export type TraceSearch = { span?: string; tab?: string };

/** Reads the trace page's state from the URL. */
export function parseTraceSearch(search: Record<string, unknown>): TraceSearch {
  // The router reads an id of digits only as a number.
  const span = String(search["span"] ?? "");
  const tab = search["tab"];
  return {
    ...(/^[0-9a-f]{16}$/.test(span) ? { span } : {}),
    ...(typeof tab === "string" ? { tab } : {}),
  };
}
