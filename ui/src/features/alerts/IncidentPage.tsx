import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { ApiError } from "@/api/client";
import { acknowledgeIncident, incidentQuery, snoozeIncident } from "@/api/alerts";
import type { IncidentDetail, IncidentEvent } from "@/api/schema";
import { Button } from "@/kit/Button";
import { Timestamp } from "@/kit/Figures";
import { AlertsIcon, CheckIcon, ClockIcon } from "@/kit/icons";
import { ListFailure } from "@/kit/ListFailure";
import { BackLink, PageHeader } from "@/kit/PageHeader";
import { EmptyState, ErrorState, LoadingRows } from "@/kit/States";
import { useScrollPlace } from "@/lib/listPlace";
import { formatAge } from "@/lib/time";
import { weekAround } from "@/lib/timeRange";
import classes from "./Alerts.module.css";
import { IncidentState } from "./IncidentTable";
import { snoozedUntil, splitAddresses, splitTimes, tracesBehind } from "./incidentEvents";

const route = getRouteApi("/alerts/$incidentId");

/** One incident: what, where, how much, why, who takes care of it, and what was sent. */
export function IncidentPage() {
  const { incidentId } = route.useParams();
  const scroller = useScrollPlace(`incident ${incidentId}`);
  const isId = /^[0-9a-f]{32}$/.test(incidentId);
  const answer = useQuery({ ...incidentQuery(incidentId), enabled: isId });
  const { data, dataUpdatedAt, error, refetch } = answer;
  const isUnknown = !isId || (error instanceof ApiError && error.status === 404);
  return (
    <>
      <PageHeader title={data?.incident.name ?? "Incident"}>
        <BackLink to="/alerts">All alerts</BackLink>
      </PageHeader>
      <div ref={scroller} className={classes["page"]}>
        {isUnknown ? (
          <EmptyState icon={<AlertsIcon size={22} aria-hidden />} title="No such incident">
            Nothing here has the id <code>{incidentId}</code>. The link may have been cut off.
          </EmptyState>
        ) : null}
        {error && !data && !isUnknown ? <ErrorState error={error} retry={() => void refetch()} /> : null}
        {!data && !error && !isUnknown ? <LoadingRows label="Loading the incident" /> : null}
        {data ? (
          <>
            {isUnknown ? null : <ListFailure list={answer} what="The incident" />}
            <Summary detail={data} now={new Date(dataUpdatedAt)} />
            <Timeline timeline={data.timeline} />
            <Messages detail={data} />
          </>
        ) : null}
      </div>
    </>
  );
}

/** `now` is when the answer came: ages are right then, and it is asked again every few seconds. */
type SummaryProps = { detail: IncidentDetail; now: Date };

function Summary({ detail, now }: SummaryProps) {
  const { incident } = detail;
  return (
    <section className={classes["panel"]} aria-label="Summary">
      <p className={classes["value"]}>
        <IncidentState incident={incident} /> {incident.measure} {incident.value}
      </p>
      <p className={classes["note"]}>
        {sentence(incident.reason)}.{incident.threshold ? ` Limit ${incident.threshold}.` : ""}
      </p>
      <Handling detail={detail} now={now} />
      <dl className={classes["facts"]}>
        <Fact name="Where">{incident.where}</Fact>
        <Fact name="Since">
          <Timestamp time={incident.opened_at} />
          {incident.resolved_at ? (
            <>
              {" until "}
              <Timestamp time={incident.resolved_at} />
            </>
          ) : (
            `, ${formatAge(new Date(incident.opened_at), now)}`
          )}
        </Fact>
        <Fact name="Measured">
          <Timestamp time={incident.window_start} shape="list" /> to{" "}
          <Timestamp time={incident.window_end} shape="list" />
        </Fact>
        <Fact name="Likely cause">{incident.cause}</Fact>
        <Fact name="Course">
          {incident.course ? (
            <>
              <span className={classes["course"]} aria-hidden>
                {incident.course}
              </span>{" "}
              a block is {incident.course_window}
            </>
          ) : null}
        </Fact>
        <Fact name="Failures">
          {incident.clusters.map((cluster) => (
            <p key={cluster.url}>
              <Link
                to="/failures/$cluster"
                params={{ cluster: lastPart(cluster.url) }}
                search={weekAround(incident.window_start)}
              >
                {cluster.title || "(no title)"}
              </Link>{" "}
              {cluster.impact}
            </p>
          ))}
        </Fact>
        <Fact name="Costliest traces">
          {incident.costliest.map((trace) => (
            <p key={trace.url}>
              <Link to="/t/$traceId" params={{ traceId: lastPart(trace.url) }}>
                {trace.name || "(no name)"}
              </Link>{" "}
              {trace.cost}
            </p>
          ))}
        </Fact>
        <Fact name="Runbook">{incident.runbook ? <Runbook text={incident.runbook} /> : null}</Fact>
      </dl>
      <Link to="/traces" search={tracesBehind(incident)} className={classes["more"]}>
        Traces in the window
      </Link>
    </section>
  );
}

/** Who takes care of it, and until when nothing is said about it. */
function Handling({ detail: { incident, timeline }, now }: SummaryProps) {
  const queries = useQueryClient();
  const refresh = (): Promise<void> => queries.invalidateQueries({ queryKey: ["alerts", "incidents"] });
  const take = useMutation({ mutationFn: () => acknowledgeIncident(incident.id), onSettled: refresh });
  const snooze = useMutation({
    mutationFn: (duration: string) => snoozeIncident(incident.id, duration),
    onSettled: refresh,
  });
  const failure = take.error ?? snooze.error;
  const until = snoozedUntil(timeline, now);
  const isTaken = incident.acknowledged_at !== null;
  return (
    <>
      {incident.acknowledged_at ? (
        <p className={classes["handled"]} role="status">
          <CheckIcon size={14} aria-hidden />
          <span>
            Taken by {incident.acknowledged_by}, {formatAge(new Date(incident.acknowledged_at), now)}
          </span>
        </p>
      ) : null}
      {until && !incident.resolved_at ? (
        <p className={classes["handled"]} role="status">
          <ClockIcon size={14} aria-hidden />
          <span>
            Snoozed until <Timestamp time={until} shape="list" />: nothing is announced before
          </span>
        </p>
      ) : null}
      {incident.resolved_at ? null : (
        <div className={classes["handling"]}>
          <Button
            look={isTaken ? "plain" : "primary"}
            icon={<CheckIcon size={14} />}
            busy={take.isPending}
            onClick={() => take.mutate()}
          >
            {isTaken ? "Take over" : "Acknowledge"}
          </Button>
          {["1h", "8h", "1d"].map((duration) => (
            <Button
              key={duration}
              icon={<ClockIcon size={14} />}
              busy={snooze.isPending && snooze.variables === duration}
              onClick={() => snooze.mutate(duration)}
            >
              {`Snooze ${duration}`}
            </Button>
          ))}
        </div>
      )}
      {failure ? (
        <p className={classes["error"]} role="alert">
          {failure.message}
        </p>
      ) : null}
    </>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  if (!children || (Array.isArray(children) && children.length === 0)) return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** What to do; often no more than the address where it is written. */
function Runbook({ text }: { text: string }) {
  return splitAddresses(text).map(({ words, isAddress }, index) =>
    isAddress ? (
      <a key={index} href={words} target="_blank" rel="noopener noreferrer nofollow">
        {words}
      </a>
    ) : (
      <span key={index}>{words}</span>
    ),
  );
}

function sentence(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function lastPart(url: string): string {
  return url.slice(url.lastIndexOf("/") + 1);
}

function Timeline({ timeline }: { timeline: readonly IncidentEvent[] }) {
  return (
    <section className={classes["panel"]} aria-label="Timeline">
      <h2>Timeline</h2>
      <table className={`${classes["table"]} ${classes["log"]}`}>
        <tbody>
          {timeline.map((event, index) => (
            <tr key={index}>
              <td>
                <Timestamp time={event.at} />
              </td>
              <td>{event.kind.replaceAll("_", " ")}</td>
              <td className={classes["main"]}>
                <EventText text={event.text} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** What was noted, its times in the zone chosen. */
function EventText({ text }: { text: string }) {
  return splitTimes(text).map(({ words, isTime }, index) =>
    isTime ? <Timestamp key={index} time={words} shape="list" /> : words,
  );
}

function Messages({ detail }: { detail: IncidentDetail }) {
  if (detail.messages.length === 0) return null;
  return (
    <section className={classes["panel"]} aria-label="Delivery log">
      <h2>Delivery log</h2>
      <table className={`${classes["table"]} ${classes["log"]}`}>
        <tbody>
          {detail.messages.map((message, index) => (
            <tr key={index}>
              <td>
                <Timestamp time={message.created_at} />
              </td>
              <td>{message.channel}</td>
              <td>{message.action}</td>
              <td className={classes["main"]}>
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
