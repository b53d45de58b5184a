import type { ScoreView } from "@/api/schema";
import { Badge } from "@/kit/Badge";
import { IconButton } from "@/kit/Button";
import { CloseIcon } from "@/kit/icons";
import { Timestamp } from "@/kit/Figures";
import { ErrorState, LoadingRows } from "@/kit/States";
import { TextContent } from "@/kit/TextContent";
import classes from "./SpanPanel.module.css";
import { useScores } from "./useScores";

/** How people, code and models judged the span and its trace. */
export function ScoresTab({ traceId, spanId }: { traceId: string; spanId: string }) {
  const { reading, scores, error, isBusy, remove } = useScores(traceId, spanId);
  if (reading.error && !reading.data) {
    return <ErrorState error={reading.error} retry={() => void reading.refetch()} />;
  }
  if (!reading.data) return <LoadingRows rows={3} label="Loading the scores" />;
  if (scores.length === 0) {
    return (
      <div className={classes["content"]}>
        <p className={classes["dim"]}>
          Nobody has judged this span or its trace yet. The thumbs above do, as do <code>sightline.score()</code> and{" "}
          <code>POST /api/v1/scores</code>.
        </p>
      </div>
    );
  }
  return (
    <>
      {error ? (
        <p role="alert" className={classes["failed"]}>
          {error.message}
        </p>
      ) : null}
      <ul className={`${classes["content"]} ${classes["scores"]}`} aria-label="Scores">
        {scores.map((score) => (
          <li key={score.score_id} className={classes["score"]}>
            <div className={classes["line"]}>
              <strong className={classes["scoreName"]}>{score.name}</strong>
              <ScoreValue score={score} />
              <span className={classes["tools"]}>
                <IconButton label={`Delete the score ${score.name}`} disabled={isBusy} onClick={() => remove(score.score_id)}>
                  <CloseIcon size={13} />
                </IconButton>
              </span>
            </div>
            {score.value_type === "text" ? <TextContent text={String(score.value)} look="plain" /> : null}
            {score.comment ? <TextContent text={score.comment} look="plain" /> : null}
            <p className={classes["dim"]}>
              {[score.source, score.author, score.span_id ? "" : "on the trace"].filter(Boolean).join(" · ")} ·{" "}
              <Timestamp time={score.scored_at} shape="list" />
            </p>
          </li>
        ))}
      </ul>
    </>
  );
}

function ScoreValue({ score: { value, value_type } }: { score: ScoreView }) {
  if (value_type === "text") return null;
  if (typeof value === "boolean") return <Badge tone={value ? "ok" : "error"}>{value ? "good" : "bad"}</Badge>;
  return <Badge>{typeof value === "number" ? String(Number(value.toPrecision(6))) : value}</Badge>;
}
