import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { type FailureSearch, failuresQuery } from "@/api/failures";
import type { FailureList } from "@/api/schema";
import { Button } from "@/kit/Button";
import { FailuresIcon } from "@/kit/icons";
import { ListFailure } from "@/kit/ListFailure";
import { PageHeader } from "@/kit/PageHeader";
import { SavedViews } from "@/kit/SavedViews";
import { EmptyState, ErrorState, LoadingRows } from "@/kit/States";
import { rangeOf, shownRange } from "@/lib/filterSearch";
import { plural } from "@/lib/format";
import { useShortcuts } from "@/lib/shortcuts";
import { FailureFilters } from "./FailureFilters";
import classes from "./Failures.module.css";
import { FailureTable } from "./FailureTable";
import { MergeSuggestions } from "./MergeSuggestions";
import { ScoreLines } from "./ScoreLines";
import { useTriage } from "./triage";
import { TriageDialogs } from "./TriageDialogs";
import { TriageMessage } from "./TriageMessage";
import { triageShortcuts } from "./triageShortcuts";

const route = getRouteApi("/failures");

/** Failure clusters, those that hit most first. */
export function FailureListPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const failures = useQuery(failuresQuery(search));
  const { data, error, refetch } = failures;
  return (
    <>
      <PageHeader title="Failures">
        <ScoreLines />
        <SavedViews page="failures" />
        <FailureFilters search={search} facets={data?.facets} onChange={(next) => void navigate({ search: next })} />
      </PageHeader>
      <MergeSuggestions />
      {error && !data ? <ErrorState error={error} retry={() => void refetch()} /> : null}
      {!data && !error ? <LoadingRows label="Loading failures" /> : null}
      {data ? (
        <>
          <ListFailure list={failures} />
          <Clusters key={JSON.stringify(search)} list={data} search={search} />
        </>
      ) : null}
    </>
  );
}

function Clusters({ list, search }: { list: FailureList; search: FailureSearch }) {
  const [activeId, setActiveId] = useState<string | null>(null);
  const { clusters } = list;
  const triage = useTriage(clusters.find(({ id }) => id === activeId));
  const range = useMemo(() => shownRange(search), [search]);
  useShortcuts(triageShortcuts(triage));
  const people = list.facets.assignee.map(({ value }) => value).filter(Boolean);
  return (
    <>
      {clusters.length === 0 ? (
        <NoFailures search={search} />
      ) : (
        <FailureTable clusters={clusters} range={range} placeKey={`failures ${JSON.stringify(search)}`} onActive={setActiveId} />
      )}
      <footer className={classes["foot"]}>
        <span>{countInWords(list)}</span>
        <TriageMessage triage={triage} />
      </footer>
      <TriageDialogs triage={triage} others={clusters} people={people} />
    </>
  );
}

/** The empty state says by itself that there is none. */
function countInWords({ clusters, more, waiting }: FailureList): string {
  return [
    clusters.length > 0 ? plural(clusters.length, "cluster") : "",
    more ? "and more that hit less" : "",
    waiting > 0 ? `${plural(waiting, "span")} being clustered` : "",
  ]
    .filter(Boolean)
    .join(", ");
}

function NoFailures({ search }: { search: FailureSearch }) {
  const navigate = route.useNavigate();
  const narrowed = search.state ?? search.category ?? search.app ?? search.assignee ?? search.nobody;
  const { since: _since, start: _start, end: _end, ...filters } = search;
  return (
    <EmptyState
      icon={<FailuresIcon size={22} aria-hidden />}
      title="No failures"
      actions={
        <>
          {search.since === "all" ? null : (
            <Button onClick={() => void navigate({ search: { ...filters, since: "all" } })}>Look at all time</Button>
          )}
          {narrowed ? <Button onClick={() => void navigate({ search: rangeOf(search) })}>Clear the filters</Button> : null}
        </>
      }
    >
      {narrowed ? "No cluster fits these filters in this time range." : "Nothing failed in this time range."}
    </EmptyState>
  );
}
