import { formatUsd } from "@/lib/format";

/** An amount with its sign: +$1.20, −$0.03. */
export function formatChange(usd: string): string {
  if (usd.startsWith("-")) return `−${formatUsd(usd.slice(1))}`;
  return Number(usd) === 0 ? formatUsd("0") : `+${formatUsd(usd)}`;
}

/** A change in percent of what was before; nothing when there was nothing before. */
export function formatShare(change: string, before: string): string {
  const base = Number(before);
  if (base === 0) return Number(change) === 0 ? "" : "new";
  const percent = (Number(change) / base) * 100;
  return `${percent > 0 ? "+" : ""}${percent.toFixed(Math.abs(percent) < 10 ? 1 : 0)} %`;
}

/** The name of a group, for people. */
export function groupName(key: readonly string[], isRest: boolean): string {
  if (isRest) return "All others";
  return key.map((value) => value || "(none)").join(" · ");
}

export const CAUSE_NAMES: Readonly<Record<string, string>> = {
  volume: "number of calls",
  model_mix: "mix of models",
  tokens_per_call: "tokens per call",
  cache_ratio: "share of cached tokens",
  price: "prices",
  coverage: "calls with a known price",
};
