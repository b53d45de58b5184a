import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { call } from "./client";

const POLL_MS = 15_000;

/** Open incidents, however old they are, page by page; asked again as often as rules are looked at. */
export function openIncidentsQuery() {
  return incidentPages("open", { only_open: true, limit: 500 });
}

/** All incidents, the newest first, page by page. */
export function incidentsQuery() {
  return incidentPages("all", {});
}

function incidentPages(which: string, query: { only_open?: boolean; limit?: number }) {
  return infiniteQueryOptions({
    queryKey: ["alerts", "incidents", which],
    queryFn: ({ pageParam, signal }) =>
      call("GET /api/v1/alerts/incidents", { query: { ...query, cursor: pageParam }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    refetchInterval: POLL_MS,
  });
}

/** One incident with its timeline and delivery log. */
export function incidentQuery(incident: string) {
  return queryOptions({
    queryKey: ["alerts", "incidents", incident],
    queryFn: ({ signal }) => call("GET /api/v1/alerts/incidents/{incident}", { path: { incident }, signal }),
    refetchInterval: POLL_MS,
  });
}

/** Rules as documents. */
export function rulesQuery() {
  return queryOptions({
    queryKey: ["alerts", "rules"],
    queryFn: ({ signal }) => call("GET /api/v1/alerts/rules", { signal }),
  });
}

/** Channels without their secrets. */
export function channelsQuery() {
  return queryOptions({
    queryKey: ["alerts", "channels"],
    queryFn: ({ signal }) => call("GET /api/v1/alerts/channels", { signal }),
  });
}

/** Notes that the caller takes care of the incident. */
export function acknowledgeIncident(incident: string): Promise<void> {
  return call("POST /api/v1/alerts/incidents/{incident}/acknowledge", { path: { incident } });
}

/** Says nothing about the incident for a while, for example `4h`. */
export function snoozeIncident(incident: string, duration: string): Promise<void> {
  return call("POST /api/v1/alerts/incidents/{incident}/snooze", { path: { incident }, body: { duration } });
}

/** Creates a rule, or replaces the one that `etag` is of; refused when somebody else has saved it meanwhile. */
export function saveRule(key: string, document: Record<string, unknown>, etag: string | undefined): Promise<void> {
  return call("PUT /api/v1/alerts/rules/{key}", { path: { key }, body: document, headers: onlyIf(etag) });
}

/** Deletes a rule and closes its incidents. */
export function deleteRule(key: string): Promise<void> {
  return call("DELETE /api/v1/alerts/rules/{key}", { path: { key } });
}

/** Creates a channel, or replaces the one that `etag` is of; refused when somebody else has saved it meanwhile. */
export function saveChannel(
  key: string,
  kind: string,
  settings: Record<string, string | number | string[]>,
  etag: string | undefined,
): Promise<void> {
  return call("PUT /api/v1/alerts/channels/{key}", {
    path: { key },
    body: { kind, settings },
    headers: onlyIf(etag),
  });
}

/** Deletes a channel; rules that name it tell one less. */
export function deleteChannel(key: string): Promise<void> {
  return call("DELETE /api/v1/alerts/channels/{key}", { path: { key } });
}

/** Sends a test message; the answer says what came of it. */
export function testChannel(key: string) {
  return call("POST /api/v1/alerts/channels/{key}/test", { path: { key } });
}

/** When the rule would have fired in the last 30 days; nothing is saved. */
export function previewRule(document: Record<string, unknown>) {
  return call("POST /api/v1/alerts/preview", { body: document });
}

function onlyIf(etag: string | undefined): Record<string, string> {
  return etag === undefined ? { "If-None-Match": "*" } : { "If-Match": etag };
}
