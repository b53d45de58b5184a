import { queryOptions } from "@tanstack/react-query";
import { call } from "./client";

const MAX_ROWS = 1000;

/** The answer to one SELECT; asked once, for running it again is a decision. */
export function sqlQuery(query: string) {
  return queryOptions({
    queryKey: ["sql", "answer", query],
    queryFn: ({ signal }) => call("POST /api/v1/sql", { body: { query, limit: MAX_ROWS }, signal }),
    enabled: query !== "",
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnReconnect: false,
  });
}

/** The tables and columns that a SELECT may name. */
export const sqlTablesQuery = queryOptions({
  queryKey: ["sql", "tables"],
  queryFn: ({ signal }) => call("GET /api/v1/sql/tables", { signal }),
  staleTime: Number.POSITIVE_INFINITY,
});
