import type { OwnPrice, OwnPriceBody, TokenPrices } from "@/api/schema";
import { formatInteger } from "@/lib/format";

export type PriceClass = keyof TokenPrices;

/** What tokens can have a price for, and what a class costs without one. */
export const PRICE_CLASSES: readonly { name: PriceClass; label: string; without?: PriceClass }[] = [
  { name: "input", label: "Input" },
  { name: "output", label: "Output" },
  { name: "cached_input", label: "Cached input", without: "input" },
  { name: "cache_write", label: "Cache write", without: "input" },
  { name: "cache_write_1h", label: "Cache write, 1 hour", without: "cache_write" },
  { name: "reasoning", label: "Reasoning", without: "output" },
  { name: "audio_input", label: "Audio input", without: "input" },
  { name: "audio_output", label: "Audio output", without: "output" },
  { name: "image_input", label: "Image input", without: "input" },
  { name: "image_output", label: "Image output", without: "output" },
];

type Amounts = Readonly<Record<PriceClass, string>>;

/** A price as it is typed. Times are those of `datetime-local`, in UTC. */
export type PriceDraft = Readonly<{
  name: string;
  model: string;
  provider: string;
  tier: string;
  start: string;
  end: string;
  usual: Amounts;
  above: string;
  long: Amounts;
}>;

/** By the name of the field: `model`, `usual.input`, `long.output`. */
export type PriceProblems = Readonly<Record<string, string>>;

/** The most that the API takes. */
export const MAX_PRICE_NAME = 64;
export const MAX_MODEL_PATTERN = 200;
const MOST_USD = 1_000_000;
const MOST_TOKENS = 1_000_000_000;

/** The fields of a price, empty for a new one. */
export function priceDraft(price?: OwnPrice): PriceDraft {
  return {
    name: price?.name ?? "",
    model: price?.model ?? "",
    provider: price?.provider ?? "",
    tier: price?.service_tier ?? "",
    start: typedMoment(price?.start),
    end: typedMoment(price?.end),
    usual: amountsOf((name) => price?.usd_per_mtok[name]),
    above: price?.long_context ? String(price.long_context.above_input_tokens) : "",
    long: amountsOf((name) => price?.long_context?.usd_per_mtok[name]),
  };
}

/** What was typed as the API takes it, or what is wrong with it. */
export function priceOf(draft: PriceDraft): { body: OwnPriceBody; problems: PriceProblems } {
  const problems: Record<string, string> = {};
  if (draft.model.trim() === "") problems["model"] = "A model, such as gpt-4o*";
  if (draft.start && draft.end && draft.start >= draft.end) problems["end"] = "Later than the beginning";
  for (const { name, without } of PRICE_CLASSES) {
    for (const part of ["usual", "long"] as const) {
      const text = draft[part][name].trim();
      const isNeeded = part === "usual" && !without;
      if (text === "" ? isNeeded : !isAmount(text)) problems[`${part}.${name}`] = "An amount, such as 2.5";
    }
  }
  const above = draft.above.trim();
  const hasLongPrice = PRICE_CLASSES.some(({ name }) => draft.long[name].trim() !== "");
  if (above === "" && hasLongPrice) problems["above"] = "From how many input tokens on?";
  if (above !== "" && !isTokens(above)) problems["above"] = `A whole number from 1 to ${formatInteger(MOST_TOKENS)}`;
  if (above !== "" && !hasLongPrice) problems["long.input"] = "At least one price of long calls";
  const usual = given(draft.usual);
  const body: OwnPriceBody = {
    model: draft.model.trim(),
    provider: draft.provider.trim(),
    service_tier: draft.tier.trim(),
    start: momentOf(draft.start),
    end: momentOf(draft.end),
    usd_per_mtok: { ...usual, input: usual.input ?? "", output: usual.output ?? "" },
    long_context: above === "" ? null : { above_input_tokens: Number(above), usd_per_mtok: given(draft.long) },
  };
  return { body, problems };
}

/** The prices of a model besides input and output, in words. */
export function otherPrices({ usd_per_mtok, long_context }: OwnPrice): string[] {
  const told = PRICE_CLASSES.filter(({ without }) => without).flatMap(({ name, label }) => said(label, usd_per_mtok[name]));
  if (!long_context) return told;
  const long = PRICE_CLASSES.flatMap(({ name, label }) => said(label, long_context.usd_per_mtok[name]));
  return [...told, `above ${formatInteger(long_context.above_input_tokens)} input tokens: ${long.join(", ")}`];
}

/** When a price holds: `always`, `from 2026-10-01 until 2026-11-01 12:30`. */
export function validity({ start, end }: Pick<OwnPrice, "start" | "end">): string {
  const bounds = [start ? `from ${momentText(start)}` : "", end ? `until ${momentText(end)}` : ""];
  return bounds.filter(Boolean).join(" ") || "always";
}

function said(label: string, usd: string | null | undefined): string[] {
  return typeof usd === "string" ? [`${label.toLowerCase()} $${usd}`] : [];
}

function amountsOf(read: (name: PriceClass) => string | null | undefined): Amounts {
  return Object.fromEntries(PRICE_CLASSES.map(({ name }) => [name, read(name) ?? ""])) as Amounts;
}

function given(amounts: Amounts): Partial<Record<PriceClass, string>> {
  const typed = PRICE_CLASSES.map(({ name }) => [name, amounts[name].trim()] as const);
  return Object.fromEntries(typed.filter(([, text]) => text !== ""));
}

function isAmount(text: string): boolean {
  return /^(\d+(\.\d{0,12})?|\.\d{1,12})$/.test(text) && Number(text) <= MOST_USD;
}

function isTokens(text: string): boolean {
  return /^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= MOST_TOKENS;
}

function typedMoment(moment: string | null | undefined): string {
  return moment ? new Date(moment).toISOString().slice(0, 16) : "";
}

function momentOf(typed: string): string | null {
  return typed === "" ? null : `${typed.slice(0, 16)}:00Z`;
}

/** Midnight goes without saying. */
function momentText(moment: string): string {
  return typedMoment(moment).replace("T00:00", "").replace("T", " ");
}
