import type { SpendModel } from "@/api/schema";
import { ABSENT, formatUsd } from "@/lib/format";

/** An amount, or that it has no price. */
export function knownAmount(usd: string | null): string {
  return usd === null ? "unpriced" : formatUsd(usd);
}

const DIGITS = 12;

/** The sum of amounts to the last digit, as the API has them. */
export function sumOfUsd(amounts: readonly string[]): string {
  const parts = amounts.map((usd) => {
    const [whole = "", fraction = ""] = usd.split(".");
    return BigInt(whole + fraction.padEnd(DIGITS, "0"));
  });
  const digits = String(parts.reduce((sum, part) => sum + part, 0n)).padStart(DIGITS + 1, "0");
  return `${digits.slice(0, -DIGITS)}.${digits.slice(-DIGITS)}`.replace(/\.?0+$/, "");
}

/** What was spent: unpriced calls make it a lower bound, and if there are no others it is not zero but unknown. */
export function knownCost(spend: Pick<SpendModel, "state" | "usd">, usd = spend.usd): string {
  if (spend.state === "none") return ABSENT;
  return spend.state === "partial" ? `≥ ${knownAmount(usd)}` : knownAmount(usd);
}

/** An amount that lacks the calls whose price is not known; without any it is no bound. */
export function atLeast(usd: string | null, unpricedCalls: number): string {
  return usd !== null && unpricedCalls > 0 ? `≥ ${formatUsd(usd)}` : knownAmount(usd);
}

/** An amount with its sign: +$1.20, −$0.03; a dash when it is not known. */
export function formatChange(usd: string | null): string {
  if (usd === null) return ABSENT;
  if (usd.startsWith("-")) return `−${formatUsd(usd.slice(1))}`;
  return Number(usd) === 0 ? formatUsd("0") : `+${formatUsd(usd)}`;
}

/** A change in percent of what was before; nothing when there was nothing before. */
export function formatShare(change: string | null, before: string | null): string {
  if (change === null) return "";
  const base = Number(before ?? 0);
  if (Number(change) === 0) return "";
  if (base === 0) return "new";
  const percent = (Number(change) / base) * 100;
  const size = Math.abs(percent).toFixed(Math.abs(percent) < 10 ? 1 : 0);
  return `${percent > 0 ? "+" : "−"}${size}%`;
}

/** A note, and that the figures beside it are estimates where sampled calls are in them. */
export function noteOf(note: string, sampled = false): string {
  return sampled ? `${note} Estimated: sampled calls count for those that were not kept.` : note;
}

/** What an expectation may come to; nothing when the days so far do not differ. */
export function rangeInWords(lowUsd: string, highUsd: string): string {
  const [low, high] = [formatUsd(lowUsd), formatUsd(highUsd)];
  return low === high ? "" : `, between ${low} and ${high}`;
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
