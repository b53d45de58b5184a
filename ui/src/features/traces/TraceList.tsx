import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useMemo } from "react";
import { traceListQuery, type TraceListSearch } from "@/api/traces";
import { IconButton } from "@/kit/Button";
import { Button } from "@/kit/Button";
import { RefreshIcon, TracesIcon } from "@/kit/icons";
import { PageHeader } from "@/kit/PageHeader";
import { EmptyState, ErrorState, LoadingRows } from "@/kit/States";
import { TimeRangePicker } from "@/kit/TimeRangePicker";
import type { RangeSearch } from "@/lib/timeRange";
import { AppFilter } from "./AppFilter";
import { TraceTable } from "./TraceTable";

const route = getRouteApi("/traces");

/** The trace list with its controls. */
export function TraceList() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const list = useInfiniteQuery(traceListQuery(search));
  const traces = useMemo(() => list.data?.pages.flatMap((page) => page.traces) ?? [], [list.data]);
  const change = (next: TraceListSearch): void => void navigate({ search: next });
  const setRange = (range: RangeSearch): void =>
    change({ ...(search.app ? { app: search.app } : {}), ...range });
  return (
    <>
      <PageHeader title="Traces">
        <AppFilter search={search} onChange={change} />
        <TimeRangePicker range={search} onChange={setRange} />
        <IconButton label="Refresh" onClick={() => void list.refetch()}>
          <RefreshIcon size={15} />
        </IconButton>
      </PageHeader>
      <TraceListBody list={list} isEmpty={traces.length === 0} onWiden={() => setRange({ since: "all" })}>
        {/* Keyed by the query, or the scroll offset of one filter would survive into the next. */}
        <TraceTable
          key={JSON.stringify(search)}
          traces={traces}
          hasMore={list.hasNextPage}
          loadMore={() => {
            if (!list.isFetchingNextPage) void list.fetchNextPage();
          }}
        />
      </TraceListBody>
    </>
  );
}

type BodyProps = {
  list: { isPending: boolean; error: Error | null; refetch: () => unknown };
  isEmpty: boolean;
  onWiden: () => void;
  children: React.ReactNode;
};

function TraceListBody({ list, isEmpty, onWiden, children }: BodyProps) {
  if (list.isPending) return <LoadingRows rows={14} label="Loading traces" />;
  if (list.error && isEmpty) return <ErrorState error={list.error} retry={() => void list.refetch()} />;
  if (!isEmpty) return children;
  return (
    <EmptyState
      icon={<TracesIcon size={22} aria-hidden />}
      title="No traces here"
      actions={<Button onClick={onWiden}>Show all time, all apps included</Button>}
    >
      Nothing started in this time range, or the filter leaves nothing over.
    </EmptyState>
  );
}
