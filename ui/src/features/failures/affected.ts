import type { FailureMember, FailureRange } from "@/api/schema";
import { quoteValue } from "@/lib/queryText";
import type { RangeSearch } from "@/lib/timeRange";

/** The server's limit of a query. */
const MAX_CHARACTERS = 4000;

/**
 * The query for traces, users and sessions that a cluster hit; null when its members are too many for one. A span that
 * only carries the cause of a deeper one has a fingerprint, too, and is not counted.
 */
export function queryOfMembers(members: readonly FailureMember[]): string | null {
  const query = `{fingerprint:${members.map(({ fingerprint }) => quoteValue(fingerprint)).join(",")} has:failure}`;
  return members.length === 0 || query.length > MAX_CHARACTERS ? null : query;
}

/** The range of what a figure leads to: the whole hours that were counted, or there would be fewer behind it. */
export function countedRange(range: RangeSearch, counted: FailureRange | null): RangeSearch {
  return counted === null || range.since === "all" ? range : counted;
}
