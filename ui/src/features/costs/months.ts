const SHOWN = 13;

/** This month and the ones before it, newest first, as `2026-10`. */
export function recentMonths(now = new Date()): string[] {
  return Array.from({ length: SHOWN }, (_, back) => {
    const month = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - back, 1));
    return month.toISOString().slice(0, 7);
  });
}

/** `October 2026` */
export function monthName(month: string): string {
  const first = new Date(`${month}-01T00:00:00Z`);
  return first.toLocaleDateString("en-GB", { month: "long", year: "numeric", timeZone: "UTC" });
}
