import type { CostSummary, Tokens as TokenCounts } from "@/api/schema";
import { ABSENT, formatCount, formatDuration, formatInteger, formatUsd, plural } from "@/lib/format";
import { formatListTime, formatTime } from "@/lib/time";
import { usePreferences } from "@/lib/preferences";
import classes from "./Figures.module.css";

/** A duration. */
export function Duration({ ns }: { ns: number }) {
  return <span className={classes["figure"]}>{formatDuration(ns)}</span>;
}

/** What model calls cost, and how far that can be believed. A call without a price never reads as $0. */
export function Cost({ cost }: { cost: CostSummary }) {
  const usd = cost.usd ?? "0";
  switch (cost.state) {
    case "none":
      return <span className={classes["absent"]}>{ABSENT}</span>;
    case "unpriced":
      return (
        <span className={classes["unpriced"]} title={`${plural(cost.unpriced_calls, "model call")} without a known price`}>
          unpriced
        </span>
      );
    case "partial":
      return (
        <Exact
          text={`At least: ${plural(cost.unpriced_calls, "model call")} without a known price not counted`}
          figure={`≥ ${formatUsd(usd)}`}
        />
      );
    case "estimated":
      return <Exact text={`Estimated: $${usd}`} figure={`~ ${formatUsd(usd)}`} />;
    case "priced":
      return <Exact text={`$${usd}`} figure={formatUsd(usd)} />;
  }
}

const SAMPLED = "Estimated: sampled traces count for those that were not kept";

type CountProps = { count: number; sampled: boolean; /** Of what; without it, the number alone. */ noun?: string };

/** A number of traces or calls, in full, and whether it is known or estimated from sampled ones. */
export function Count({ count, sampled, noun }: CountProps) {
  const figure = noun ? plural(count, noun) : formatInteger(count);
  return sampled ? <Exact text={SAMPLED} figure={`~ ${figure}`} /> : figure;
}

/** A rounded figure, in full on hover. A plain title: lists hold hundreds, and a tooltip each costs a frame. */
function Exact({ text, figure }: { text: string; figure: string }) {
  return (
    <span className={classes["figure"]} title={text}>
      {figure}
    </span>
  );
}

/** Total of input and output tokens, with the classes on hover. */
export function Tokens({ tokens }: { tokens: TokenCounts }) {
  const total = tokens.input + tokens.output;
  if (total === 0) return <span className={classes["absent"]}>{ABSENT}</span>;
  const text = tokenClasses(tokens)
    .map(([label, count]) => `${label}: ${formatInteger(count)}`)
    .join("\n");
  return <Exact text={text} figure={`${tokens.estimated ? "~ " : ""}${formatCount(total)}`} />;
}

function tokenClasses(tokens: TokenCounts): [label: string, count: number][] {
  const rows: [string, number][] = [
    ["Input", tokens.input],
    ["of it cached", tokens.cached_input],
    ["of it written to cache", tokens.cache_write],
    ["Output", tokens.output],
    ["of it reasoning", tokens.reasoning],
  ];
  return rows.filter(([label, count]) => count > 0 || !label.startsWith("of"));
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
