import { Link } from "@tanstack/react-router";
import type { TraceGroup } from "@/api/schema";
import { ErrorShare } from "@/kit/ErrorShare";
import { Cost, Count } from "@/kit/Figures";
import { MoreNote } from "@/kit/MoreNote";
import { formatDuration } from "@/lib/format";
import { quoteValue } from "@/lib/queryText";
import type { RangeSearch } from "@/lib/timeRange";
import classes from "./Users.module.css";

type TableProps = {
  title: string;
  field: "app" | "model";
  groups: readonly TraceGroup[];
  more: boolean;
  user: string;
  /** The traces that were grouped. */
  query: string;
  range: RangeSearch;
};

/** Figures of a user's traces by the values of a field; a value leads to its traces. */
export function GroupTable({ title, field, groups, more, user, query, range }: TableProps) {
  return (
    <section className={classes["panel"]} aria-label={title}>
      <h2 className={classes["heading"]}>{title}</h2>
      <p className={classes["dim"]}>
        Of whole traces: one with two {field}s is in both rows.{" "}
        <Link to="/costs" search={{ ...range, by: field, user }} className={classes["link"]}>
          What each {field} cost
        </Link>
      </p>
      <table className={classes["table"]}>
        <thead>
          <tr>
            {[field === "app" ? "App" : "Model", "Traces", "Failed", "p95", "Cost"].map((heading) => (
              <th key={heading} scope="col">
                {heading}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {groups.map((group) => (
            <tr key={group.value}>
              <th scope="row">
                {group.value === "" ? (
                  <span className={classes["dim"]}>(none)</span>
                ) : (
                  <Link
                    to="/traces"
                    search={{ ...range, q: `${query} ${field}:${quoteValue(group.value)}` }}
                    className={classes["link"]}
                    title={group.value}
                  >
                    {group.value}
                  </Link>
                )}
              </th>
              <td>
                <Count count={group.traces} sampled={group.sampled} />
              </td>
              <td>
                <ErrorShare errors={group.errors} of={group.traces} noun="trace" />
              </td>
              <td>{formatDuration(group.p95_ns)}</td>
              <td>
                <Cost cost={group.cost} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <MoreNote more={more}>The {groups.length} with the most traces; there are more.</MoreNote>
    </section>
  );
}
