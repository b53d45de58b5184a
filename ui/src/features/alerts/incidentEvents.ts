import type { Incident, IncidentEvent } from "@/api/schema";

const TIME = /(\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d))/;

const ADDRESS = /(https?:\/\/[^\s<>"]*[^\s<>".,;:!?)\]])/;

/** A text and the addresses of pages in it, in order. */
export function splitAddresses(text: string): { words: string; isAddress: boolean }[] {
  return text.split(ADDRESS).flatMap((words, index) => (words ? [{ words, isAddress: index % 2 === 1 }] : []));
}

/** The words of an event and the times among them, in order. */
export function splitTimes(text: string): { words: string; isTime: boolean }[] {
  // What a pattern in parentheses splits by stays in the list, at every odd place.
  return text.split(TIME).flatMap((words, index) => (words ? [{ words, isTime: index % 2 === 1 }] : []));
}

/** Until when nothing is said about the incident; `null` when it is not snoozed now. The last word counts. */
export function snoozedUntil(timeline: readonly IncidentEvent[], now: Date): string | null {
  const last = timeline.findLast((event) => event.kind === "snoozed");
  const until = last && splitTimes(last.text).find(({ isTime }) => isTime)?.words;
  return until && new Date(until) > now ? until : null;
}

/** What the list is asked for to show the traces of the value; those that were scored ran long before the window. */
export function tracesBehind(incident: Pick<Incident, "query_url">): { start: string; end: string; q?: string } {
  const { searchParams } = new URL(incident.query_url, "http://localhost");
  const [start = "", end = "", q] = ["start", "end", "q"].map((name) => searchParams.get(name) ?? undefined);
  return { start, end, ...(q ? { q } : {}) };
}
