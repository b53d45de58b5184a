type SettingsSearch = { tab?: "keys"; revoked?: true };

/** Reads the page's state from the URL: projects without a tab, and no revoked keys unless it asks for them. */
export function parseSettingsSearch(search: Record<string, unknown>): SettingsSearch {
  if (search["tab"] !== "keys") return {};
  return String(search["revoked"]) === "true" ? { tab: "keys", revoked: true } : { tab: "keys" };
}
