import type { FailureMember } from "@/api/schema";
import { quoteValue } from "@/lib/queryText";

/** The server's limit of a query. */
const MAX_CHARACTERS = 4000;

/** The query for traces, users and sessions that a cluster hit; null when its members are too many for one. */
export function queryOfMembers(members: readonly FailureMember[]): string | null {
  const query = `fingerprint:${members.map(({ fingerprint }) => quoteValue(fingerprint)).join(",")}`;
  return members.length === 0 || query.length > MAX_CHARACTERS ? null : query;
}
