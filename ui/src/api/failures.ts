import { queryOptions } from "@tanstack/react-query";
import { type RangeSearch, rangeQuery } from "@/lib/timeRange";
import { call } from "./client";
import type { FailureAction, FailureCluster, ScoreLine } from "./schema";

export type FailureState = FailureCluster["state"];

export const FAILURE_STATES: readonly FailureState[] = [
  "new",
  "rising",
  "regressed",
  "ongoing",
  "quiet",
  "resolved",
  "ignored",
];

/** Which clusters are listed; without `state` those that are open and occurred. `nobody` wins over `assignee`. */
export type FailureSearch = RangeSearch & {
  state?: FailureState;
  category?: string;
  app?: string;
  assignee?: string;
  nobody?: true;
};

/** A failure is clustered within some seconds; nobody should have to reload to see it. */
const LIST_POLL_MS = 5_000;
const DETAIL_POLL_MS = 15_000;
const MAX_LISTED = 1000;

/** Clusters, those that hit most first. */
export function failuresQuery(search: FailureSearch) {
  const { state, category, app, assignee, nobody } = search;
  return queryOptions({
    queryKey: ["failures", "list", search],
    queryFn: ({ signal }) =>
      call("GET /api/v1/failures", {
        query: {
          ...rangeQuery(search),
          state: state ? [state] : null,
          category: category ? [category] : null,
          app: app ?? null,
          assignee: nobody ? null : (assignee ?? null),
          unassigned: nobody ?? false,
          limit: MAX_LISTED,
        },
        signal,
      }),
    refetchInterval: LIST_POLL_MS,
  });
}

/** One cluster with everything that is known of it in the range. */
export function failureQuery(cluster: string, range: RangeSearch) {
  return queryOptions({
    queryKey: ["failures", "cluster", cluster, range],
    queryFn: ({ signal }) =>
      call("GET /api/v1/failures/{cluster}", { path: { cluster }, query: rangeQuery(range), signal }),
    refetchInterval: DETAIL_POLL_MS,
    // The figures of another range stay for a moment, never another failure: keys decide about what is shown.
    placeholderData: (before) => (before?.cluster.id === cluster ? before : undefined),
  });
}

/** Pairs of clusters that may have one cause. */
export function failureSuggestionsQuery() {
  return queryOptions({
    queryKey: ["failures", "suggestions"],
    queryFn: ({ signal }) => call("GET /api/v1/failures/suggestions", { signal }),
    refetchInterval: DETAIL_POLL_MS,
  });
}

/** The cluster that holds a span's fingerprint; 404 for some seconds after the first one. */
export function failureOfQuery(fingerprint: string) {
  return queryOptions({
    queryKey: ["failures", "of", fingerprint],
    queryFn: ({ signal }) =>
      call("GET /api/v1/failures/of-fingerprint/{fingerprint}", { path: { fingerprint }, signal }),
  });
}

/** Decides something about a cluster; the answer's number takes it back. */
export function decideFailure(cluster: string, action: FailureAction) {
  return call("POST /api/v1/failures/{cluster}/decisions", { path: { cluster }, body: action });
}

/** Takes a decision back; the answer is the cluster it was about. */
export function undoDecision(decision: number) {
  return call("POST /api/v1/failures/decisions/{decision}/undo", { path: { decision } });
}

/** Forgets a suggestion for good. */
export function dismissSuggestion(cluster: string, other: string): Promise<void> {
  return call("POST /api/v1/failures/suggestions/dismiss", { body: { cluster, other } });
}

/** Below which number each score counts as a failure. */
export function scoreLinesQuery() {
  return queryOptions({
    queryKey: ["failures", "score-lines"],
    queryFn: ({ signal }) => call("GET /api/v1/failures/score-lines", { signal }),
  });
}

/** Lets a score below the line count as a failure, from now on; an older line of the score is replaced. */
export function drawScoreLine(line: ScoreLine): Promise<void> {
  return call("PUT /api/v1/failures/score-lines", { body: line });
}

/** Lets no number of the score count as a failure. */
export function removeScoreLine(name: string): Promise<void> {
  return call("DELETE /api/v1/failures/score-lines", { query: { name } });
}
