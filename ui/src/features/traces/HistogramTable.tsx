import type { Histogram as TraceHistogram } from "@/api/schema";
import { Cost, Count, Timestamp } from "@/kit/Figures";
import { formatDuration, formatInteger } from "@/lib/format";
import type { RangeSearch } from "@/lib/timeRange";
import classes from "./Histogram.module.css";
import { rangeOfBuckets } from "./histogramShape";

type TableProps = { histogram: TraceHistogram; onRange: (range: RangeSearch) => void };

/** What the bars show, in figures; a click on a time narrows the range to it. */
export function HistogramTable({ histogram, onRange }: TableProps) {
  const filled = histogram.buckets.flatMap((bucket, index) => (bucket.traces > 0 ? [{ bucket, index }] : []));
  return (
    <div className={classes["scroll"]} tabIndex={0} role="region" aria-label="Traces over time as a table">
      <table className={classes["table"]}>
        <thead>
          <tr>
            {["From", "Traces", "Failed", "Median", "p95", "Cost"].map((title) => (
              <th key={title} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {filled.map(({ bucket, index }) => (
            <tr key={bucket.start}>
              <th scope="row">
                <button
                  type="button"
                  className={classes["zoom"]}
                  onClick={() => onRange(rangeOfBuckets(histogram, index, index))}
                >
                  <Timestamp time={bucket.start} shape="list" />
                </button>
              </th>
              <td>
                <Count count={bucket.traces} sampled={bucket.sampled} />
              </td>
              <td>{formatInteger(bucket.errors)}</td>
              <td>{formatDuration(bucket.p50_ns)}</td>
              <td>{formatDuration(bucket.p95_ns)}</td>
              <td>
                <Cost cost={bucket.cost} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
