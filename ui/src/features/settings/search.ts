type SettingsSearch = { tab?: "keys" | "prices"; revoked?: true; find?: string };

/** Reads the page's state from the URL: projects without a tab, and no revoked keys unless it asks for them. */
export function parseSettingsSearch(search: Record<string, unknown>): SettingsSearch {
  const { tab, revoked, find } = search;
  const found = typeof find === "string" && find !== "" ? { find } : {};
  if (tab === "prices") return { tab, ...found };
  if (tab !== "keys") return found;
  return { tab, ...(String(revoked) === "true" ? { revoked: true } : {}), ...found };
}
