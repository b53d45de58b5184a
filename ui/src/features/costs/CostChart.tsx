import type { CostReportModel } from "@/api/schema";
import { Timestamp } from "@/kit/Figures";
import { formatUsd } from "@/lib/format";
import classes from "./Costs.module.css";
import { knownAmount } from "./money";

const HEIGHT = 100;

/** Cost by bucket as bars; every bar says its amount, and how many calls have no price. */
export function CostChart({ report }: { report: CostReportModel }) {
  const amounts = report.total.series_usd.map((usd) => Number(usd ?? 0));
  const highest = Math.max(...amounts, Number.MIN_VALUE);
  const width = report.buckets.length;
  return (
    <figure style={{ margin: 0 }} aria-label={`Cost by ${report.unit}`}>
      <svg className={classes["chart"]} viewBox={`0 0 ${width} ${HEIGHT}`} preserveAspectRatio="none" role="img">
        <title>{`Cost by ${report.unit}, at most ${formatUsd(String(highest))}`}</title>
        {report.buckets.map((bucket, index) => {
          const height = ((amounts[index] ?? 0) / highest) * HEIGHT;
          const unpriced = report.total.series_unpriced_calls[index] ?? 0;
          return (
            <rect
              key={bucket}
              className={classes["bar"]}
              x={index + 0.1}
              y={HEIGHT - height}
              width={0.8}
              height={height}
            >
              <title>
                {`${bucket}: ${knownAmount(report.total.series_usd[index] ?? null)}`}
                {unpriced ? `, ${unpriced} calls without a price not counted` : ""}
              </title>
            </rect>
          );
        })}
      </svg>
      <figcaption className={classes["axis"]}>
        <Timestamp time={report.start} shape="list" />
        <Timestamp time={report.end} shape="list" />
      </figcaption>
    </figure>
  );
}
