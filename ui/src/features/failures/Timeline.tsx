import type { FailureTimeline, FailureVersion } from "@/api/schema";
import { Timestamp } from "@/kit/Figures";
import { MoreNote } from "@/kit/MoreNote";
import { formatCount, formatInteger, plural } from "@/lib/format";
import { usePreferences } from "@/lib/preferences";
import { formatTime } from "@/lib/time";
import classes from "./Failures.module.css";

const HEIGHT = 100;

type ChartProps = { timeline: FailureTimeline; versions: readonly FailureVersion[] };
type TimelineProps = ChartProps & { more: boolean };

/** How often it occurred over the time range, and which versions of the apps came into it. */
export function Timeline({ timeline, versions, more }: TimelineProps) {
  return (
    <section className={classes["panel"]} aria-label="Timeline">
      <h2>When it occurred</h2>
      <Chart timeline={timeline} versions={versions} />
      {versions.length > 0 ? <Versions versions={versions} /> : null}
      <MoreNote more={more}>The newest {versions.length} versions; there are more.</MoreNote>
    </section>
  );
}

function Chart({ timeline, versions }: ChartProps) {
  const [{ zone }] = usePreferences();
  const { buckets, bucket_s: width } = timeline;
  const first = buckets[0];
  const last = buckets.at(-1);
  if (!first || !last) return null;
  const highest = Math.max(1, ...buckets.map(({ spans }) => spans));
  const begin = new Date(first.start).getTime();
  const deployments = versions.flatMap((version) =>
    version.first_run ? [{ version, x: (new Date(version.first_run).getTime() - begin) / (width * 1000) }] : [],
  );
  return (
    <figure className={classes["chart"]}>
      <svg viewBox={`0 0 ${buckets.length} ${HEIGHT}`} preserveAspectRatio="none" role="img">
        <title>{`Occurrences, at most ${formatCount(highest)} in a bar; ${plural(deployments.length, "deployment")}`}</title>
        {buckets.map(({ start, spans }, index) => (
          <rect
            key={start}
            className={classes["bar"]}
            x={index + 0.1}
            y={HEIGHT - (spans / highest) * HEIGHT}
            width={0.8}
            height={(spans / highest) * HEIGHT}
          >
            <title>{`${formatTime(new Date(start), zone, "list")}: ${plural(spans, "occurrence")}`}</title>
          </rect>
        ))}
        {deployments.map(({ version, x }) => (
          <line key={`${version.app} ${version.version}`} x1={x} x2={x} y1={0} y2={HEIGHT} className={classes["deployment"]}>
            <title>{`${version.app} ${version.version} began to run`}</title>
          </line>
        ))}
      </svg>
      <figcaption className={classes["axis"]}>
        <Timestamp time={first.start} shape="list" />
        {deployments.length > 0 ? <span className={classes["legend"]}>a new version began to run</span> : null}
        <Timestamp time={new Date(new Date(last.start).getTime() + width * 1000).toISOString()} shape="list" />
      </figcaption>
    </figure>
  );
}

function Versions({ versions }: { versions: readonly FailureVersion[] }) {
  return (
    <table className={classes["table"]}>
      <caption className="visually-hidden">Versions</caption>
      <thead>
        <tr>
          <th scope="col">App</th>
          <th scope="col">Version</th>
          <th scope="col">Began to run</th>
          <th scope="col" className={classes["number"]}>
            Failures
          </th>
          <th scope="col" className={classes["number"]}>
            of its spans
          </th>
        </tr>
      </thead>
      <tbody>
        {versions.map((version) => (
          <tr key={`${version.app} ${version.version}`}>
            <td>{version.app}</td>
            <td>{version.version}</td>
            <td>{version.first_run ? <Timestamp time={version.first_run} shape="list" /> : "before this range"}</td>
            <td className={classes["number"]}>{formatInteger(version.failures)}</td>
            <td className={classes["number"]}>{share(version.failures, version.spans)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function share(part: number, whole: number): string {
  if (part === 0) return "0%";
  const percent = (100 * part) / whole;
  return percent < 0.1 ? "< 0.1%" : `${percent.toFixed(percent < 10 ? 1 : 0)}%`;
}
