import { type InfiniteData, useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { lazy, Suspense, useMemo, useState } from "react";
import { queryFaultOf } from "@/api/client";
import { fetchQueryCompletion } from "@/api/query";
import type { TraceList as TracePage } from "@/api/schema";
import { traceGroupsQuery, traceListQuery } from "@/api/traceList";
import { IconButton } from "@/kit/Button";
import { FilterIcon } from "@/kit/icons";
import { QueryBar } from "@/kit/query/QueryBar";
import { LoadingRows } from "@/kit/States";
import { useMediaQuery } from "@/lib/mediaQuery";
import { useMorePages } from "@/lib/morePages";
import { usePreferences } from "@/lib/preferences";
import { addAbsence, addCondition } from "@/lib/queryText";
import { FacetPanel } from "./FacetPanel";
import { LiveStatus } from "./LiveButton";
import { DEFAULT_SORT, filterOf, rangeOf, type TraceListSearch, without, withRange } from "./search";
import classes from "./TraceList.module.css";
import { QueryFaultState, TraceListBody } from "./TraceListBody";
import { TraceListHeader } from "./TraceListHeader";
import { TraceTable } from "./TraceTable";
import { mergeLive, useTraceTail } from "./useTraceTail";

const Histogram = lazy(() => import("./Histogram"));
const TraceGroups = lazy(() => import("./TraceGroups"));

const route = getRouteApi("/traces");

/** The trace list with everything that narrows it. */
export function TraceList() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const client = useQueryClient();
  // Beside filters the columns that say what went wrong would be outside of a narrower screen.
  const isNarrow = useMediaQuery("(max-width: 1100px)");
  const [{ facetsShown, histogramShown }, changePreferences] = usePreferences();
  const [facetsOver, setFacetsOver] = useState(false);
  const filter = useMemo(() => filterOf(search), [search]);
  const listing = traceListQuery(filter, search.sort ?? DEFAULT_SORT);
  const list = useInfiniteQuery({ ...listing, enabled: search.by === undefined });
  const groups = useQuery({ ...traceGroupsQuery(filter, search.by ?? ""), enabled: search.by !== undefined });
  const fault = queryFaultOf(list.error ?? groups.error);

  const show = (next: TraceListSearch): void => void navigate({ search: next });
  const change = (part: TraceListSearch): void => show({ ...search, ...part });
  const refresh = (): void => {
    // What is shown stays until the answers are there; of the list only the first page is asked for again.
    client.setQueryData(listing.queryKey, (known) => known && firstPage(known));
    void client.invalidateQueries({ queryKey: ["traces"] });
  };
  const runQuery = (q: string): void => {
    // The same query again means: look again.
    if (q === (search.q ?? "")) refresh();
    else show({ ...without(search, "q"), ...(q === "" ? {} : { q }) });
  };
  const showFacets = isNarrow ? facetsOver : facetsShown;
  const setFacets = (shown: boolean): void =>
    isNarrow ? setFacetsOver(shown) : changePreferences({ facetsShown: shown });

  return (
    <>
      <TraceListHeader search={search} onShow={show} onRefresh={refresh} />
      <div className={classes["query"]}>
        <IconButton
          label={showFacets ? "Hide the filters" : "Show the filters"}
          aria-expanded={showFacets}
          onClick={() => setFacets(!showFacets)}
        >
          <FilterIcon size={15} />
        </IconButton>
        <div className={classes["bar"]}>
          <QueryBar
            label="Query"
            placeholder="app:checkout cost>0.01 has:failure &quot;refund policy&quot;"
            value={search.q ?? ""}
            onRun={runQuery}
            complete={(query, position) => fetchQueryCompletion(client, query, position, rangeOf(search))}
            fault={fault}
          />
        </div>
      </div>
      <div className={classes["body"]}>
        {showFacets && !fault ? (
          <FacetPanel filter={filter} onQuery={runQuery} asDialog={isNarrow} onClose={() => setFacets(false)} />
        ) : null}
        <div className={classes["content"]}>
          {histogramShown && !fault ? (
            <Suspense fallback={<div className={classes["histogramPlace"]} />}>
              <Histogram
                filter={filter}
                chart={search.chart ?? "traces"}
                live={search.live ?? false}
                onChart={(chart) => change({ chart })}
                onRange={(range) => show(withRange(search, range))}
              />
            </Suspense>
          ) : null}
          {fault ? (
            <QueryFaultState query={search.q} onClear={() => runQuery("")} />
          ) : search.by ? (
            <Suspense fallback={<LoadingRows rows={8} label="Loading groups" />}>
              <TraceGroups
                filter={filter}
                by={search.by}
                onBy={(by) => change({ by })}
                onDrill={(value) => show({ ...without(search, "by"), q: drillInto(search.q ?? "", search.by ?? "", value) })}
              />
            </Suspense>
          ) : (
            <Traces list={list} search={search} onShow={show} />
          )}
        </div>
      </div>
    </>
  );
}

function firstPage<T, P>({ pages, pageParams }: InfiniteData<T, P>): InfiniteData<T, P> {
  return { pages: pages.slice(0, 1), pageParams: pageParams.slice(0, 1) };
}

/** An empty value is the group of traces without one. */
function drillInto(query: string, field: string, value: string): string {
  return value === "" ? addAbsence(query, field) : addCondition(query, field, value);
}

type ListState = {
  data: InfiniteData<TracePage> | undefined;
  isPending: boolean;
  isFetching: boolean;
  error: Error | null;
  isFetchNextPageError: boolean;
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage: () => unknown;
  refetch: () => unknown;
};

type TracesProps = {
  list: ListState;
  search: TraceListSearch;
  onShow: (search: TraceListSearch) => void;
};

/** The rows: those of the pages that were fetched, with the live ones on top. */
function Traces({ list, search, onShow }: TracesProps) {
  const live = search.live ?? false;
  const [held, setHeld] = useState(false);
  // A trace that came after the list was read and before the tail began would be in neither.
  const tail = useTraceTail(search.q ?? "", { live, held, onOpen: () => void list.refetch() });
  const listed = useMemo(() => list.data?.pages.flatMap((page) => page.traces) ?? [], [list.data]);
  const traces = useMemo(() => (live ? mergeLive(tail.traces, listed) : listed), [live, tail.traces, listed]);
  const more = useMorePages(list);
  const listKey = JSON.stringify(without(search, "live"));
  return (
    <>
      {live ? <LiveStatus tail={tail} held={held} /> : null}
      <TraceListBody
        list={list}
        isEmpty={traces.length === 0}
        query={search.q}
        widest={search.since === "all"}
        onWiden={() => onShow(withRange(search, { since: "all" }))}
        onClear={() => onShow(without(search, "q"))}
      >
        {/* Keyed by the query, or the scroll offset of one filter would survive into the next. */}
        <TraceTable
          key={listKey}
          listKey={listKey}
          traces={traces}
          sort={search.sort ?? DEFAULT_SORT}
          onSort={(sort) => onShow({ ...search, sort })}
          onHold={setHeld}
          {...(more && !live ? { more } : {})}
        />
      </TraceListBody>
    </>
  );
}
