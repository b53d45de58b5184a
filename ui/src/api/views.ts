import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { call } from "./client";
import type { SavedViewBody, SavedViewChange, SavedViewModel } from "./schema";

export type ViewPage = SavedViewBody["page"];

/** The saved views of a page, by name. */
export function savedViewsQuery(page: ViewPage) {
  return queryOptions({
    queryKey: ["views", page],
    queryFn: ({ signal }) => call("GET /api/v1/views", { query: { page }, signal }),
    staleTime: 60_000,
  });
}

/** Saves the parameters under a name, in place of `replaced` if given; refused when others were first. */
export async function saveView(
  client: QueryClient,
  body: SavedViewBody,
  replaced: SavedViewModel | undefined,
): Promise<void> {
  const saved = replaced
    ? changeView(replaced, { name: body.name, params: body.params })
    : call("POST /api/v1/views", { body });
  // What was refused is looked at again: somebody else has saved something.
  await saved.finally(() => client.invalidateQueries({ queryKey: ["views", body.page] }));
}

/** Gives a view another name; refused when another view of the page has it, or others changed the view. */
export async function renameView(client: QueryClient, view: SavedViewModel, name: string): Promise<void> {
  const renamed = changeView(view, { name, params: view.params });
  await renamed.finally(() => client.invalidateQueries({ queryKey: ["views", view.page] }));
}

function changeView(view: SavedViewModel, body: SavedViewChange): Promise<SavedViewModel> {
  return call("PUT /api/v1/views/{view_id}", {
    path: { view_id: view.id },
    body,
    headers: { "If-Match": view.etag },
  });
}

/** Deletes a view of a page. */
export async function deleteView(client: QueryClient, page: ViewPage, viewId: string): Promise<void> {
  await call("DELETE /api/v1/views/{view_id}", { path: { view_id: viewId } });
  await client.invalidateQueries({ queryKey: ["views", page] });
}
