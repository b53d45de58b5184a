import { formatWallTime, type TimeZone } from "@/lib/time";

const SHOWN = 13;

/** The month that it is in the zone and the ones before it, newest first, as `2026-10`. */
export function recentMonths(zone: TimeZone, now = new Date()): string[] {
  const [year = 0, number = 1] = formatWallTime(now, zone).split("-").map(Number);
  return Array.from({ length: SHOWN }, (_, back) => {
    const month = new Date(Date.UTC(year, number - 1 - back, 1));
    return month.toISOString().slice(0, 7);
  });
}

/** `October 2026` */
export function monthName(month: string): string {
  const first = new Date(`${month}-01T00:00:00Z`);
  return first.toLocaleDateString("en-GB", { month: "long", year: "numeric", timeZone: "UTC" });
}
