import { useQuery } from "@tanstack/react-query";
import { appsQuery } from "@/api/server";
import type { TraceListSearch } from "@/api/traces";
import { SelectField } from "@/kit/Fields";
import { formatCount } from "@/lib/format";

type AppFilterProps = { search: TraceListSearch; onChange: (search: TraceListSearch) => void };

/** Narrows the list to one app. */
export function AppFilter({ search, onChange }: AppFilterProps) {
  const { app, ...range } = search;
  const { data } = useQuery(appsQuery(range));
  const options = (data?.apps ?? []).map((seen) => ({
    value: seen.app,
    label: `${seen.app || "(no name)"} · ${formatCount(seen.traces)}`,
  }));
  // The app of a shared link may have been silent in this range; it still has to be seen to be cleared.
  if (app && !options.some((option) => option.value === app)) options.push({ value: app, label: app });
  return (
    <SelectField
      label="App"
      hideLabel
      placeholder="All apps"
      clearable
      searchable
      value={app ?? null}
      options={options.filter((option) => option.value !== "")}
      onChange={(next) => onChange({ ...range, ...(next ? { app: next } : {}) })}
    />
  );
}
