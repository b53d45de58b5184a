/** What of a trace is looked at. */
export type TraceSearch = {
  span?: string;
  tab?: string;
  view?: "graph";
  /** Text that is searched for in the trace. */
  find?: string;
  /** The span whose time fills the axis. */
  zoom?: string;
  /** Whether the critical path stands out. */
  path?: true;
};

/** Reads the trace page's state from the URL. */
export function parseTraceSearch(search: Record<string, unknown>): TraceSearch {
  // The router reads an id of digits only as a number.
  const span = String(search["span"] ?? "");
  const find = String(search["find"] ?? "");
  const zoom = String(search["zoom"] ?? "");
  const tab = search["tab"];
  return {
    ...(isSpanId(span) ? { span } : {}),
    ...(typeof tab === "string" ? { tab } : {}),
    ...(search["view"] === "graph" ? { view: "graph" } : {}),
    ...(find ? { find } : {}),
    ...(isSpanId(zoom) ? { zoom } : {}),
    ...(search["path"] === true ? { path: true } : {}),
  };
}

function isSpanId(text: string): boolean {
  return /^[0-9a-f]{16}$/.test(text);
}

/** The same view without one of its parts. */
export function without(search: TraceSearch, name: keyof TraceSearch): TraceSearch {
  const rest = { ...search };
  delete rest[name];
  return rest;
}

/** The address of the view with the span in it, which is not there while nobody has chosen one. */
export function linkToSpan(address: string, spanId: string): string {
  const link = new URL(address);
  link.searchParams.set("span", spanId);
  return link.href;
}
