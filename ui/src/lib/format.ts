const NS_PER_US = 1_000;
const NS_PER_MS = 1_000_000;
const NS_PER_S = 1_000_000_000;

/** Text for something that is not known or does not apply. */
export const ABSENT = "–";

/** A duration with three significant digits: `480 µs`, `32.1 ms`, `1.84 s`, `3m 12s`, `2h 05m`. */
export function formatDuration(ns: number): string {
  if (ns <= 0) return "0 ms";
  if (ns < 999.5 * NS_PER_US) return `${significant(ns / NS_PER_US)} µs`;
  if (ns < 999.5 * NS_PER_MS) return `${significant(ns / NS_PER_MS)} ms`;
  if (ns < 59.95 * NS_PER_S) return `${significant(ns / NS_PER_S)} s`;
  const seconds = Math.round(ns / NS_PER_S);
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${pad(seconds % 60)}s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)}h ${pad(minutes % 60)}m`;
}

/** A count with three significant digits: `812`, `12.4k`, `1.05M`. */
export function formatCount(count: number): string {
  if (count < 1_000) return String(count);
  if (count < 999_500) return `${significant(count / 1_000)}k`;
  if (count < 999_500_000) return `${significant(count / 1_000_000)}M`;
  return `${significant(count / 1_000_000_000)}B`;
}

/** Some of `count` names, and how many more there are: `ann, bob and 3 more`. */
export function formatNames(names: readonly string[], count: number): string {
  return `${names.join(", ")}${moreOf(names, count)}`;
}

/** What follows some of `count` names: ` and 3 more`, or nothing. */
export function moreOf(names: readonly string[], count: number): string {
  return count > names.length ? ` and ${formatInteger(count - names.length)} more` : "";
}

/** A count in full, with thousands separators. */
export function formatInteger(count: number): string {
  return count.toLocaleString("en-US");
}

/**
 * A decimal string in USD as money. Small amounts keep three significant digits, so that a call that cost
 * something never reads as `$0.00`.
 */
export function formatUsd(usd: string): string {
  const amount = Number(usd);
  if (amount === 0) return "$0";
  if (Math.abs(amount) >= 1) {
    return amount.toLocaleString("en-US", { style: "currency", currency: "USD" });
  }
  const decimals = Math.min(12, Math.max(2, 2 - Math.floor(Math.log10(Math.abs(amount)))));
  const text = `$${Math.abs(amount).toFixed(decimals).replace(/0+$/, "").padEnd(4, "0")}`;
  return amount < 0 ? `-${text}` : text;
}

/** A size in bytes: `812 B`, `12.4 kB`, `1.2 MB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  if (bytes < 999_500) return `${significant(bytes / 1_000)} kB`;
  return `${significant(bytes / 1_000_000)} MB`;
}

/** How often something happens, by the shortest time in which it happens at least once: `12/min`, `3.4/d`. */
export function formatRate(perSecond: number): string {
  const units = [
    ["s", 1],
    ["min", 60],
    ["h", 3600],
    ["d", 86_400],
  ] as const;
  const [unit, seconds] = units.find(([, length]) => perSecond * length >= 1) ?? ["d", 86_400];
  const count = perSecond * seconds;
  return `${count >= 10 ? count.toFixed(0) : count.toFixed(1)}/${unit}`;
}

/** `1 span`, `2 spans`. */
export function plural(count: number, noun: string): string {
  return `${formatInteger(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** Whether the API has cut a preview: it has at most 300 characters, of which white space at the end is gone. */
export function isCutPreview(preview: string): boolean {
  return preview.length >= 290;
}

function significant(value: number): string {
  if (value >= 99.95) return value.toFixed(0);
  return value >= 9.995 ? value.toFixed(1) : value.toFixed(2);
}

function pad(value: number): string {
  return String(value).padStart(2, "0");
}
