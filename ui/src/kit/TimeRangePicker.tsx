import { lazy, Suspense, useState } from "react";
import { usePreferences } from "@/lib/preferences";
import { formatRangeEnd, type TimeZone } from "@/lib/time";
import { DEFAULT_SINCE, RANGE_PRESETS, type RangeSearch } from "@/lib/timeRange";
import { Button } from "./Button";
import { ClockIcon } from "./icons";
import { Popup } from "./Popup";
import classes from "./TimeRangePicker.module.css";

/** Fields of forms are a large part of the kit; most visits never open this. */
const TimeRangeFields = lazy(() => import("./TimeRangeFields"));

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
      <Suspense fallback={<div className={classes["waiting"]} />}>
        <TimeRangeFields range={range} onChoose={choose} />
      </Suspense>
    </Popup>
  );
}

function rangeLabel(range: RangeSearch, zone: TimeZone): string {
  if (range.start) {
    const text = (time: string): string => formatRangeEnd(new Date(time), zone);
    return `${text(range.start)} – ${range.end ? text(range.end) : "now"}`;
  }
  const since = range.since ?? DEFAULT_SINCE;
  return RANGE_PRESETS.find((preset) => preset.since === since)?.label ?? `Last ${since}`;
}
