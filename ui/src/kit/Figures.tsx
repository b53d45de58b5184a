import type { CostSummary, Tokens as TokenCounts } from "@/api/schema";
import { ABSENT, formatCount, formatDuration, formatInteger, formatUsd, plural } from "@/lib/format";
import { formatListTime, formatTime } from "@/lib/time";
import { usePreferences } from "@/lib/preferences";
import classes from "./Figures.module.css";
import { Hint } from "./Hint";

/** A duration. */
export function Duration({ ns }: { ns: number }) {
  return <span className={classes["figure"]}>{formatDuration(ns)}</span>;
}

/** What model calls cost, and how far that can be believed. A call without a price never reads as $0. */
export function Cost({ cost }: { cost: CostSummary }) {
  switch (cost.state) {
    case "none":
      return <span className={classes["absent"]}>{ABSENT}</span>;
    case "unpriced":
      return (
        <Hint text={`${plural(cost.unpriced_calls, "model call")} without a known price`}>
          <span className={classes["unpriced"]}>unpriced</span>
        </Hint>
      );
    case "partial":
      return (
        <Hint text={`At least: ${plural(cost.unpriced_calls, "model call")} without a known price not counted`}>
          <span className={classes["figure"]}>≥ {formatUsd(cost.usd ?? "0")}</span>
        </Hint>
      );
    case "estimated":
      return (
        <Hint text={`Estimated: $${cost.usd ?? "0"}`}>
          <span className={classes["figure"]}>~ {formatUsd(cost.usd ?? "0")}</span>
        </Hint>
      );
    case "priced":
      return (
        <Hint text={`$${cost.usd ?? "0"}`}>
          <span className={classes["figure"]}>{formatUsd(cost.usd ?? "0")}</span>
        </Hint>
      );
  }
}

/** Total of input and output tokens, with the classes on hover. */
export function Tokens({ tokens }: { tokens: TokenCounts }) {
  const total = tokens.input + tokens.output;
  if (total === 0) return <span className={classes["absent"]}>{ABSENT}</span>;
  return (
    <Hint text={<TokenClasses tokens={tokens} />}>
      <span className={classes["figure"]}>
        {tokens.estimated ? "~ " : ""}
        {formatCount(total)}
      </span>
    </Hint>
  );
}

/** Every class of tokens with its count. */
export function TokenClasses({ tokens }: { tokens: TokenCounts }) {
  const rows: [string, number][] = [
    ["Input", tokens.input],
    ["of it cached", tokens.cached_input],
    ["of it written to cache", tokens.cache_write],
    ["Output", tokens.output],
    ["of it reasoning", tokens.reasoning],
  ];
  return (
    <dl className={classes["detail"]} style={{ margin: 0 }}>
      {rows
        .filter(([label, count]) => count > 0 || !label.startsWith("of"))
        .map(([label, count]) => (
          <div key={label} style={{ display: "contents" }}>
            <dt>{label}</dt>
            <dd>{formatInteger(count)}</dd>
          </div>
        ))}
    </dl>
  );
}

/** A time in the zone chosen, in full on hover. */
export function Timestamp({ time, shape = "full" }: { time: string; shape?: "full" | "list" | "time" | "date" }) {
  const [{ zone }] = usePreferences();
  const date = new Date(time);
  return (
    <time className={classes["figure"]} dateTime={time} title={formatTime(date, zone)}>
      {shape === "list" ? formatListTime(date, zone) : formatTime(date, zone, shape)}
    </time>
  );
}
