import type { CostChange, CostMovers as Movers } from "@/api/schema";
import classes from "./Costs.module.css";
import { CAUSE_NAMES, formatChange, groupName } from "./money";

const CAUSES = Object.keys(CAUSE_NAMES);

/** What changed most against the period before; the causes of a row add up to its change. */
export function CostMovers({ movers }: { movers: Movers }) {
  if (movers.movers.length === 0) return <p className={classes["note"]}>Nothing changed against the period before.</p>;
  return (
    <table className={classes["table"]}>
      <thead>
        <tr>
          <th scope="col">{movers.dimensions.join(" · ").replaceAll("_", " ")}</th>
          <th scope="col" className={classes["number"]}>
            Change
          </th>
          {CAUSES.map((cause) => (
            <th key={cause} scope="col" className={classes["number"]}>
              {CAUSE_NAMES[cause]}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {movers.movers.map((change) => (
          <ChangeRow key={JSON.stringify([change.is_rest, change.key])} change={change} name={groupName(change.key, change.is_rest)} />
        ))}
      </tbody>
      <tfoot>
        <ChangeRow change={movers.total} name="All groups" />
      </tfoot>
    </table>
  );
}

function ChangeRow({ change, name }: { change: CostChange; name: string }) {
  return (
    <tr>
      <th scope="row" className={classes["name"]}>
        {name}
      </th>
      <td className={classes["number"]} {...(change.change_usd === null ? {} : { title: change.change_usd })}>
        {formatChange(change.change_usd)}
      </td>
      {CAUSES.map((cause) => (
        <td key={cause} className={classes["number"]} title={change.causes[cause]}>
          {Number(change.causes[cause]) === 0 ? "" : formatChange(change.causes[cause] ?? "0")}
        </td>
      ))}
    </tr>
  );
}
