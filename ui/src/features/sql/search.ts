import { textOf } from "@/lib/filterSearch";

/** The query that the page shows the answer of. */
type SqlSearch = { sql?: string };

/** Reads the query from the URL. */
export function parseSqlSearch(search: Record<string, unknown>): SqlSearch {
  const text = textOf(search["sql"]) ?? "";
  return text.trim() === "" ? {} : { sql: text };
}
