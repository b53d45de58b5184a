import { plural } from "@/lib/format";
import classes from "./Failures.module.css";

const HEIGHT = 24;

/** The last 24 hours as bars; the figures are in its text. */
export function Sparkline({ hourly }: { hourly: readonly number[] }) {
  const highest = Math.max(1, ...hourly);
  const total = hourly.reduce((sum, count) => sum + count, 0);
  const text = `${plural(total, "occurrence")} in the last 24 hours, at most ${Math.max(0, ...hourly)} in an hour`;
  return (
    <svg
      className={classes["spark"]}
      viewBox={`0 0 ${hourly.length} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={text}
    >
      <title>{text}</title>
      <line x1={0} x2={hourly.length} y1={HEIGHT} y2={HEIGHT} className={classes["base"]} />
      {hourly.map((count, index) => {
        const height = count === 0 ? 0 : Math.max(2, (count / highest) * HEIGHT);
        return <rect key={index} x={index + 0.12} y={HEIGHT - height} width={0.76} height={height} />;
      })}
    </svg>
  );
}
