import { FAILURE_STATES, type FailureSearch } from "@/api/failures";
import type { FailureFacets } from "@/api/schema";
import { SelectField } from "@/kit/Fields";
import { TimeRangePicker } from "@/kit/TimeRangePicker";
import classes from "./Failures.module.css";
import { parseFailureListSearch } from "./search";
import { categoryLabel } from "./StateBadge";

type FilterProps = {
  search: FailureSearch;
  facets: FailureFacets | undefined;
  onChange: (search: FailureSearch) => void;
};

/** The value of the assignee's field that no person can have. */
const NOBODY = "\0nobody";

/** What narrows the list; each choice says how many clusters have it. */
export function FailureFilters({ search, facets, onChange }: FilterProps) {
  const change = (next: Record<string, unknown>): void => onChange(parseFailureListSearch({ ...search, ...next }));
  const states = FAILURE_STATES.map((value) => ({
    value,
    clusters: facets?.state.find((facet) => facet.value === value)?.clusters ?? 0,
  }));
  return (
    <div className={classes["filters"]}>
      <Filter label="State" none="Open" value={search.state} facets={states} onChange={(state) => change({ state })} />
      <Filter
        label="Category"
        none="All categories"
        value={search.category}
        facets={facets?.category}
        words={categoryLabel}
        onChange={(category) => change({ category })}
      />
      <Filter label="App" none="All apps" value={search.app} facets={facets?.app} onChange={(app) => change({ app })} />
      <Filter
        label="Assignee"
        none="Anybody"
        value={search.nobody ? NOBODY : search.assignee}
        facets={facets?.assignee.map((facet) => ({ ...facet, value: facet.value || NOBODY }))}
        words={(value) => (value === NOBODY ? "nobody" : value)}
        onChange={(value) => change(value === NOBODY ? { nobody: true } : { nobody: undefined, assignee: value })}
      />
      <TimeRangePicker
        range={search}
        onChange={(range) => change({ since: undefined, start: undefined, end: undefined, ...range })}
      />
    </div>
  );
}

type SelectProps = {
  label: string;
  none: string;
  value: string | undefined;
  facets: readonly { value: string; clusters: number }[] | undefined;
  words?: (value: string) => string;
  onChange: (value: string | undefined) => void;
};

function Filter({ label, none, value, facets, words = String, onChange }: SelectProps) {
  const options = (facets ?? [])
    .filter((facet) => facet.value !== "")
    .map((facet) => ({ value: facet.value, label: `${words(facet.value)} · ${facet.clusters}` }));
  // The value of a shared link may have no cluster now; it still has to be seen to be cleared.
  if (value && !options.some((option) => option.value === value)) options.push({ value, label: words(value) });
  return (
    <SelectField
      label={label}
      hideLabel
      placeholder={none}
      clearable
      searchable
      value={value ?? null}
      options={options}
      onChange={(next) => onChange(next ?? undefined)}
    />
  );
}
