import type { FailureTimeline, FailureVersion } from "@/api/schema";
import { Timestamp } from "@/kit/Figures";
import { MoreNote } from "@/kit/MoreNote";
import { formatInteger, plural } from "@/lib/format";
import classes from "./Failures.module.css";
import { TimelineChart } from "./TimelineChart";

type TimelineProps = {
  timeline: FailureTimeline;
  versions: readonly FailureVersion[];
  more: boolean;
  /** Occurrences in the time range, also in what names no version. */
  spans: number;
};

/** How often it occurred over the time range, and which versions of the apps came into it. */
export function Timeline({ timeline, versions, more, spans }: TimelineProps) {
  const unversioned = spans - versions.reduce((sum, { failures }) => sum + failures, 0);
  return (
    <section className={classes["panel"]} aria-label="Timeline">
      <h2>When it occurred</h2>
      <TimelineChart timeline={timeline} versions={versions} />
      {versions.length > 0 ? <Versions versions={versions} /> : null}
      {versions.length > 0 && unversioned > 0 && !more ? (
        <p className={classes["dim"]}>{plural(unversioned, "failure")} more where no version is named.</p>
      ) : null}
      <MoreNote more={more}>The newest {versions.length} versions; there are more.</MoreNote>
    </section>
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
