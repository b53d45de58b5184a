import { SelectField } from "@/kit/Fields";
import type { TimeZone } from "@/lib/time";
import { monthName, recentMonths } from "./months";

type MonthProps = { zone: TimeZone; value: string; onChange: (month: string) => void };

/** Chooses a calendar month. */
export function MonthField({ zone, value, onChange }: MonthProps) {
  const months = recentMonths(zone);
  const options = months.includes(value) ? months : [value, ...months];
  return (
    <SelectField
      label="Month"
      hideLabel
      value={value}
      options={options.map((month) => ({ value: month, label: monthName(month) }))}
      onChange={(month) => month && onChange(month)}
    />
  );
}
