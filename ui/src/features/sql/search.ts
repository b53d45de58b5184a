/** The query that the page shows the answer of. */
export type SqlSearch = { sql?: string };

/** Reads the query from the URL. */
export function parseSqlSearch(search: Record<string, unknown>): SqlSearch {
  const text = search["sql"];
  return typeof text === "string" && text.trim() !== "" ? { sql: text } : {};
}
