import type { Role } from "@/api/schema";

/** What a key may do in its project. */
export const ROLES: readonly { role: Role; does: string }[] = [
  { role: "write", does: "Sends spans and scores, and reads nothing back. For apps." },
  { role: "read", does: "Reads everything of the project, and changes nothing." },
  { role: "admin", does: "Does both, and changes rules, views and triage." },
];
