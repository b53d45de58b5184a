import type { CostChange, CostMovers as Movers } from "@/api/schema";
import classes from "./Costs.module.css";
import { CAUSE_NAMES, formatChange, groupName } from "./money";
import { type Column, Table } from "./Table";

const CAUSES = Object.keys(CAUSE_NAMES);

/** What changed most against the period before; the causes of a row add up to its change. */
export function CostMovers({ movers }: { movers: Movers }) {
  const { total } = movers;
  if (movers.movers.length === 0 && total.change_usd === null) {
    return <p className={classes["note"]}>No call of either period has a known price, so that no change can be told.</p>;
  }
  if (movers.movers.length === 0) return <p className={classes["note"]}>Nothing changed against the period before.</p>;
  const columns: Column<CostChange>[] = [
    {
      title: movers.dimensions.join(" · ").replaceAll("_", " "),
      cell: (change) => (change === total ? "All groups" : groupName(change.key, change.is_rest)),
    },
    { title: "Change", cell: (change) => formatChange(change.change_usd), exact: (change) => change.change_usd },
    ...CAUSES.map((cause): Column<CostChange> => ({
      title: CAUSE_NAMES[cause] ?? cause,
      cell: (change) => (Number(change.causes[cause] ?? 0) === 0 ? "" : formatChange(change.causes[cause] ?? null)),
      exact: (change) => change.causes[cause] ?? null,
    })),
  ];
  return (
    <Table
      label="Top movers"
      columns={columns}
      rows={movers.movers}
      footer={[total]}
      keyOf={(change) => (change === total ? "total" : JSON.stringify([change.is_rest, change.key]))}
    />
  );
}
