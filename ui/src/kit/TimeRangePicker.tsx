import { useState } from "react";
import { usePreferences } from "@/lib/preferences";
import { formatTime, formatWallTime, LOCAL_ZONE, parseWallTime, type TimeZone } from "@/lib/time";
import { DEFAULT_SINCE, RANGE_PRESETS, type RangeSearch } from "@/lib/timeRange";
import { Button } from "./Button";
import { SelectField, TextField } from "./Fields";
import { ClockIcon } from "./icons";
import { Popup } from "./Popup";
import classes from "./TimeRangePicker.module.css";

type PickerProps = { range: RangeSearch; onChange: (range: RangeSearch) => void };

/** Chooses a relative or a fixed time range, and the zone that all times are shown in. */
export function TimeRangePicker({ range, onChange }: PickerProps) {
  const [open, setOpen] = useState(false);
  const [{ zone }] = usePreferences();
  const choose = (next: RangeSearch): void => {
    setOpen(false);
    onChange(next);
  };
  return (
    <Popup
      open={open}
      onChange={setOpen}
      label="Time range"
      target={
        <Button icon={<ClockIcon size={14} />} onClick={() => setOpen(!open)}>
          {rangeLabel(range, zone)}
        </Button>
      }
    >
      <div className={classes["presets"]}>
        {RANGE_PRESETS.map(({ since, label }) => (
          <button
            key={since}
            type="button"
            className={classes["preset"]}
            aria-pressed={!range.start && (range.since ?? DEFAULT_SINCE) === since}
            onClick={() => choose({ since })}
          >
            {label}
          </button>
        ))}
      </div>
      <FixedRange key={`${zone} ${range.start} ${range.end}`} range={range} zone={zone} onChoose={choose} />
      <div className={classes["section"]}>
        <ZoneField />
      </div>
    </Popup>
  );
}

type FixedProps = { range: RangeSearch; zone: TimeZone; onChoose: (range: RangeSearch) => void };

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
export function ZoneField() {
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

function rangeLabel(range: RangeSearch, zone: TimeZone): string {
  if (range.start) {
    const text = (time: string): string =>
      `${formatTime(new Date(time), zone, "axis-day")} ${formatTime(new Date(time), zone, "axis-time")}`;
    return `${text(range.start)} – ${range.end ? text(range.end) : "now"}`;
  }
  const since = range.since ?? DEFAULT_SINCE;
  return RANGE_PRESETS.find((preset) => preset.since === since)?.label ?? `Last ${since}`;
}
