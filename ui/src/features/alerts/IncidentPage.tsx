import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { acknowledgeIncident, incidentQuery, snoozeIncident } from "@/api/alerts";
import type { Incident, IncidentDetail } from "@/api/schema";
import { Button } from "@/kit/Button";
import { Timestamp } from "@/kit/Figures";
import { CheckIcon, ClockIcon } from "@/kit/icons";
import { PageHeader } from "@/kit/PageHeader";
import { ErrorState, LoadingRows } from "@/kit/States";
import classes from "./Alerts.module.css";
import { IncidentState } from "./IncidentTable";

const route = getRouteApi("/alerts/$incidentId");

/** One incident: what, where, how much, why, who takes care of it, and what was sent. */
export function IncidentPage() {
  const { incidentId } = route.useParams();
  const { data, error, refetch } = useQuery(incidentQuery(incidentId));
  return (
    <>
      <PageHeader title={data?.incident.name ?? "Incident"} />
      <div className={classes["page"]}>
        {error ? <ErrorState error={error} retry={() => void refetch()} /> : null}
        {!data && !error ? <LoadingRows label="Loading the incident" /> : null}
        {data ? (
          <>
            <Summary incident={data.incident} />
            <Timeline detail={data} />
            <Messages detail={data} />
          </>
        ) : null}
      </div>
    </>
  );
}

function Summary({ incident }: { incident: Incident }) {
  const queries = useQueryClient();
  const refresh = (): Promise<void> => queries.invalidateQueries({ queryKey: ["alerts", "incidents"] });
  const take = useMutation({ mutationFn: () => acknowledgeIncident(incident.id), onSettled: refresh });
  const snooze = useMutation({
    mutationFn: (duration: string) => snoozeIncident(incident.id, duration),
    onSettled: refresh,
  });
  const failure = take.error ?? snooze.error;
  return (
    <section className={classes["panel"]} aria-label="Summary">
      <p className={classes["value"]}>
        <IncidentState incident={incident} /> {incident.where}: {incident.value}
        {incident.threshold ? ` of ${incident.threshold}` : ""}
      </p>
      <p className={classes["note"]}>
        Since <Timestamp time={incident.opened_at} />
        {incident.resolved_at ? (
          <>
            {" until "}
            <Timestamp time={incident.resolved_at} />
          </>
        ) : null}
        . {incident.reason}.
      </p>
      {incident.cause ? <p className={classes["note"]}>Likely cause: {incident.cause}.</p> : null}
      {incident.course ? (
        <p className={classes["note"]}>
          Course <span className={classes["course"]}>{incident.course}</span>
          <span className="visually-hidden">the measure over the last windows</span>
        </p>
      ) : null}
      {incident.clusters.length > 0 ? (
        <p className={classes["note"]}>
          Failures{" "}
          {incident.clusters.map((cluster) => (
            <span key={cluster.url} className={classes["mention"]}>
              <Link to="/failures/$cluster" params={{ cluster: lastPart(cluster.url) }}>
                {cluster.title || "(no title)"}
              </Link>{" "}
              {cluster.impact}
            </span>
          ))}
        </p>
      ) : null}
      {incident.costliest.length > 0 ? (
        <p className={classes["note"]}>
          Costliest{" "}
          {incident.costliest.map((trace) => (
            <span key={trace.url} className={classes["mention"]}>
              <Link to="/t/$traceId" params={{ traceId: lastPart(trace.url) }}>
                {trace.cost} {trace.name || "(no name)"}
              </Link>
            </span>
          ))}
        </p>
      ) : null}
      {incident.runbook ? <p className={classes["note"]}>Runbook: {incident.runbook}</p> : null}
      {incident.acknowledged_by ? <p className={classes["note"]}>Taken by {incident.acknowledged_by}.</p> : null}
      <div className={classes["actions"]}>
        {incident.resolved_at ? null : (
          <>
            <Button look="primary" icon={<CheckIcon size={14} />} busy={take.isPending} onClick={() => take.mutate()}>
              Acknowledge
            </Button>
            {["1h", "8h", "1d"].map((duration) => (
              <Button key={duration} icon={<ClockIcon size={14} />} onClick={() => snooze.mutate(duration)}>
                {`Snooze ${duration}`}
              </Button>
            ))}
          </>
        )}
        <Link to="/traces" search={windowOf(incident)}>
          Traces in the window
        </Link>
      </div>
      {failure ? (
        <p className={classes["error"]} role="alert">
          {failure.message}
        </p>
      ) : null}
    </section>
  );
}

function windowOf(incident: Incident): { start: string; end: string; q?: string } {
  const q = new URL(incident.query_url, "http://localhost").searchParams.get("q");
  return { start: incident.window_start, end: incident.window_end, ...(q ? { q } : {}) };
}

function lastPart(url: string): string {
  return url.slice(url.lastIndexOf("/") + 1);
}

function Timeline({ detail }: { detail: IncidentDetail }) {
  return (
    <section className={classes["panel"]} aria-label="Timeline">
      <h2>Timeline</h2>
      <table className={classes["table"]}>
        <tbody>
          {detail.timeline.map((event, index) => (
            <tr key={index}>
              <td>
                <Timestamp time={event.at} />
              </td>
              <td>{event.kind}</td>
              <td>{event.text}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Messages({ detail }: { detail: IncidentDetail }) {
  if (detail.messages.length === 0) return null;
  return (
    <section className={classes["panel"]} aria-label="Delivery log">
      <h2>Delivery log</h2>
      <table className={classes["table"]}>
        <tbody>
          {detail.messages.map((message, index) => (
            <tr key={index}>
              <td>
                <Timestamp time={message.created_at} />
              </td>
              <td>{message.channel}</td>
              <td>{message.action}</td>
              <td>
                {message.delivered_at
                  ? "delivered"
                  : message.gave_up_at
                    ? `given up: ${message.last_error}`
                    : `waiting${message.last_error ? `: ${message.last_error}` : ""}`}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
