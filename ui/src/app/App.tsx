import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { ApiError } from "@/api/client";
import { KitProvider } from "@/kit/KitProvider";
import { createAppRouter } from "./router";

const MAX_RETRIES = 2;
/** After so long the last 24 hours are others; who looks away for less reads on undisturbed. */
const OUTDATED_MS = 5 * 60_000;

const queryClient = new QueryClient({
  defaultOptions: {
    // Without a network the server on this machine answers still, and a far one that does not is told so.
    mutations: { networkMode: "always" },
    queries: {
      networkMode: "always",
      refetchOnReconnect: true,
      // What the caller did wrong stays wrong; only the network and the server deserve another try.
      retry: (failures, error) =>
        failures < MAX_RETRIES && !(error instanceof ApiError && error.status >= 400 && error.status < 500),
      refetchOnWindowFocus: ({ state }) => Date.now() - state.dataUpdatedAt > OUTDATED_MS && !hasSeveralPages(state.data),
    },
  },
});

/** All pages of a list would be fetched anew, one after the other. */
function hasSeveralPages(data: unknown): boolean {
  return typeof data === "object" && data !== null && "pages" in data && Array.isArray(data.pages) && data.pages.length > 1;
}

const router = createAppRouter(queryClient);

/** The whole page. */
export function App() {
  return (
    <KitProvider>
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </KitProvider>
  );
}
