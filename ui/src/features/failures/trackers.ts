export type Tracker = "github" | "gitlab" | "jira" | "linear";

export const TRACKERS: readonly { value: Tracker; label: string; place: string }[] = [
  { value: "github", label: "GitHub", place: "owner/repository" },
  { value: "gitlab", label: "GitLab", place: "group/project" },
  { value: "jira", label: "Jira", place: "site (of site.atlassian.net)" },
  { value: "linear", label: "Linear", place: "workspace" },
];

const SLOTS: Record<Tracker, RegExp> = {
  github: /\{owner\}\/\{repo\}/,
  gitlab: /\{group\}\/\{project\}/,
  jira: /\{site\}/,
  linear: /\{workspace\}/,
};

/** The address with the place filled in; `null` while the place cannot be one. */
export function fillPlace(tracker: Tracker, url: string, place: string): string | null {
  const parts = place.trim().split("/");
  const wanted = tracker === "github" ? 2 : tracker === "gitlab" ? Math.max(2, parts.length) : 1;
  if (parts.length !== wanted || !parts.every((part) => /^[\w.-]+$/.test(part))) return null;
  const filled = url.replace(SLOTS[tracker], parts.join("/"));
  return filled.startsWith("https://") ? filled : null;
}
