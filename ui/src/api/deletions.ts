import { queryOptions } from "@tanstack/react-query";
import { call } from "./client";
import type { DeletionBody, DeletionModel } from "./schema";

export type DeletionTarget = DeletionBody;

const WATCH_MS = 10_000;

/** The deletions of the last day; asked again until the bytes of all of them are off the disk. */
export function deletionsQuery() {
  return queryOptions({
    queryKey: ["deletions"],
    queryFn: ({ signal }) => call("GET /api/v1/deletions", { signal }),
    refetchInterval: ({ state: { data } }) =>
      data?.deletions.some(({ state }) => state !== "purged") ? WATCH_MS : false,
  });
}

/** Deletes; when it returns, what was stored is gone for every reader, unless the answer says `waiting`. */
export function askForDeletion(target: DeletionTarget): Promise<DeletionModel> {
  return call("POST /api/v1/deletions", { body: target });
}
