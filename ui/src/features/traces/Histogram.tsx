import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { queryFaultOf } from "@/api/client";
import type { HistogramBucket, Histogram as TraceHistogram } from "@/api/schema";
import { type TraceFilter, traceHistogramQuery } from "@/api/traceList";
import { Button, IconButton } from "@/kit/Button";
import { Cost, Count, Timestamp } from "@/kit/Figures";
import { ChartIcon, TableIcon, ZoomOutIcon } from "@/kit/icons";
import { Segmented } from "@/kit/Segmented";
import { formatDuration } from "@/lib/format";
import { usePreferences } from "@/lib/preferences";
import { formatListTime } from "@/lib/time";
import type { RangeSearch } from "@/lib/timeRange";
import type { Chart } from "./charts";
import classes from "./Histogram.module.css";
import { HistogramBars } from "./HistogramBars";
import { HistogramTable } from "./HistogramTable";
import { totalsOf, widerRange } from "./histogramShape";

const CHART_OPTIONS: readonly { value: Chart; label: string }[] = [
  { value: "traces", label: "Traces" },
  { value: "latency", label: "Latency" },
  { value: "cost", label: "Cost" },
];
const LIVE_REFRESH_MS = 5_000;

type HistogramProps = {
  filter: TraceFilter;
  chart: Chart;
  live: boolean;
  onChart: (chart: Chart) => void;
  onRange: (range: RangeSearch) => void;
};

/** Matching traces over time; dragging over the bars narrows the time range. */
export default function Histogram({ filter, chart, live, onChart, onRange }: HistogramProps) {
  const { data, error, isPlaceholderData, refetch } = useQuery({
    ...traceHistogramQuery(filter),
    refetchInterval: live ? LIVE_REFRESH_MS : false,
  });
  const [asTable, setAsTable] = useState(false);
  const [told, setTold] = useState<string | null>(null);
  const zoomOut = (): void => {
    const start = Date.parse(filter.start ?? "");
    const end = filter.end ? Date.parse(filter.end) : Date.now();
    onRange(widerRange(start, end, Date.now()));
  };
  return (
    <section className={classes["histogram"]} aria-label="Traces over time" aria-busy={isPlaceholderData}>
      <div className={classes["bar"]}>
        <p className={classes["readout"]}>{data ? <Readout histogram={data} bucket={data.buckets.find(({ start }) => start === told)} /> : null}</p>
        {filter.start ? (
          <IconButton label="Zoom out" onClick={zoomOut}>
            <ZoomOutIcon size={15} />
          </IconButton>
        ) : null}
        <IconButton label={asTable ? "Show as chart" : "Show as table"} onClick={() => setAsTable(!asTable)}>
          {asTable ? <ChartIcon size={15} /> : <TableIcon size={15} />}
        </IconButton>
        <Segmented label="Shown over time" value={chart} onChange={onChart} options={CHART_OPTIONS} />
      </div>
      {error && !data && !queryFaultOf(error) ? (
        <p className={classes["failed"]} role="alert">
          The histogram could not be made.{" "}
          <Button look="quiet" onClick={() => void refetch()}>
            Try again
          </Button>
        </p>
      ) : !data ? (
        <div className={classes["waiting"]} role="status" aria-label="Loading the histogram" />
      ) : asTable ? (
        <HistogramTable histogram={data} onRange={onRange} />
      ) : (
        <HistogramBars {...{ histogram: data, chart, told, onRange }} onTell={setTold} />
      )}
    </section>
  );
}

/** One bucket in figures, else the sum of all. */
function Readout({ histogram, bucket }: { histogram: TraceHistogram; bucket: HistogramBucket | undefined }) {
  const [{ zone }] = usePreferences();
  if (!bucket) {
    const { traces, errors, sampled } = totalsOf(histogram.buckets);
    return (
      <>
        <b>
          <Count count={traces} sampled={sampled} noun="trace" />
        </b>
        {errors > 0 ? <span className={classes["errors"]}>{errors.toLocaleString("en-US")} failed</span> : null}
      </>
    );
  }
  const end = new Date(Date.parse(bucket.start) + histogram.bucket_s * 1000);
  return (
    <>
      <span>
        <Timestamp time={bucket.start} shape="list" /> – {formatListTime(end, zone)}
      </span>
      <b>
        <Count count={bucket.traces} sampled={bucket.sampled} noun="trace" />
      </b>
      {bucket.errors > 0 ? <span className={classes["errors"]}>{bucket.errors} failed</span> : null}
      {bucket.traces > 0 ? (
        <span>
          median {formatDuration(bucket.p50_ns)}, p95 {formatDuration(bucket.p95_ns)}
        </span>
      ) : null}
      {bucket.cost.state === "none" ? null : <Cost cost={bucket.cost} />}
    </>
  );
}
