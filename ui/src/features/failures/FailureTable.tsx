import { useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import type { FailureCluster } from "@/api/schema";
import { Badge } from "@/kit/Badge";
import { Timestamp } from "@/kit/Figures";
import type { TableColumn } from "@/kit/table/columns";
import { RowLink } from "@/kit/table/RowLink";
import { VirtualTable } from "@/kit/table/VirtualTable";
import { ABSENT, formatCount, formatInteger, formatUsd } from "@/lib/format";
import type { RangeSearch } from "@/lib/timeRange";
import classes from "./FailureTable.module.css";
import { Sparkline } from "./Sparkline";
import { categoryLabel, StateBadge } from "./StateBadge";

const ON_A_PHONE = { rowPx: 88, tracks: "minmax(0, 1fr) auto auto" };

type TableProps = {
  clusters: readonly FailureCluster[];
  /** Goes along to the page of a cluster. */
  range: RangeSearch;
  placeKey: string;
  onActive: (id: string) => void;
};

/** Clusters as rows. */
export function FailureTable({ clusters, range, placeKey, onActive }: TableProps) {
  const navigate = useNavigate();
  const columns = useMemo(() => columnsFor(range), [range]);
  return (
    <VirtualTable
      placeKey={placeKey}
      label="Failure clusters"
      rows={clusters}
      columns={columns}
      idOf={({ id }) => id}
      noun="failure"
      rowPx={54}
      minWidth={916}
      phone={ON_A_PHONE}
      onActive={onActive}
      onOpen={({ id }) => void navigate({ to: "/failures/$cluster", params: { cluster: id }, search: range })}
    />
  );
}

function columnsFor(range: RangeSearch): readonly TableColumn<FailureCluster>[] {
  return [
    {
      id: "state",
      label: "State",
      width: "96px",
      phone: "2 / 1",
      cell: (cluster) => <StateBadge cluster={cluster} />,
    },
    {
      id: "title",
      label: "Failure",
      width: "minmax(200px, 1fr)",
      phone: "1 / 1 / 1 / 4",
      cell: (cluster) => <Title cluster={cluster} range={range} />,
    },
    { id: "spark", label: "Last 24 hours", width: "minmax(76px, 0.3fr)", cell: ({ hourly }) => <Sparkline hourly={hourly} /> },
    {
      id: "traces",
      label: "Traces",
      width: "62px",
      figure: true,
      phone: "2 / 2",
      cell: ({ spans, traces, sampled }) => (
        <span title={`${sampled ? "Estimated from sampled traces: " : ""}${formatInteger(spans)} spans`}>
          {sampled ? "~ " : ""}
          {formatCount(traces)}
        </span>
      ),
    },
    {
      id: "users",
      label: "Users",
      width: "56px",
      figure: true,
      cell: ({ users }) => (users ? formatCount(users) : ABSENT),
    },
    {
      id: "cost",
      label: "Cost",
      width: "92px",
      figure: true,
      cell: ({ cost_usd }) => (
        <span title={`$${cost_usd}`}>{Number(cost_usd) ? formatUsd(cost_usd) : ABSENT}</span>
      ),
    },
    {
      id: "last",
      label: "Last and first seen",
      width: "124px",
      dim: true,
      phone: "2 / 3",
      cell: ({ first_seen, last_seen }) => (
        <>
          <Timestamp time={last_seen} shape="list" />
          <span className={classes["first"]}>
            <span className="visually-hidden">first </span>
            <Timestamp time={first_seen} shape="list" />
          </span>
        </>
      ),
    },
    {
      id: "assignee",
      label: "Assignee",
      width: "minmax(80px, 0.25fr)",
      dim: true,
      cell: ({ assignee }) => assignee,
    },
  ];
}

/** What failed, as the link that covers the row, and where. */
function Title({ cluster, range }: { cluster: FailureCluster; range: RangeSearch }) {
  const { id, title, severity, category, scope, apps } = cluster;
  return (
    <>
      <span className={classes["title"]}>
        <RowLink
          to="/failures/$cluster"
          params={{ cluster: id }}
          search={range}
          title={title}
        >
          {title}
        </RowLink>
        {severity ? (
          <Badge tone={severity === "high" || severity === "critical" ? "error" : "neutral"}>{severity}</Badge>
        ) : null}
      </span>
      <span className={classes["under"]}>
        {[categoryLabel(category), scope, apps.join(", ")].filter(Boolean).join(" · ")}
      </span>
    </>
  );
}
