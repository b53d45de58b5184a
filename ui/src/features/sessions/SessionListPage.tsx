import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useMemo } from "react";
import { sessionsQuery } from "@/api/activity";
import { FilteredPage } from "@/kit/FilteredPage";
import { SessionsIcon } from "@/kit/icons";
import { SessionTable } from "@/kit/SessionTable";
import { DEFAULT_SORT, filterOf, sortSearch } from "@/lib/filterSearch";
import { useMorePages } from "@/lib/morePages";

const route = getRouteApi("/sessions");

/** Sessions, last active first unless another order is chosen. */
export function SessionListPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const list = useInfiniteQuery(sessionsQuery(search));
  const sessions = useMemo(() => list.data?.pages.flatMap((page) => page.sessions) ?? [], [list.data]);
  const more = useMorePages(list);
  return (
    <FilteredPage
      title="Sessions"
      page="sessions"
      placeholder="app:support status:error user:u_12"
      search={search}
      onSearch={(next) => void navigate({ search: { ...next, ...sortSearch(search.sort) } })}
      list={list}
      empty={{
        is: sessions.length === 0,
        icon: <SessionsIcon size={22} aria-hidden />,
        title: "No sessions here",
        text: "No trace of this time range names a session. In an app:",
        code: 'with sightline.context(session="s-1"):\n    …',
      }}
    >
      <SessionTable
        key={JSON.stringify(search)}
        placeKey={`sessions ${JSON.stringify(search)}`}
        sessions={sessions}
        sorting={{
          by: search.sort ?? DEFAULT_SORT,
          onSort: (by) => void navigate({ search: { ...filterOf(search), ...sortSearch(by) } }),
        }}
        {...(more ? { more } : {})}
      />
    </FilteredPage>
  );
}
