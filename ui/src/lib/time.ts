import { DAY_MS } from "./timeRange";

/** `local`, or an IANA name such as `UTC` or `Europe/Berlin`. */
export type TimeZone = string;

export const LOCAL_ZONE = "local";

type Shape = "full" | "list" | "list-year" | "time" | "date" | "axis-day" | "axis-time";

const SHAPES: Record<Shape, Intl.DateTimeFormatOptions> = {
  full: {
    year: "numeric",
    month: "short",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    fractionalSecondDigits: 3,
    hourCycle: "h23",
    timeZoneName: "short",
  },
  list: { month: "short", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" },
  "list-year": { year: "numeric", month: "short", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
  time: { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" },
  date: { year: "numeric", month: "short", day: "2-digit" },
  "axis-day": { month: "short", day: "2-digit" },
  "axis-time": { hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
};

const formatters = new Map<string, Intl.DateTimeFormat>();

/** One time in the zone chosen. Making an `Intl` formatter costs far more than using it, so they are kept. */
export function formatTime(time: Date, zone: TimeZone, shape: Shape = "full"): string {
  const key = `${shape} ${zone}`;
  let formatter = formatters.get(key);
  if (!formatter) {
    const timeZone = zone === LOCAL_ZONE ? {} : { timeZone: zone };
    formatter = new Intl.DateTimeFormat("en-GB", { ...SHAPES[shape], ...timeZone });
    formatters.set(key, formatter);
  }
  return formatter.format(time);
}

/** A time for a list: with seconds this year, with the year instead for other years. */
export function formatListTime(time: Date, zone: TimeZone, now = new Date()): string {
  const isThisYear = yearOf(time, zone) === yearOf(now, zone);
  return formatTime(time, zone, isThisYear ? "list" : "list-year");
}

/** An end of a time range: with the year for other years, and with seconds where it has some. */
export function formatRangeEnd(time: Date, zone: TimeZone, now = new Date()): string {
  const clock = time.getTime() % 60_000 === 0 ? "axis-time" : "time";
  return `${formatDay(time, zone, now)} ${formatTime(time, zone, clock)}`;
}

/** A day: with the year where that is another one than `before` has, such as now or the day to the left on an axis. */
export function formatDay(time: Date, zone: TimeZone, before = new Date()): string {
  return formatTime(time, zone, yearOf(time, zone) === yearOf(before, zone) ? "axis-day" : "date");
}

function yearOf(time: Date, zone: TimeZone): string {
  return formatTime(time, zone, "date").slice(-4);
}

/** How long ago: `now`, `42s ago`, `5m ago`, `3h ago`, `12d ago`. */
export function formatAge(time: Date, now: Date): string {
  const seconds = Math.round((now.getTime() - time.getTime()) / 1000);
  if (seconds < 5) return "now";
  if (seconds < 60) return `${seconds}s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}h ago`;
  return `${Math.floor(seconds / 86_400)}d ago`;
}

/**
 * The instant that a wall clock shows as `YYYY-MM-DDTHH:MM`, with or without seconds, in the zone; `null` when the
 * text is no time.
 * In the hour that summer time skips or repeats, the later reading is taken.
 */
export function parseWallTime(text: string, zone: TimeZone): Date | null {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?$/.test(text)) return null;
  const asUtc = Date.parse(`${text}Z`);
  if (Number.isNaN(asUtc)) return null;
  // No zone is a day away from UTC, so these are the offsets before and after any change of that hour.
  const readings = [-DAY_MS, DAY_MS].map((away) => asUtc - offsetMs(new Date(asUtc + away), zone));
  const real = readings.filter((time) => time + offsetMs(new Date(time), zone) === asUtc);
  return new Date(Math.max(...(real.length > 0 ? real : readings)));
}

/** The wall clock of an instant as `<input type="datetime-local">` wants it: `YYYY-MM-DDTHH:MM`, and seconds if any. */
export function formatWallTime(time: Date, zone: TimeZone): string {
  return new Date(time.getTime() + offsetMs(time, zone)).toISOString().slice(0, 23).replace(/(:00)?\.000$/, "");
}

function offsetMs(time: Date, zone: TimeZone): number {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone: zoneName(zone),
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  }).formatToParts(time);
  const value = (type: Intl.DateTimeFormatPartTypes): number =>
    Number(parts.find((part) => part.type === type)?.value);
  const wall = Date.UTC(value("year"), value("month") - 1, value("day"), value("hour"), value("minute"), value("second"));
  return wall - Math.floor(time.getTime() / 1000) * 1000;
}

/** The IANA name of the zone that times are shown in. */
export function zoneName(zone: TimeZone): string {
  return zone === LOCAL_ZONE ? new Intl.DateTimeFormat().resolvedOptions().timeZone : zone;
}
