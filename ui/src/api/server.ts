import { queryOptions } from "@tanstack/react-query";
import { call } from "./client";

const FIRST_SPAN_POLL_MS = 1_000;

/** What the page needs to know of the server; asked again until the first span has arrived. */
export function serverInfoQuery() {
  return queryOptions({
    queryKey: ["info"],
    queryFn: ({ signal }) => call("GET /api/v1/info", { signal }),
    staleTime: 60_000,
    refetchInterval: (query) => (query.state.data?.has_spans === false ? FIRST_SPAN_POLL_MS : false),
  });
}
