import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useMemo } from "react";
import { usersQuery } from "@/api/activity";
import type { UserSummary } from "@/api/schema";
import { ErrorShare } from "@/kit/ErrorShare";
import { Cost, Count, Timestamp, Tokens } from "@/kit/Figures";
import { FilteredPage } from "@/kit/FilteredPage";
import { UsersIcon } from "@/kit/icons";
import type { TableColumn } from "@/kit/table/columns";
import { RowLink } from "@/kit/table/RowLink";
import { VirtualTable } from "@/kit/table/VirtualTable";
import { DEFAULT_SORT, filterOf, shownRange, sortSearch } from "@/lib/filterSearch";
import { formatInteger, formatNames } from "@/lib/format";
import { useMorePages } from "@/lib/morePages";
import type { RangeSearch } from "@/lib/timeRange";

const route = getRouteApi("/users");
/** Users of the apps, last active first unless another order is chosen. */
export function UserListPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const list = useInfiniteQuery(usersQuery(search));
  const users = useMemo(() => list.data?.pages.flatMap((page) => page.users) ?? [], [list.data]);
  const columns = useMemo(() => columnsFor(shownRange(search)), [search]);
  const more = useMorePages(list);
  return (
    <FilteredPage
      title="Users"
      page="users"
      placeholder="app:support status:error cost>0.01"
      search={search}
      onSearch={(next) => void navigate({ search: { ...next, ...sortSearch(search.sort) } })}
      list={list}
      empty={{
        is: users.length === 0,
        icon: <UsersIcon size={22} aria-hidden />,
        title: "No users here",
        text: "No trace of this time range names a user. In an app:",
        code: 'with sightline.context(user="u-7"):\n    …',
      }}
    >
      <VirtualTable
        key={JSON.stringify(search)}
        placeKey={`users ${JSON.stringify(search)}`}
        label="Users"
        rows={users}
        columns={columns}
        idOf={({ user }) => user}
        noun="user"
        minWidth={860}
        sorting={{
          by: search.sort ?? DEFAULT_SORT,
          onSort: (by) => void navigate({ search: { ...filterOf(search), ...sortSearch(by) } }),
        }}
        onOpen={({ user }) => void navigate({ to: "/users/profile", search: { ...shownRange(search), id: user } })}
        {...(more ? { more } : {})}
      />
    </FilteredPage>
  );
}

function columnsFor(range: RangeSearch): readonly TableColumn<UserSummary>[] {
  return [
    {
      id: "user",
      label: "User",
      width: "minmax(180px, 1.4fr)",
      phone: "1 / 1",
      cell: ({ user }) => (
        <RowLink
          to="/users/profile"
          search={{ ...range, id: user }}
          title={user}
        >
          {user}
        </RowLink>
      ),
    },
    { id: "app", label: "App", width: "minmax(100px, 1fr)", dim: true, cell: (user) => formatNames(user.apps, user.app_count) },
    {
      id: "traces",
      label: "Traces",
      sort: "-traces",
      width: "64px",
      figure: true,
      cell: ({ traces, sampled }) => <Count count={traces} sampled={sampled} />,
    },
    {
      id: "sessions",
      label: "Sessions",
      width: "68px",
      figure: true,
      cell: ({ sessions }) => formatInteger(sessions),
    },
    {
      id: "errors",
      label: "Failed",
      sort: "-errors",
      width: "84px",
      figure: true,
      phone: "1 / 2",
      cell: ({ errors, traces }) => <ErrorShare errors={errors} of={traces} noun="trace" />,
    },
    {
      id: "tokens",
      label: "Tokens",
      sort: "-tokens",
      width: "70px",
      figure: true,
      cell: ({ tokens }) => <Tokens tokens={tokens} />,
    },
    {
      id: "cost",
      label: "Cost",
      sort: "-cost",
      width: "88px",
      figure: true,
      phone: "2 / 2",
      cell: ({ cost }) => <Cost cost={cost} />,
    },
    {
      id: "last",
      label: "Last seen",
      sort: "-last",
      width: "128px",
      dim: true,
      phone: "2 / 1",
      cell: ({ last_seen }) => <Timestamp time={last_seen} shape="list" />,
    },
  ];
}
