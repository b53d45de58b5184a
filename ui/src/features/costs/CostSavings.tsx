import type { CostSavings as Savings, ModelSavingsModel, WasteModel } from "@/api/schema";
import { formatCount, formatUsd, plural } from "@/lib/format";
import classes from "./Costs.module.css";
import { atLeast } from "./money";
import { type Column, Table } from "./Table";

const COLUMNS: readonly Column<ModelSavingsModel>[] = [
  { title: "Model", cell: (row) => [row.provider, row.model, row.service_tier].filter(Boolean).join(" · ") || "(none)" },
  { title: "Cached input tokens", cell: (row) => (row.cached_tokens > 0 ? formatCount(row.cached_tokens) : "") },
  {
    title: "Spared by it",
    cell: (row) => (row.cached_tokens > 0 ? spared(row.prompt_cache_usd) : ""),
    exact: (row) => row.prompt_cache_usd,
  },
  {
    title: "Cache hits",
    cell: (row) => (row.cache_hits > 0 ? `${formatCount(row.cache_hits)} (${plural(row.hit_tokens, "token")})` : ""),
  },
  { title: "Spared by them", cell: (row) => (row.cache_hits > 0 ? hitAmount(row) : ""), exact: (row) => row.hit_usd },
  { title: "Failed calls", cell: (row) => wasted(row.failed), exact: (row) => row.failed.usd },
  { title: "Left or cancelled", cell: (row) => wasted(row.abandoned), exact: (row) => row.abandoned.usd },
  {
    title: "Retried calls",
    cell: (row) => (row.retried_calls > 0 ? `${formatCount(row.retried_calls)} (${retries(row.retries)})` : ""),
  },
];

/** What caches spared and what came to nothing, by model; an amount that is not known says so. */
export function CostSavings({ savings }: { savings: Savings }) {
  if (savings.models.length === 0) return <p className={classes["note"]}>No cache was used, and no call that used tokens was lost.</p>;
  return (
    <Table
      label="Savings and waste"
      columns={COLUMNS}
      rows={savings.models}
      keyOf={(row) => JSON.stringify([row.provider, row.model, row.service_tier])}
    />
  );
}

function retries(count: number): string {
  return count === 1 ? "1 retry" : `${formatCount(count)} retries`;
}

function spared(usd: string | null): string {
  return usd === null ? "not known" : formatUsd(usd);
}

function hitAmount(row: ModelSavingsModel): string {
  return row.hits_without_price > 0 && row.hit_usd !== null ? `≥ ${formatUsd(row.hit_usd)}` : spared(row.hit_usd);
}

function wasted({ calls, unpriced_calls, usd }: WasteModel): string {
  if (calls === 0) return "";
  return `${formatCount(calls)} (${atLeast(usd, unpriced_calls)})`;
}
