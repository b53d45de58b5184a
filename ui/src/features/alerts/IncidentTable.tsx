import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { incidentsQuery, openIncidentsQuery, rulesQuery } from "@/api/alerts";
import type { Incident, Incidents } from "@/api/schema";
import { Button } from "@/kit/Button";
import { Timestamp } from "@/kit/Figures";
import { AlertsIcon } from "@/kit/icons";
import { ListFailure } from "@/kit/ListFailure";
import { MoreNote } from "@/kit/MoreNote";
import { EmptyState, ErrorState, LoadingRows } from "@/kit/States";
import { plural } from "@/lib/format";
import classes from "./Alerts.module.css";

/** Incidents, open ones first, then the newest. */
export function IncidentTable() {
  const open = useInfiniteQuery(openIncidentsQuery());
  const all = useInfiniteQuery(incidentsQuery());
  const failed = [open, all].find(({ error, data }) => error && !data);
  if (failed?.error) return <ErrorState error={failed.error} retry={() => void failed.refetch()} />;
  if (!open.data || !all.data) return <LoadingRows label="Loading incidents" />;
  const over = all.data.pages.flatMap(({ incidents }) => incidents.filter(isOver));
  const incidents = [...open.data.pages.flatMap((page) => page.incidents), ...(open.hasNextPage ? [] : over)];
  const showOlder = async () => {
    if (open.hasNextPage) return void (await open.fetchNextPage());
    // Whole pages may hold nothing but open ones, which are above.
    let found = await all.fetchNextPage();
    while (found.hasNextPage && isAllOpen(found.data?.pages.at(-1))) found = await found.fetchNextPage();
  };
  if (incidents.length === 0) return <NoIncidents />;
  return (
    <div className={classes["panel"]}>
      <ListFailure list={open.error ? open : all} />
      <table className={classes["table"]}>
        <thead>
          <tr>
            {["State", "Rule", "Where", "Value", "Limit", "Since", "Taken by"].map((title) => (
              <th key={title} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {incidents.map((incident) => (
            <tr key={incident.id} className={classes["target"]}>
              <td>
                <IncidentState incident={incident} />
              </td>
              <td className={classes["main"]}>
                <Link to="/alerts/$incidentId" params={{ incidentId: incident.id }}>
                  {incident.name}
                </Link>
              </td>
              <td>{incident.where}</td>
              <td>
                {incident.measure} {incident.value}
              </td>
              <td data-label="Limit">{incident.threshold}</td>
              <td data-label="Since">
                <Timestamp time={incident.opened_at} shape="list" />
              </td>
              <td data-label="Taken by">{incident.acknowledged_by}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <MoreNote more={open.hasNextPage}>Of those that are open, the newest; there are more.</MoreNote>
      {(open.hasNextPage || all.hasNextPage) && (
        <Button look="quiet" busy={open.isFetchingNextPage || all.isFetchingNextPage} onClick={() => void showOlder()}>
          Show older ones
        </Button>
      )}
    </div>
  );
}

function isOver(incident: Incident): boolean {
  return incident.resolved_at !== null;
}

function isAllOpen(page: Incidents | undefined): boolean {
  return !page?.incidents.some(isOver);
}

/** Calm is good news only where something is watched. */
function NoIncidents() {
  const { data } = useQuery(rulesQuery());
  if (!data) return null;
  const icon = <AlertsIcon size={22} aria-hidden />;
  if (data.rules.length > 0) {
    return (
      <EmptyState icon={icon} title="No incidents">
        Of {plural(data.rules.length, "rule")} none has fired yet.
      </EmptyState>
    );
  }
  return (
    <EmptyState icon={icon} title="Nothing is watched yet">
      A rule watches a measure, such as cost or failures, and opens an incident here when it crosses a line.{" "}
      <Link to="/alerts" search={{ tab: "rules" }}>
        Go to the rules
      </Link>
    </EmptyState>
  );
}

/** Open and how bad, or resolved. */
export function IncidentState({ incident }: { incident: Incident }) {
  if (incident.resolved_at) return <span className={classes["calm"]}>resolved</span>;
  return <strong className={classes[incident.level]}>{incident.level}</strong>;
}
