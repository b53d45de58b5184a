import { queryOptions } from "@tanstack/react-query";
import { call } from "./client";
import type { CreatedKey, NewKey, NewProject, ProjectChanges, ProjectModel } from "./schema";

/** The projects that the caller may see with their limits, and the server's. */
export function projectsQuery() {
  return queryOptions({
    queryKey: ["projects"],
    queryFn: ({ signal }) => call("GET /api/v1/projects", { signal }),
  });
}

/** Makes a project without limits of its own; refused when there is one of that id. */
export function createProject(project: NewProject): Promise<ProjectModel> {
  return call("POST /api/v1/projects", { body: project });
}

/** Changes the name and the limits that are given, and no others. */
export function changeProject(project: string, changes: ProjectChanges): Promise<ProjectModel> {
  return call("PATCH /api/v1/projects/{project}", { path: { project }, body: changes });
}

/** The keys of all projects, without the keys themselves. Only for whoever runs the server. */
export function keysQuery() {
  return queryOptions({
    queryKey: ["keys"],
    queryFn: ({ signal }) => call("GET /api/v1/keys", { signal }),
  });
}

/** Makes a key, which is in the answer and told this once. */
export function createKey(key: NewKey): Promise<CreatedKey> {
  return call("POST /api/v1/keys", { body: key });
}

/** Revokes a key; running servers refuse it within seconds. */
export function revokeKey(keyId: string): Promise<void> {
  return call("DELETE /api/v1/keys/{key_id}", { path: { key_id: keyId } });
}
