import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { failureQuery, failuresQuery } from "@/api/failures";
import type { FailureDetail } from "@/api/schema";
import { ListFailure } from "@/kit/ListFailure";
import { LookAtAllTime } from "@/kit/LookAtAllTime";
import { BackLink, PageHeader } from "@/kit/PageHeader";
import { EmptyState, ErrorState, LoadingRows } from "@/kit/States";
import { TimeRangePicker } from "@/kit/TimeRangePicker";
import { useScrollPlace } from "@/lib/listPlace";
import { useShortcuts } from "@/lib/shortcuts";
import type { RangeSearch } from "@/lib/timeRange";
import { countedRange } from "./affected";
import { AuditTrail } from "./AuditTrail";
import { Contrasts } from "./Contrasts";
import { Examples } from "./Examples";
import classes from "./Failures.module.css";
import { FailureSummary } from "./FailureSummary";
import { Members } from "./Members";
import { Timeline } from "./Timeline";
import { useTriage } from "./triage";
import { TriageButtons } from "./TriageButtons";
import { TriageDialogs } from "./TriageDialogs";
import { triageShortcuts } from "./triageShortcuts";

const route = getRouteApi("/failures/$cluster");

/** One cluster: what, since when, who is hit, what sets it apart, examples, and what was decided. */
export function FailurePage() {
  const { cluster } = route.useParams();
  const range = route.useSearch();
  const scroller = useScrollPlace(`failure ${cluster}`);
  const navigate = route.useNavigate();
  const showRange = (next: RangeSearch): void => void navigate({ search: next });
  const answer = useQuery(failureQuery(cluster, range));
  const { data, error, isPlaceholderData, refetch } = answer;
  return (
    <>
      <PageHeader title={data?.cluster.title ?? "Failure"}>
        <BackLink to="/failures">All failures</BackLink>
        <TimeRangePicker range={range} onChange={showRange} />
      </PageHeader>
      <div ref={scroller} className={classes["page"]} aria-busy={isPlaceholderData}>
        {error && !data ? <ErrorState error={error} retry={() => void refetch()} /> : null}
        {!data && !error ? <LoadingRows label="Loading the failure" /> : null}
        {data ? <ListFailure list={answer} what="The failure" /> : null}
        {data ? <Detail key={cluster} detail={data} range={range} onRange={showRange} /> : null}
      </div>
    </>
  );
}

/** What `u` takes back before anything was decided on this page: the newest decision that a person made. */
function newestDecision(detail: FailureDetail): number | undefined {
  return detail.decisions.find(({ undone, action }) => !undone && action !== "undo" && action !== "regress")?.id;
}

/** Whether it is in the time range: the newest are found at once, and summed up some seconds later. */
function occurred({ examples, timeline }: FailureDetail): boolean {
  return examples.length > 0 || timeline.buckets.some(({ spans }) => spans > 0);
}

type DetailProps = { detail: FailureDetail; range: RangeSearch; onRange: (range: RangeSearch) => void };

function Detail({ detail, range, onRange }: DetailProps) {
  const { cluster } = detail;
  const triage = useTriage(cluster, newestDecision(detail));
  // For merging and assigning: clusters and people of the last month.
  const { data: list } = useQuery(failuresQuery({ since: "30d" }));
  useShortcuts(triageShortcuts(triage));
  const people = list?.facets.assignee.map(({ value }) => value).filter(Boolean) ?? [];
  return (
    <>
      {cluster.merged_into ? (
        <p className={classes["note"]}>
          Its failures belong to{" "}
          <Link to="/failures/$cluster" params={{ cluster: cluster.merged_into }} search={range}>
            another cluster
          </Link>{" "}
          now.
        </p>
      ) : null}
      <FailureSummary cluster={cluster} members={detail.members} range={countedRange(range, detail.counted)} />
      <TriageButtons triage={triage} detail={detail} />
      {occurred(detail) ? (
        <>
          <Timeline
            timeline={detail.timeline}
            versions={detail.versions}
            more={detail.more_versions}
            spans={cluster.spans}
          />
          <Contrasts contrasts={detail.contrasts} healthy={detail.healthy !== null} />
          <Examples examples={detail.examples} healthy={detail.healthy} />
        </>
      ) : (
        <section className={classes["panel"]} aria-label="Occurrences">
          <EmptyState
            title="It did not occur in this time range"
            actions={<LookAtAllTime range={range} onRange={onRange} />}
          />
        </section>
      )}
      <Members members={detail.members} triage={triage} />
      <AuditTrail decisions={detail.decisions} />
      <TriageDialogs triage={triage} others={list?.clusters ?? []} people={people} />
    </>
  );
}
