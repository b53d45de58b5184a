type AlertSearch = { tab?: "rules" | "channels" };

/** Reads the page's state from the URL; incidents are what is shown without one. */
export function parseAlertSearch(search: Record<string, unknown>): AlertSearch {
  const tab = search["tab"];
  return tab === "rules" || tab === "channels" ? { tab } : {};
}
