import type { QueryClient } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from "@tanstack/react-router";
import { traceQuery } from "@/api/traces";
import { parseAlertSearch } from "@/features/alerts/search";
import { parseCompareSearch } from "@/features/compare/search";
import { parseCostSearch } from "@/features/costs/search";
import { parseFailureListSearch, parseFailureSearch } from "@/features/failures/search";
import { parseSettingsSearch } from "@/features/settings/search";
import { parseSqlSearch } from "@/features/sql/search";
import { parseTraceSearch } from "@/features/trace/search";
import { parseTraceListSearch } from "@/features/traces/search";
import { TraceListPage } from "@/features/traces/TraceListPage";
import { baseUrl } from "@/lib/baseUrl";
import { parseActivitySearch, parseFilterSearch, parseIdSearch, parsePromptSearch } from "@/lib/filterSearch";
import { rememberSearch } from "@/lib/lastSearch";
import { NotFoundPage, RouteErrorPage } from "./FallbackPages";
import { onlyRead, parseSearchText, printSearchText } from "./searchText";
import { Shell } from "./Shell";

const root = createRootRouteWithContext<{ queryClient: QueryClient }>()({
  component: Shell,
  notFoundComponent: NotFoundPage,
});

const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/traces", replace: true });
  },
});

const traces = createRoute({
  getParentRoute: () => root,
  path: "/traces",
  validateSearch: onlyRead(parseTraceListSearch),
  component: TraceListPage,
});

const trace = createRoute({
  getParentRoute: () => root,
  path: "/t/$traceId",
  validateSearch: onlyRead(parseTraceSearch),
  // Asked for while the page's code is still on its way; the page itself shows a failure.
  loader: ({ context, params }) => void context.queryClient.prefetchInfiniteQuery(traceQuery(params.traceId)),
  component: lazyRouteComponent(() => import("@/features/trace/TracePage"), "TracePage"),
});

const compare = createRoute({
  getParentRoute: () => root,
  path: "/compare",
  validateSearch: onlyRead(parseCompareSearch),
  component: lazyRouteComponent(() => import("@/features/compare/ComparePage"), "ComparePage"),
});

const costs = createRoute({
  getParentRoute: () => root,
  path: "/costs",
  validateSearch: onlyRead(parseCostSearch),
  component: lazyRouteComponent(() => import("@/features/costs/CostsPage"), "CostsPage"),
});

const alerts = createRoute({
  getParentRoute: () => root,
  path: "/alerts",
  validateSearch: onlyRead(parseAlertSearch),
  component: lazyRouteComponent(() => import("@/features/alerts/AlertsPage"), "AlertsPage"),
});

const incident = createRoute({
  getParentRoute: () => root,
  path: "/alerts/$incidentId",
  component: lazyRouteComponent(() => import("@/features/alerts/IncidentPage"), "IncidentPage"),
});

const failures = createRoute({
  getParentRoute: () => root,
  path: "/failures",
  validateSearch: onlyRead(parseFailureListSearch),
  component: lazyRouteComponent(() => import("@/features/failures/FailureListPage"), "FailureListPage"),
});

const failure = createRoute({
  getParentRoute: () => root,
  path: "/failures/$cluster",
  validateSearch: onlyRead(parseFailureSearch),
  component: lazyRouteComponent(() => import("@/features/failures/FailurePage"), "FailurePage"),
});

const sessions = createRoute({
  getParentRoute: () => root,
  path: "/sessions",
  validateSearch: onlyRead(parseActivitySearch),
  component: lazyRouteComponent(() => import("@/features/sessions/SessionListPage"), "SessionListPage"),
});

const conversation = createRoute({
  getParentRoute: () => root,
  path: "/sessions/conversation",
  validateSearch: onlyRead(parseIdSearch),
  component: lazyRouteComponent(() => import("@/features/sessions/ConversationPage"), "ConversationPage"),
});

const users = createRoute({
  getParentRoute: () => root,
  path: "/users",
  validateSearch: onlyRead(parseActivitySearch),
  component: lazyRouteComponent(() => import("@/features/users/UserListPage"), "UserListPage"),
});

const user = createRoute({
  getParentRoute: () => root,
  path: "/users/profile",
  validateSearch: onlyRead(parseIdSearch),
  component: lazyRouteComponent(() => import("@/features/users/UserPage"), "UserPage"),
});

const prompts = createRoute({
  getParentRoute: () => root,
  path: "/prompts",
  validateSearch: onlyRead(parseFilterSearch),
  component: lazyRouteComponent(() => import("@/features/prompts/PromptListPage"), "PromptListPage"),
});

const prompt = createRoute({
  getParentRoute: () => root,
  path: "/prompts/versions",
  validateSearch: onlyRead(parsePromptSearch),
  component: lazyRouteComponent(() => import("@/features/prompts/PromptPage"), "PromptPage"),
});

const apps = createRoute({
  getParentRoute: () => root,
  path: "/apps",
  validateSearch: onlyRead(parseFilterSearch),
  component: lazyRouteComponent(() => import("@/features/apps/AppOverviewPage"), "AppOverviewPage"),
});

const sql = createRoute({
  getParentRoute: () => root,
  path: "/sql",
  validateSearch: onlyRead(parseSqlSearch),
  component: lazyRouteComponent(() => import("@/features/sql/SqlPage"), "SqlPage"),
});

const settings = createRoute({
  getParentRoute: () => root,
  path: "/settings",
  validateSearch: onlyRead(parseSettingsSearch),
  component: lazyRouteComponent(() => import("@/features/settings/SettingsPage"), "SettingsPage"),
});

const routeTree = root.addChildren([
  compare,
  failures,
  failure,
  costs,
  alerts,
  incident,
  home,
  traces,
  trace,
  sessions,
  conversation,
  users,
  user,
  prompts,
  prompt,
  apps,
  sql,
  settings,
]);

/** The routes of the page. A new feature is a route here and, when it has an entry of its own, a line in navigation.ts. */
export function createAppRouter(queryClient: QueryClient) {
  const router = createRouter({
    routeTree,
    basepath: baseUrl().pathname.replace(/\/$/, "") || "/",
    context: { queryClient },
    parseSearch: parseSearchText,
    stringifySearch: printSearchText,
    defaultPreload: "intent",
    defaultPreloadStaleTime: 0,
    defaultErrorComponent: ({ error, reset }) => (
      <RouteErrorPage error={error instanceof Error ? error : new Error(String(error))} reset={reset} />
    ),
    scrollRestoration: false,
  });
  router.subscribe("onResolved", ({ toLocation: { pathname, search } }) => rememberSearch(pathname, search));
  return router;
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
