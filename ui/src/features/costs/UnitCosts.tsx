import type { UnitCost, UnitCostGroup, UnitCosts as Units } from "@/api/schema";
import { ABSENT, formatInteger, formatUsd } from "@/lib/format";
import { groupName } from "./money";
import { type Column, Table } from "./Table";

const UNITS = ["trace", "success", "session", "user"] as const;

/** What one trace, success, session and user of each group cost. */
export function UnitCosts({ units }: { units: Units }) {
  const columns: Column<UnitCostGroup>[] = [
    {
      title: units.dimensions.join(" · ").replaceAll("_", " "),
      cell: (group) => (group === units.total ? "All calls, each trace once" : groupName(group.key, group.is_rest)),
    },
    ...UNITS.flatMap((unit): Column<UnitCostGroup>[] => [
      { title: plural(unit), cell: (group) => formatInteger(group[unit].count) },
      {
        title: `Cost per ${unit}`,
        cell: (group) => amount(group, group[unit]),
        exact: (group) => group[unit].usd && `$${group[unit].usd}`,
      },
    ]),
  ];
  return (
    <Table
      label="Unit costs"
      columns={columns}
      rows={units.groups}
      footer={[units.total]}
      keyOf={(group) => (group === units.total ? "total" : JSON.stringify([group.is_rest, group.key]))}
    />
  );
}

function amount({ state }: UnitCostGroup, { usd, count }: UnitCost): string {
  if (usd === null) return state === "unpriced" && count > 0 ? "unpriced" : ABSENT;
  return `${state === "partial" ? "≥ " : ""}${formatUsd(usd)}`;
}

function plural(unit: (typeof UNITS)[number]): string {
  return unit === "success" ? "Successes" : `${unit[0]?.toUpperCase()}${unit.slice(1)}s`;
}
