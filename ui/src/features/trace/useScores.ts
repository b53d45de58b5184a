import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { deleteScore, scoresQuery, writeScore } from "@/api/scores";
import type { ScoreView } from "@/api/schema";

/** The name of the score that people give on this page. */
const REVIEW = "review";

/** Scores of one span and of its trace, and changing the review of the span. */
export function useScores(traceId: string, spanId: string) {
  const queries = useQueryClient();
  const reading = useQuery(scoresQuery(traceId));
  const { data } = reading;
  const scores = (data?.scores ?? []).filter((score) => score.span_id === spanId || score.span_id === "");
  const review = scores.find(isReviewOf(spanId));
  const refresh = (): Promise<void> => queries.invalidateQueries({ queryKey: scoresQuery(traceId).queryKey });
  const writing = useMutation({
    mutationFn: ({ value, comment }: { value: boolean; comment: string }) =>
      writeScore({ trace_id: traceId, span_id: spanId, name: REVIEW, value, comment, source: "human" }),
    onSuccess: refresh,
  });
  const deleting = useMutation({ mutationFn: deleteScore, onSuccess: refresh });
  return {
    reading,
    scores,
    review,
    error: writing.error ?? deleting.error,
    isBusy: writing.isPending || deleting.isPending,
    write: (value: boolean, comment: string, onSuccess?: () => void): void =>
      writing.mutate({ value, comment }, onSuccess ? { onSuccess } : {}),
    remove: (scoreId: string): void => deleting.mutate(scoreId),
  };
}

function isReviewOf(spanId: string) {
  return (score: ScoreView): boolean =>
    score.span_id === spanId && score.name === REVIEW && score.source === "human" && typeof score.value === "boolean";
}
