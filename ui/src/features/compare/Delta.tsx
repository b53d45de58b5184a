import { ABSENT, formatCount, formatDuration, formatUsd } from "@/lib/format";
import classes from "./Compare.module.css";

/** How much a duration grew or shrank, with its sign. */
export function DurationDelta({ ns }: { ns: number }) {
  return <Signed value={ns} text={formatDuration(Math.abs(ns))} />;
}

/** How many tokens more or fewer. */
export function TokenDelta({ tokens }: { tokens: number }) {
  return <Signed value={tokens} text={formatCount(Math.abs(tokens))} />;
}

/** How much more or less was paid; null is not known, because calls without a price are in it. */
export function CostDelta({ usd, known }: { usd: string | null; known: boolean }) {
  if (usd === null) {
    return known ? <span className={classes["unknown"]} title="Calls without a known price are in it">unpriced</span> : null;
  }
  return <Signed value={Number(usd)} text={formatUsd(usd.replace("-", ""))} />;
}

function Signed({ value, text }: { value: number; text: string }) {
  if (value === 0) return <span className={classes["zero"]}>{ABSENT}</span>;
  return (
    <span className={classes["delta"]} data-sign={value > 0 ? "more" : "less"}>
      {value > 0 ? "+" : "−"}
      {text}
    </span>
  );
}
