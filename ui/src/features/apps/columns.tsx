import { Link } from "@tanstack/react-router";
import type { AppHealth } from "@/api/schema";
import { ErrorShare, formatShare } from "@/kit/ErrorShare";
import { Cost, Count, Timestamp, Tokens } from "@/kit/Figures";
import type { TableColumn } from "@/kit/table/columns";
import { RowLink } from "@/kit/table/RowLink";
import { type FilterSearch, rangeOf } from "@/lib/filterSearch";
import { formatDuration, formatRate } from "@/lib/format";
import { addCondition } from "@/lib/queryText";
import { AppSeries } from "./AppSeries";
import classes from "./Apps.module.css";
import { Change } from "./Change";
import { healthOf } from "./health";

/** The columns of the overview; links keep what narrows it, and rates come from the length of the buckets. */
export function columnsFor(filter: FilterSearch, bucketS: number): readonly TableColumn<AppHealth>[] {
  return [
    {
      id: "app",
      label: "App",
      width: "minmax(128px, 1fr)",
      phone: "1 / 1",
      cell: (app) => <AppName app={app} filter={filter} />,
    },
    {
      id: "series",
      label: "Over time",
      width: "minmax(58px, 1.3fr)",
      cell: (app) => <AppSeries traces={app.trace_series} errors={app.error_series} bucketS={bucketS} />,
    },
    {
      id: "traces",
      label: "Traces",
      width: "112px",
      figure: true,
      cell: ({ traces, sampled, trace_series, before }) => (
        <Stacked
          under={
            <>
              {formatRate(traces / Math.max(1, trace_series.length * bucketS))}
              {before ? " · " : ""}
              <Change now={traces} before={before?.traces} />
            </>
          }
        >
          <Count count={traces} sampled={sampled} />
        </Stacked>
      ),
    },
    {
      id: "errors",
      label: "Failed",
      width: "96px",
      figure: true,
      phone: "1 / 2",
      cell: ({ traces, errors, before }) => (
        <Stacked under={before ? `was ${formatShare(before.errors / Math.max(1, before.traces))}` : ""}>
          <ErrorShare errors={errors} of={traces} noun="trace" />
        </Stacked>
      ),
    },
    {
      id: "p50",
      label: "Median",
      width: "68px",
      figure: true,
      cell: ({ p50_ns }) => <Stacked>{formatDuration(p50_ns)}</Stacked>,
    },
    {
      id: "p95",
      label: "p95",
      width: "76px",
      figure: true,
      cell: ({ p95_ns, before }) => (
        <Stacked under={<Change now={p95_ns} before={before?.p95_ns} moreIsWorse />}>{formatDuration(p95_ns)}</Stacked>
      ),
    },
    {
      id: "tokens",
      label: "Tokens",
      width: "62px",
      figure: true,
      cell: ({ tokens }) => (
        <Stacked>
          <Tokens tokens={tokens} />
        </Stacked>
      ),
    },
    {
      id: "cost",
      label: "Cost",
      width: "96px",
      figure: true,
      phone: "2 / 2",
      cell: ({ cost, before }) => (
        <Stacked under={<Change now={amount(cost.usd)} before={amount(before?.cost.usd)} moreIsWorse />}>
          <Cost cost={cost} />
        </Stacked>
      ),
    },
    {
      id: "last",
      label: "Last trace",
      width: "124px",
      dim: true,
      phone: "2 / 1",
      cell: ({ last_seen }) => (
        <Stacked>
          <Timestamp time={last_seen} shape="list" />
        </Stacked>
      ),
    },
  ];
}

/** The search for the traces that the figures of an app are of. */
export function tracesOf(app: string, filter: FilterSearch): FilterSearch {
  return { ...filter, q: addCondition(filter.q ?? "", "app", app) };
}

function AppName({ app, filter }: { app: AppHealth; filter: FilterSearch }) {
  const range = rangeOf(filter);
  const { level, text } = healthOf(app);
  return (
    <span className={classes["app"]}>
      <span className={classes["health"]} data-level={level} role="img" aria-label={text} title={text} />
      <RowLink
        to="/traces"
        search={tracesOf(app.app, filter)}
        title={app.app}
      >
        {app.app || "(no name)"}
      </RowLink>
      <span className={classes["links"]}>
        <Link to="/failures" search={{ ...range, app: app.app }} className={classes["other"]}>
          failures
        </Link>
        <Link to="/costs" search={{ ...range, app: app.app }} className={classes["other"]}>
          costs
        </Link>
      </span>
    </span>
  );
}

/** A figure with what belongs to it below; without that, too, it stands on the same line as the others. */
function Stacked({ children, under }: { children: React.ReactNode; under?: React.ReactNode }) {
  return (
    <span className={classes["stacked"]}>
      {children}
      <span className={classes["under"]}>{under}</span>
    </span>
  );
}

function amount(usd: string | null | undefined): number | undefined {
  return usd === null || usd === undefined ? undefined : Number(usd);
}
