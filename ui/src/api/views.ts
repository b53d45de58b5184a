import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { call } from "./client";
import type { SavedViewBody, SavedViewModel } from "./schema";

export type ViewPage = SavedViewBody["page"];

/** The saved views of a page, by name. */
export function savedViewsQuery(page: ViewPage) {
  return queryOptions({
    queryKey: ["views", page],
    queryFn: ({ signal }) => call("GET /api/v1/views", { query: { page }, signal }),
    staleTime: 60_000,
  });
}

/** Saves the parameters under a name; the view that has the name already gets them. */
export async function saveView(client: QueryClient, body: SavedViewBody): Promise<SavedViewModel> {
  const { views } = await client.fetchQuery({ ...savedViewsQuery(body.page), staleTime: 0 });
  const existing = views.find(({ name }) => name === body.name);
  const saved = existing
    ? await call("PUT /api/v1/views/{view_id}", {
        path: { view_id: existing.id },
        body: { name: body.name, params: body.params },
      })
    : await call("POST /api/v1/views", { body });
  await client.invalidateQueries({ queryKey: ["views", body.page] });
  return saved;
}

/** Gives a view another name; the API refuses one that another view of the page has. */
export async function renameView(client: QueryClient, view: SavedViewModel, name: string): Promise<void> {
  await call("PUT /api/v1/views/{view_id}", { path: { view_id: view.id }, body: { name, params: view.params } });
  await client.invalidateQueries({ queryKey: ["views", view.page] });
}

/** Deletes a view of a page. */
export async function deleteView(client: QueryClient, page: ViewPage, viewId: string): Promise<void> {
  await call("DELETE /api/v1/views/{view_id}", { path: { view_id: viewId } });
  await client.invalidateQueries({ queryKey: ["views", page] });
}
