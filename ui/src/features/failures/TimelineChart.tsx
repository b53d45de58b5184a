import { useState } from "react";
import type { FailureTimeline, FailureVersion } from "@/api/schema";
import { Timestamp } from "@/kit/Figures";
import { formatCount, formatInteger, plural } from "@/lib/format";
import { usePreferences } from "@/lib/preferences";
import { formatRangeEnd, type TimeZone } from "@/lib/time";
import classes from "./Failures.module.css";

const HEIGHT = 100;

type ChartProps = { timeline: FailureTimeline; versions: readonly FailureVersion[] };
type Bucket = FailureTimeline["buckets"][number];
/** Where a version began to run, in bars from the left. */
type Deployment = { version: FailureVersion; x: number };

/** Occurrences as bars with the deployments between them, the bar below the pointer or finger in words, and a table. */
export function TimelineChart({ timeline, versions }: ChartProps) {
  const [{ zone }] = usePreferences();
  const [pointed, setPointed] = useState<number | null>(null);
  const { buckets, bucket_s: width } = timeline;
  const first = buckets[0];
  const last = buckets.at(-1);
  if (!first || !last) return null;
  const highest = Math.max(1, ...buckets.map(({ spans }) => spans));
  const begin = new Date(first.start).getTime();
  const deployments = versions.flatMap((version): Deployment[] =>
    version.first_run ? [{ version, x: (new Date(version.first_run).getTime() - begin) / (width * 1000) }] : [],
  );
  const bucket = pointed === null ? undefined : buckets[pointed];
  return (
    <figure className={classes["chart"]}>
      <svg
        viewBox={`0 0 ${buckets.length} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`Occurrences, at most ${formatCount(highest)} in a bar; ${plural(deployments.length, "deployment")}`}
        // A finger leaves as soon as it has tapped.
        onPointerLeave={({ pointerType }) => pointerType === "touch" || setPointed(null)}
      >
        {buckets.map(({ start, spans }, index) => (
          <g key={start} onPointerEnter={() => setPointed(index)}>
            <rect className={classes[index === pointed ? "pointed" : "hit"]} x={index} width={1} height={HEIGHT} />
            <rect className={classes["bar"]} x={index + 0.1} width={0.8} {...heightOf(spans / highest)} />
          </g>
        ))}
        {deployments.map(({ version, x }) => (
          <line key={`${version.app} ${version.version}`} x1={x} x2={x} y1={0} y2={HEIGHT} className={classes["deployment"]} />
        ))}
      </svg>
      <div className={classes["axis"]}>
        <Timestamp time={first.start} shape="list" />
        {deployments.length > 0 ? <span className={classes["legend"]}>a new version began to run</span> : null}
        <Timestamp time={endOf(last, width).toISOString()} shape="list" />
      </div>
      <p className={classes["dim"]}>
        {bucket && pointed !== null
          ? [
              `${bucketName(bucket, width, zone)}: ${plural(bucket.spans, "occurrence")}`,
              ...deployments.filter(({ x }) => Math.floor(x) === pointed).map(({ version }) => began(version)),
            ].join("; ")
          : "Point at a bar, or tap it, to read it."}
      </p>
      <BucketTable timeline={timeline} zone={zone} />
    </figure>
  );
}

function BucketTable({ timeline: { buckets, bucket_s: width }, zone }: { timeline: FailureTimeline; zone: TimeZone }) {
  return (
    <details>
      <summary>All figures</summary>
      <table className={classes["table"]}>
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col" className={classes["number"]}>
              Occurrences
            </th>
          </tr>
        </thead>
        <tbody>
          {buckets.map((bucket) => (
            <tr key={bucket.start}>
              <td>{bucketName(bucket, width, zone)}</td>
              <td className={classes["number"]}>{formatInteger(bucket.spans)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

function began({ app, version }: FailureVersion): string {
  return `${app} ${version} began to run`;
}

function heightOf(share: number) {
  return { y: HEIGHT - share * HEIGHT, height: share * HEIGHT };
}

function endOf({ start }: Bucket, width: number): Date {
  return new Date(new Date(start).getTime() + width * 1000);
}

function bucketName(bucket: Bucket, width: number, zone: TimeZone): string {
  return `${formatRangeEnd(new Date(bucket.start), zone)} to ${formatRangeEnd(endOf(bucket, width), zone)}`;
}
