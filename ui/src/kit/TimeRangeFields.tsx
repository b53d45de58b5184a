import { useState } from "react";
import { usePreferences } from "@/lib/preferences";
import { formatWallTime, LOCAL_ZONE, parseWallTime, type TimeZone } from "@/lib/time";
import type { RangeSearch } from "@/lib/timeRange";
import { Button } from "./Button";
import { SelectField, TextField } from "./Fields";
import classes from "./TimeRangePicker.module.css";

type FieldsProps = { range: RangeSearch; onChoose: (range: RangeSearch) => void };

/** Fixed ends of a time range, and the zone that all times are shown in. */
export default function TimeRangeFields({ range, onChoose }: FieldsProps) {
  const [{ zone }] = usePreferences();
  return (
    <>
      <FixedRange key={`${zone} ${range.start} ${range.end}`} range={range} zone={zone} onChoose={onChoose} />
      <div className={classes["section"]}>
        <ZoneField />
      </div>
    </>
  );
}

type FixedProps = FieldsProps & { zone: TimeZone };

function FixedRange({ range, zone, onChoose }: FixedProps) {
  const [from, setFrom] = useState(range.start ? formatWallTime(new Date(range.start), zone) : "");
  const [to, setTo] = useState(range.end ? formatWallTime(new Date(range.end), zone) : "");
  const start = parseWallTime(from, zone);
  const end = to === "" ? null : parseWallTime(to, zone);
  const reversed = start !== null && end !== null && end <= start;
  const apply = (): void => {
    if (!start || reversed) return;
    onChoose({ start: start.toISOString(), ...(end ? { end: end.toISOString() } : {}) });
  };
  return (
    <form
      className={classes["section"]}
      onSubmit={(event) => {
        event.preventDefault();
        apply();
      }}
    >
      <TextField label="From" type="datetime-local" value={from} onChange={setFrom} />
      <TextField
        label="To (empty: until now)"
        type="datetime-local"
        value={to}
        onChange={setTo}
        error={reversed ? "Ends before it starts" : undefined}
      />
      <Button type="submit" look="primary" disabled={!start || reversed}>
        Apply
      </Button>
    </form>
  );
}

/** Chooses the zone that times are shown in, everywhere and for good. */
function ZoneField() {
  const [{ zone }, change] = usePreferences();
  return (
    <SelectField
      label="Time zone"
      value={zone}
      onChange={(next) => next && change({ zone: next })}
      options={zoneOptions()}
      searchable
    />
  );
}

function zoneOptions(): { value: string; label: string }[] {
  const local = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const names = Intl.supportedValuesOf("timeZone").filter((name) => name !== "UTC");
  return [
    { value: LOCAL_ZONE, label: `Local (${local})` },
    { value: "UTC", label: "UTC" },
    ...names.map((name) => ({ value: name, label: name.replaceAll("_", " ") })),
  ];
}
