import type { CostSavings as Savings, ModelSavingsModel, WasteModel } from "@/api/schema";
import { formatCount, formatUsd, plural } from "@/lib/format";
import classes from "./Costs.module.css";
import { knownAmount } from "./money";

const TITLES = ["Cached input tokens", "Spared by it", "Cache hits", "Spared by them", "Failed calls", "Left or cancelled"];

/** What caches spared and what came to nothing, by model; an amount that is not known says so. */
export function CostSavings({ savings }: { savings: Savings }) {
  if (savings.models.length === 0) return <p className={classes["note"]}>No cache was used and no call was lost.</p>;
  return (
    <table className={classes["table"]}>
      <thead>
        <tr>
          <th scope="col">model</th>
          {TITLES.map((title) => (
            <th key={title} scope="col" className={classes["number"]}>
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {savings.models.map((row) => (
          <SavingsRow key={JSON.stringify([row.provider, row.model, row.service_tier])} row={row} />
        ))}
      </tbody>
    </table>
  );
}

function SavingsRow({ row }: { row: ModelSavingsModel }) {
  const name = [row.provider, row.model, row.service_tier].filter(Boolean).join(" · ") || "(none)";
  const figures = [
    row.cached_tokens > 0 ? formatCount(row.cached_tokens) : "",
    row.cached_tokens > 0 ? spared(row.prompt_cache_usd) : "",
    row.cache_hits > 0 ? `${formatCount(row.cache_hits)}, ${plural(row.hit_tokens, "token")}` : "",
    row.cache_hits > 0 ? hitAmount(row) : "",
    wasted(row.failed),
    wasted(row.abandoned),
  ];
  return (
    <tr>
      <th scope="row" className={classes["name"]}>
        {name}
      </th>
      {figures.map((figure, index) => (
        <td key={index} className={classes["number"]}>
          {figure}
        </td>
      ))}
    </tr>
  );
}

function spared(usd: string | null): string {
  return usd === null ? "not known" : formatUsd(usd);
}

function hitAmount(row: ModelSavingsModel): string {
  return row.hits_without_price > 0 && row.hit_usd !== null ? `≥ ${formatUsd(row.hit_usd)}` : spared(row.hit_usd);
}

function wasted({ calls, unpriced_calls, usd }: WasteModel): string {
  if (calls === 0) return "";
  const bound = usd !== null && unpriced_calls > 0 ? "≥ " : "";
  return `${formatCount(calls)}, ${bound}${knownAmount(usd)}`;
}
