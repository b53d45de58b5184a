import { COST_DIMENSIONS, COST_UNITS, costCsvUrl, filtersOf, unitOf } from "@/api/costs";
import { Button, DownloadLink } from "@/kit/Button";
import { SelectField } from "@/kit/Fields";
import { CloseIcon } from "@/kit/icons";
import { Segmented } from "@/kit/Segmented";
import { TimeRangePicker } from "@/kit/TimeRangePicker";
import classes from "./Costs.module.css";
import { type CostSearch, without } from "./search";

type ControlProps = { search: CostSearch; zone: string; onChange: (search: CostSearch) => void };

/** What the report is about: its range, its groups, its buckets, and the same as a file. */
export function CostControls({ search, zone, onChange }: ControlProps) {
  const isReport = search.tab === undefined;
  return (
    <>
      {isReport ? (
        <>
          <SelectField
            label="Group by"
            hideLabel
            value={search.by ?? "app"}
            options={COST_DIMENSIONS.map((value) => ({ value, label: `By ${value.replaceAll("_", " ")}` }))}
            onChange={(next) => {
              const by = COST_DIMENSIONS.find((dimension) => dimension === next);
              if (by) onChange({ ...search, by });
            }}
          />
          <Segmented
            label="Bucket"
            value={unitOf(search)}
            options={COST_UNITS.map((value) => ({ value, label: value }))}
            onChange={(unit) => onChange({ ...search, unit })}
          />
        </>
      ) : null}
      <TimeRangePicker range={search} onChange={(range) => onChange({ ...without(search, "since", "start", "end"), ...range })} />
      {isReport ? (
        <DownloadLink href={costCsvUrl(search, zone)}>CSV</DownloadLink>
      ) : null}
    </>
  );
}

/** What the report is restricted to; each can be taken out. */
export function CostFilterChips({ search, onChange }: Omit<ControlProps, "zone">) {
  const filters = Object.entries(filtersOf(search));
  if (filters.length === 0) return null;
  return (
    <ul className={classes["chips"]} aria-label="Restricted to">
      {COST_DIMENSIONS.flatMap((name) => {
        const value = search[name];
        if (!value) return [];
        return (
          <li key={name}>
            <Button
              icon={<CloseIcon size={14} />}
              aria-label={`Not only ${name.replaceAll("_", " ")} ${value}`}
              onClick={() => onChange(without(search, name))}
            >
              {`${name.replaceAll("_", " ")}: ${value}`}
            </Button>
          </li>
        );
      })}
    </ul>
  );
}
