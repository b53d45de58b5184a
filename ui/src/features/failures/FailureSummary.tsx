import type { ReactNode } from "react";
import type { FailureCluster } from "@/api/schema";
import { Badge } from "@/kit/Badge";
import { Timestamp } from "@/kit/Figures";
import { ABSENT, formatInteger, formatUsd } from "@/lib/format";
import classes from "./Failures.module.css";
import { categoryLabel, StateBadge } from "./StateBadge";

/** What it is, since when, and whom it hit in the time range. */
export function FailureSummary({ cluster }: { cluster: FailureCluster }) {
  return (
    <section className={classes["panel"]} aria-label="Summary">
      <p className={classes["badges"]}>
        <StateBadge cluster={cluster} />
        <Badge>{categoryLabel(cluster.category)}</Badge>
        {cluster.scope ? <Badge title="Tool or provider">{cluster.scope}</Badge> : null}
        {cluster.severity ? <Badge tone="error">{cluster.severity}</Badge> : null}
        {cluster.assignee ? <Badge tone="accent">{cluster.assignee}</Badge> : null}
        {cluster.state === "resolved" && cluster.resolved_version ? (
          <span className={classes["dim"]}>in the version after {cluster.resolved_version}</span>
        ) : null}
      </p>
      <dl className={classes["figures"]}>
        <Figure label="First seen">
          <Timestamp time={cluster.first_seen} shape="list" />
        </Figure>
        <Figure label="Last seen">
          <Timestamp time={cluster.last_seen} shape="list" />
        </Figure>
        <Figure label="Traces">{formatInteger(cluster.traces)}</Figure>
        <Figure label="Spans">{formatInteger(cluster.spans)}</Figure>
        <Figure label="Users">{cluster.users ? formatInteger(cluster.users) : ABSENT}</Figure>
        <Figure label="Sessions">{cluster.sessions ? formatInteger(cluster.sessions) : ABSENT}</Figure>
        <Figure label="Cost of the failing spans">
          {Number(cluster.cost_usd) ? <span title={`$${cluster.cost_usd}`}>{formatUsd(cluster.cost_usd)}</span> : ABSENT}
        </Figure>
        <Figure label="Apps">{cluster.apps.join(", ") || ABSENT}</Figure>
      </dl>
    </section>
  );
}

function Figure({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}
