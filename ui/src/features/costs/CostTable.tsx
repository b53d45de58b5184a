import type { CostGroup, CostReportModel } from "@/api/schema";
import { formatCount, formatUsd, plural } from "@/lib/format";
import classes from "./Costs.module.css";
import { formatChange, formatShare, groupName, knownCost } from "./money";

type TableProps = { report: CostReportModel; onDrill?: (value: string) => void };

/** Groups by cost with their sum; unpriced and estimated spend have columns of their own. */
export function CostTable({ report, onDrill }: TableProps) {
  return (
    <table className={classes["table"]}>
      <thead>
        <tr>
          <th scope="col">{report.dimensions.join(" · ").replaceAll("_", " ")}</th>
          {["Cost", "of it estimated", "Unpriced calls", "Change", "in percent", "Calls", "Errors", "Tokens in", "out"].map(
            (title, index) => (
              <th key={index} scope="col" className={classes["number"]}>
                {title}
              </th>
            ),
          )}
        </tr>
      </thead>
      <tbody>
        {report.groups.map((group) => (
          <GroupRow key={JSON.stringify([group.is_rest, group.key])} group={group} {...(onDrill ? { onDrill } : {})} />
        ))}
      </tbody>
      <tfoot>
        <GroupRow group={report.total} name={`Total of ${plural(report.group_count, "group")}`} />
      </tfoot>
    </table>
  );
}

type RowProps = { group: CostGroup; name?: string; onDrill?: (value: string) => void };

function GroupRow({ group, name, onDrill }: RowProps) {
  const { spend, previous } = group;
  const [value] = group.key;
  const shown = name ?? groupName(group.key, group.is_rest);
  const figures = [
    knownCost(spend),
    Number(spend.estimated_usd) > 0 ? `~ ${formatUsd(spend.estimated_usd)}` : "",
    spend.unpriced_calls > 0 ? formatCount(spend.unpriced_calls) : "",
    formatChange(group.change_usd),
    formatShare(group.change_usd, previous.usd),
    formatCount(spend.calls),
    spend.errors > 0 ? formatCount(spend.errors) : "",
    formatCount(spend.input_tokens),
    formatCount(spend.output_tokens),
  ];
  return (
    <tr>
      <th scope="row" className={classes["name"]}>
        {onDrill && value ? (
          <button type="button" className={classes["drill"]} onClick={() => onDrill(value)}>
            {shown}
          </button>
        ) : (
          shown
        )}
      </th>
      {figures.map((figure, index) => (
        <td key={index} className={classes["number"]} {...(index === 0 && spend.usd !== null ? { title: `$${spend.usd}` } : {})}>
          {figure}
        </td>
      ))}
    </tr>
  );
}
