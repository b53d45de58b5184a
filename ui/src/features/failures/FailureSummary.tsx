import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { FailureCluster, FailureMember } from "@/api/schema";
import { Badge } from "@/kit/Badge";
import { Count, Timestamp } from "@/kit/Figures";
import { ABSENT, formatInteger, formatUsd } from "@/lib/format";
import type { RangeSearch } from "@/lib/timeRange";
import { queryOfMembers } from "./affected";
import classes from "./Failures.module.css";
import { categoryLabel, StateBadge } from "./StateBadge";

/** Apps by name; the others of a failure that hits hundreds are a click away. */
const MAX_APPS = 5;

type SummaryProps = { cluster: FailureCluster; members: readonly FailureMember[]; range: RangeSearch };

/** What it is, since when, and whom it hit in the time range. */
export function FailureSummary({ cluster, members, range }: SummaryProps) {
  const q = queryOfMembers(members);
  const hit = (to: "/traces" | "/users" | "/sessions", count: number, sampled = false): ReactNode => {
    if (count === 0) return ABSENT;
    const figure = <Count count={count} sampled={sampled} />;
    if (q === null) return figure;
    return (
      <Link to={to} search={{ ...range, q }}>
        {figure}
      </Link>
    );
  };
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
        <Figure label="Traces">{hit("/traces", cluster.traces, cluster.sampled)}</Figure>
        <Figure label="Spans">
          <Count count={cluster.spans} sampled={cluster.sampled} />
        </Figure>
        <Figure label="Users" title="That failing spans name themselves">{hit("/users", cluster.users)}</Figure>
        <Figure label="Sessions" title="That failing spans name themselves">{hit("/sessions", cluster.sessions)}</Figure>
        <Figure label="Cost of the failing spans">
          {Number(cluster.cost_usd) ? <span title={`$${cluster.cost_usd}`}>{formatUsd(cluster.cost_usd)}</span> : ABSENT}
        </Figure>
        <Figure label="Apps">
          <Apps apps={cluster.apps} />
        </Figure>
      </dl>
    </section>
  );
}

function Apps({ apps }: { apps: readonly string[] }) {
  if (apps.length <= MAX_APPS) return apps.join(", ") || ABSENT;
  const others = apps.slice(MAX_APPS);
  return (
    <>
      {apps.slice(0, MAX_APPS).join(", ")}
      <details>
        <summary>and {formatInteger(others.length)} more</summary>
        <p className={classes["others"]}>{others.join(", ")}</p>
      </details>
    </>
  );
}

function Figure({ label, title, children }: { label: string; title?: string; children: ReactNode }) {
  return (
    <div {...(title ? { title } : {})}>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}
