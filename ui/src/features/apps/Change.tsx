import classes from "./Apps.module.css";

type ChangeProps = { now: number | undefined; before: number | undefined; moreIsWorse?: boolean };

/** Below this share a change is noise. */
const NOISE = 0.05;

/** How much more or less than in the period before. */
export function Change({ now, before, moreIsWorse = false }: ChangeProps) {
  if (now === undefined || before === undefined || before === 0) return null;
  const share = now / before - 1;
  if (Math.abs(share) < NOISE) return <span title="as in the period before">±0%</span>;
  const text = share >= 9.995 ? `×${(share + 1).toFixed(0)}` : `${share > 0 ? "+" : "−"}${Math.abs(share * 100).toFixed(0)}%`;
  return (
    <span className={moreIsWorse && share > 0 ? classes["worse"] : undefined} title="against the period before">
      {text}
    </span>
  );
}
