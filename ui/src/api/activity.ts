import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { type ActivitySearch, DEFAULT_SORT, type FilterSearch } from "@/lib/filterSearch";
import { type RangeSearch, rangeQuery } from "@/lib/timeRange";
import { call } from "./client";

const PAGE_SIZE = 100;
const TURNS = 50;
const BUCKETS = 48;
const STALE_MS = 10_000;

/** Sessions with a trace that fits, page by page. */
export function sessionsQuery(search: ActivitySearch) {
  const { sort = DEFAULT_SORT, ...filter } = search;
  return infiniteQueryOptions({
    queryKey: ["sessions", "list", search],
    queryFn: ({ pageParam, signal }) =>
      call("GET /api/v1/sessions", {
        query: { ...filterQuery(filter), sort, limit: PAGE_SIZE, cursor: pageParam },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    staleTime: STALE_MS,
  });
}

/** One session with its turns, page by page. */
export function conversationQuery(session: string, range: RangeSearch) {
  return infiniteQueryOptions({
    queryKey: ["sessions", "conversation", session, range],
    queryFn: ({ pageParam, signal }) =>
      call("GET /api/v1/sessions/conversation", {
        query: { ...rangeQuery(range), session, limit: TURNS, cursor: pageParam },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    staleTime: STALE_MS,
  });
}

/** Users with a trace that fits, page by page. */
export function usersQuery(search: ActivitySearch) {
  const { sort = DEFAULT_SORT, ...filter } = search;
  return infiniteQueryOptions({
    queryKey: ["users", "list", search],
    queryFn: ({ pageParam, signal }) =>
      call("GET /api/v1/users", {
        query: { ...filterQuery(filter), sort, limit: PAGE_SIZE, cursor: pageParam },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    staleTime: STALE_MS,
  });
}

/** One user: figures, and what the user's traces used. */
export function userProfileQuery(user: string, range: RangeSearch) {
  return queryOptions({
    queryKey: ["users", "profile", user, range],
    queryFn: ({ signal }) =>
      call("GET /api/v1/users/profile", { query: { ...rangeQuery(range), user }, signal }),
    staleTime: STALE_MS,
  });
}

/** Named prompts with their versions. */
export function promptsQuery(filter: FilterSearch) {
  return queryOptions({
    queryKey: ["prompts", filter],
    queryFn: ({ signal }) => call("GET /api/v1/prompts", { query: filterQuery(filter), signal }),
    staleTime: STALE_MS,
  });
}

/** Apps with their health over the range and in the period before. */
export function appOverviewQuery(filter: FilterSearch) {
  return queryOptions({
    queryKey: ["apps", "overview", filter],
    queryFn: ({ signal }) =>
      call("GET /api/v1/apps/overview", { query: { ...filterQuery(filter), buckets: BUCKETS }, signal }),
    staleTime: STALE_MS,
  });
}

function filterQuery({ q, ...range }: FilterSearch) {
  return { ...rangeQuery(range), q: q ?? "" };
}
