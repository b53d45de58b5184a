import type { MeanScore } from "@/api/schema";
import { Badge } from "@/kit/Badge";
import { plural } from "@/lib/format";
import classes from "./Prompts.module.css";

/** Means of scores; those beyond `most` are counted. */
export function MeanScores({ scores, most = Infinity }: { scores: readonly MeanScore[]; most?: number }) {
  const shown = scores.slice(0, most);
  return (
    <span className={classes["scores"]}>
      {shown.map(({ name, mean, count }) => (
        <Badge key={name} title={`${name}: mean ${mean} of ${plural(count, "score")}`}>
          <span className={classes["score"]}>
            <span>{name}</span> <b>{Number(mean.toPrecision(3))}</b>
          </span>
        </Badge>
      ))}
      {scores.length > shown.length ? <span className={classes["dim"]}>+{scores.length - shown.length}</span> : null}
    </span>
  );
}
