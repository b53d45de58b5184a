import { SelectField } from "@/kit/Fields";
import { monthName, recentMonths } from "./months";

type MonthProps = { value: string; onChange: (month: string) => void };

/** Chooses a calendar month. */
export function MonthField({ value, onChange }: MonthProps) {
  const months = recentMonths();
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
