import { formatDuration, formatInteger, plural } from "@/lib/format";
import classes from "./Apps.module.css";

const HEIGHT = 30;
const NS_PER_S = 1_000_000_000;

type SeriesProps = { traces: readonly number[]; errors: readonly number[]; bucketS: number };

/** Traces over time as bars, the failed ones red at their foot. The figures are in its text. */
export function AppSeries({ traces, errors, bucketS }: SeriesProps) {
  const most = Math.max(1, ...traces);
  const failed = errors.reduce((sum, count) => sum + count, 0);
  const text = `At most ${plural(Math.max(0, ...traces), "trace")} in ${formatDuration(bucketS * NS_PER_S)}; ${formatInteger(failed)} failed`;
  return (
    <svg
      className={classes["series"]}
      viewBox={`0 0 ${Math.max(1, traces.length)} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={text}
    >
      <title>{text}</title>
      {traces.map((count, index) => (
        <Bar key={index} at={index} height={heightOf(count, most)} failed={heightOf(errors[index] ?? 0, most)} />
      ))}
    </svg>
  );
}

function Bar({ at, height, failed }: { at: number; height: number; failed: number }) {
  return (
    <>
      {height > 0 ? <rect x={at + 0.1} y={HEIGHT - height} width={0.8} height={height} className={classes["all"]} /> : null}
      {failed > 0 ? <rect x={at + 0.1} y={HEIGHT - failed} width={0.8} height={failed} className={classes["failed"]} /> : null}
    </>
  );
}

/** One trace among thousands still shows. */
function heightOf(count: number, most: number): number {
  return count === 0 ? 0 : Math.max(2, (count / most) * HEIGHT);
}
