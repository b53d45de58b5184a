import { useQuery } from "@tanstack/react-query";
import type { TraceGroup } from "@/api/schema";
import { type TraceFilter, traceGroupsQuery } from "@/api/traceList";
import { SelectField } from "@/kit/Fields";
import { Cost, Count } from "@/kit/Figures";
import { EmptyState, ErrorState, LoadingRows } from "@/kit/States";
import { ABSENT, formatCount, formatDuration, formatInteger } from "@/lib/format";
import { useScrollPlace } from "@/lib/listPlace";
import { canBeAbsent } from "@/lib/queryText";
import { FACET_FIELDS } from "./facetFields";
import classes from "./TraceGroups.module.css";

type GroupsProps = {
  filter: TraceFilter;
  by: string;
  onBy: (by: string) => void;
  /** Looks at the traces of one value. */
  onDrill: (value: string) => void;
};

/** Figures of the matching traces by the values of a field. */
export default function TraceGroups({ filter, by, onBy, onDrill }: GroupsProps) {
  const { data, error, refetch } = useQuery(traceGroupsQuery(filter, by));
  const options = FACET_FIELDS.map(({ field, label }) => ({ value: field, label }));
  if (!options.some(({ value }) => value === by)) options.push({ value: by, label: by });
  return (
    <div className={classes["groups"]}>
      <div className={classes["bar"]}>
        <SelectField label="Group by" value={by} options={options} onChange={(next) => next && onBy(next)} searchable />
        <p className={classes["note"]}>
          {data?.more ? `The ${data.groups.length} with the most traces. ` : ""}Of whole traces: one with two values is in both
          groups, with all that it cost.
        </p>
      </div>
      {error ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : !data ? (
        <LoadingRows rows={8} label="Loading groups" />
      ) : data.groups.length === 0 ? (
        <EmptyState title="No traces here">Nothing matches in this time range.</EmptyState>
      ) : (
        <GroupTable
          placeKey={`groups ${JSON.stringify([filter, by])}`}
          groups={data.groups}
          by={by}
          label={options.find(({ value }) => value === by)?.label ?? by}
          onDrill={onDrill}
        />
      )}
    </div>
  );
}

type TableProps = {
  placeKey: string;
  groups: readonly TraceGroup[];
  by: string;
  label: string;
  onDrill: (value: string) => void;
};

function GroupTable({ placeKey, groups, by, label, onDrill }: TableProps) {
  const scroller = useScrollPlace(placeKey);
  const most = Math.max(1, ...groups.map(({ traces }) => traces));
  return (
    <div ref={scroller} className={classes["scroll"]} tabIndex={0} role="region" aria-label="Groups">
      <table className={classes["table"]}>
        <thead>
          <tr>
            {[label, "Traces", "Failed", "Median", "p95", "Tokens", "Cost"].map((title) => (
              <th key={title} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {groups.map((group) => (
            <GroupRow key={group.value} group={group} by={by} share={group.traces / most} onDrill={onDrill} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

type RowProps = { group: TraceGroup; by: string; share: number; onDrill: (value: string) => void };

function GroupRow({ group, by, share, onDrill }: RowProps) {
  const errorShare = group.errors / Math.max(1, group.traces);
  return (
    <tr>
      <th scope="row" title={group.value}>
        {group.value !== "" || canBeAbsent(by) ? (
          <button type="button" className={classes["drill"]} onClick={() => onDrill(group.value)}>
            {group.value || "(none)"}
          </button>
        ) : (
          <span className={classes["none"]}>(none)</span>
        )}
      </th>
      <td className={classes["traces"]}>
        <span className={classes["track"]} aria-hidden>
          <span className={classes["share"]} style={{ width: `${share * 100}%` }}>
            <span className={classes["errorShare"]} style={{ width: `${errorShare * 100}%` }} />
          </span>
        </span>
        <span className={classes["count"]}>
          <Count count={group.traces} sampled={group.sampled} />
        </span>
      </td>
      <td className={group.errors > 0 ? classes["errors"] : undefined}>
        {group.errors > 0 ? `${formatInteger(group.errors)} · ${(errorShare * 100).toFixed(1)}%` : ABSENT}
      </td>
      <td>{formatDuration(group.p50_ns)}</td>
      <td>{formatDuration(group.p95_ns)}</td>
      <td>{group.tokens > 0 ? formatCount(group.tokens) : ABSENT}</td>
      <td>
        <Cost cost={group.cost} />
      </td>
    </tr>
  );
}
