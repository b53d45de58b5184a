import { Link } from "@tanstack/react-router";
import { memo, type ReactNode } from "react";
import type { FailureCluster } from "@/api/schema";
import { Badge } from "@/kit/Badge";
import { Timestamp } from "@/kit/Figures";
import { ABSENT, formatCount, formatInteger, formatUsd } from "@/lib/format";
import type { RangeSearch } from "@/lib/timeRange";
import classes from "./FailureTable.module.css";
import { Sparkline } from "./Sparkline";
import { categoryLabel, StateBadge } from "./StateBadge";

/** Keeps the router from marking the link as the current page. */
const NO_PROPS = {};

type RowProps = { cluster: FailureCluster; range: RangeSearch; index: number; top: number; active: boolean };

/** One cluster; its title is the link, and the link covers the row. */
export const FailureRow = memo(function FailureRow({ cluster, range, index, top, active }: RowProps) {
  return (
    <div
      role="row"
      className={classes["row"]}
      style={{ transform: `translateY(${top}px)` }}
      data-active={active}
      aria-rowindex={index + 2}
    >
      <Cell id="state">
        <StateBadge cluster={cluster} />
      </Cell>
      <Cell id="title">
        <span className={classes["title"]}>
          <Link
            to="/failures/$cluster"
            params={{ cluster: cluster.id }}
            search={range}
            className={classes["link"]}
            activeProps={NO_PROPS}
            title={cluster.title}
          >
            {cluster.title}
          </Link>
          {cluster.severity ? (
            <Badge tone={cluster.severity === "high" || cluster.severity === "critical" ? "error" : "neutral"}>
              {cluster.severity}
            </Badge>
          ) : null}
        </span>
        <span className={classes["under"]}>
          {[categoryLabel(cluster.category), cluster.scope, cluster.apps.join(", ")].filter(Boolean).join(" · ")}
        </span>
      </Cell>
      <Cell id="spark">
        <Sparkline hourly={cluster.hourly} />
      </Cell>
      <Cell id="traces" figure>
        <span title={`${formatInteger(cluster.spans)} spans`}>{formatCount(cluster.traces)}</span>
      </Cell>
      <Cell id="users" figure>
        {cluster.users ? formatCount(cluster.users) : ABSENT}
      </Cell>
      <Cell id="cost" figure>
        <span title={`$${cluster.cost_usd}`}>{Number(cluster.cost_usd) ? formatUsd(cluster.cost_usd) : ABSENT}</span>
      </Cell>
      <Cell id="first">
        <Timestamp time={cluster.first_seen} shape="list" />
      </Cell>
      <Cell id="last">
        <Timestamp time={cluster.last_seen} shape="list" />
      </Cell>
      <Cell id="assignee">{cluster.assignee}</Cell>
    </div>
  );
});

function Cell({ id, figure, children }: { id: string; figure?: boolean; children: ReactNode }) {
  return (
    <span role="cell" data-cell={id} className={`${classes["cell"]} ${figure ? classes["figure"] : ""}`}>
      {children}
    </span>
  );
}
