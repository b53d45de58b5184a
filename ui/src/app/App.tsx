import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { ApiError } from "@/api/client";
import { KitProvider } from "@/kit/KitProvider";
import { createAppRouter } from "./router";

const MAX_RETRIES = 2;

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
      refetchOnWindowFocus: false,
    },
  },
});

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
