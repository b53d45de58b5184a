import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { charactersAt, unitsAt } from "@/lib/characters";
import { type RangeSearch, rangeQuery } from "@/lib/timeRange";
import { call } from "./client";

/** What could stand at a place of a query. Places are counted as JavaScript does, in UTF-16 units. */
function queryCompletionQuery(query: string, position: number, range: RangeSearch) {
  return queryOptions({
    queryKey: ["query", "completion", query, position, range],
    queryFn: async ({ signal }) => {
      const answer = await call("GET /api/v1/query/completion", {
        query: { ...rangeQuery(range), q: query, position: charactersAt(query, position) },
        signal,
      });
      return { ...answer, start: unitsAt(query, answer.start), end: unitsAt(query, answer.end) };
    },
    staleTime: 30_000,
    retry: false,
  });
}

/** Asks for completions, each question once in half a minute. */
export function fetchQueryCompletion(client: QueryClient, query: string, position: number, range: RangeSearch) {
  return client.fetchQuery(queryCompletionQuery(query, position, range));
}
