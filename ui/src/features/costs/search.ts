import { COST_DIMENSIONS, COST_UNITS, type CostSearch } from "@/api/costs";
import { parseRangeSearch } from "@/lib/timeRange";

/** Reads the report's state from the URL; what does not make sense counts as not given. */
export function parseCostSearch(search: Record<string, unknown>): CostSearch {
  const by = COST_DIMENSIONS.find((dimension) => dimension === search["by"]);
  const unit = COST_UNITS.find((each) => each === search["unit"]);
  const app = search["app"];
  return {
    ...parseRangeSearch(search),
    ...(by ? { by } : {}),
    ...(unit ? { unit } : {}),
    ...(typeof app === "string" && app !== "" ? { app } : {}),
  };
}
