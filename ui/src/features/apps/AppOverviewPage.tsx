import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useMemo } from "react";
import { appOverviewQuery } from "@/api/activity";
import type { AppOverview } from "@/api/schema";
import { FilteredPage } from "@/kit/FilteredPage";
import { AppsIcon } from "@/kit/icons";
import { MoreNote } from "@/kit/MoreNote";
import { VirtualTable } from "@/kit/table/VirtualTable";
import { filterOf } from "@/lib/filterSearch";
import { formatInteger } from "@/lib/format";
import { columnsFor, tracesOf } from "./columns";

const route = getRouteApi("/apps");
const ROW_PX = 56;
const NO_APPS: AppOverview["apps"] = [];

/** Every app with its rate, errors, latency and cost, beside the period before. */
export function AppOverviewPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const list = useQuery(appOverviewQuery(search));
  const apps = list.data?.apps ?? NO_APPS;
  const bucket = list.data?.bucket_s ?? 0;
  const columns = useMemo(() => columnsFor(filterOf(search), bucket), [search, bucket]);
  return (
    <FilteredPage
      title="Apps"
      page="apps"
      placeholder="env:production model:gpt-4o*"
      search={search}
      onSearch={(next) => void navigate({ search: next })}
      list={list}
      empty={{
        is: apps.length === 0,
        icon: <AppsIcon size={22} aria-hidden />,
        title: "No apps here",
        text: "No app sent a trace in this time range.",
      }}
    >
      <MoreNote more={list.data?.more}>
        The {formatInteger(apps.length)} with the most traces; there are more. A query narrows them.
      </MoreNote>
      <VirtualTable
        key={JSON.stringify(search)}
        placeKey={`apps ${JSON.stringify(search)}`}
        label="Apps"
        rows={apps}
        columns={columns}
        idOf={({ app }) => app}
        noun="app"
        rowPx={ROW_PX}
        minWidth={964}
        onOpen={({ app }) => void navigate({ to: "/traces", search: tracesOf(app, filterOf(search)) })}
      />
    </FilteredPage>
  );
}
