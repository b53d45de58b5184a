import { queryOptions } from "@tanstack/react-query";
import { call } from "./client";
import type { ScoreBody, ScoreList, ScoreView } from "./schema";

/** All scores of a trace and of its spans, newest first. */
export function scoresQuery(traceId: string) {
  return queryOptions({
    queryKey: ["scores", traceId],
    queryFn: async ({ signal }) => {
      const scores: ScoreView[] = [];
      let cursor: string | null = null;
      do {
        const page: ScoreList = await call("GET /api/v1/scores", {
          query: { trace_id: traceId, limit: 1000, cursor },
          signal,
        });
        scores.push(...page.scores);
        cursor = page.next_cursor;
      } while (cursor !== null);
      return { scores };
    },
    staleTime: 10_000,
  });
}

/** Stores a score; of the same name and author on the same target the newest counts. */
export function writeScore(score: ScoreBody) {
  return call("POST /api/v1/scores", { body: score });
}

/** Takes a score back. */
export function deleteScore(scoreId: string) {
  return call("DELETE /api/v1/scores/{score_id}", { path: { score_id: scoreId } });
}
