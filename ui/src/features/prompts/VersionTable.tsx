import { Link } from "@tanstack/react-router";
import type { Prompt, PromptVersion } from "@/api/schema";
import { ErrorShare } from "@/kit/ErrorShare";
import { Cost, Count, Timestamp, Tokens } from "@/kit/Figures";
import type { FilterSearch } from "@/lib/filterSearch";
import { formatDuration, formatInteger, formatUsd } from "@/lib/format";
import { MeanScores } from "./MeanScores";
import classes from "./Prompts.module.css";
import { queryOf, versionName } from "./versions";

const HEADINGS = ["Version", "Calls", "Errors", "Median", "p95", "Tokens a call", "Tokens", "Cost a call", "Cost", "Mean scores", "Models", "First used", "Last used"];

/** The versions of a prompt, last used first; a version leads to its traces. */
export function VersionTable({ prompt: { prompt, versions }, filter }: { prompt: Prompt; filter: FilterSearch }) {
  const most = Math.max(...versions.map(({ p95_ns }) => p95_ns));
  return (
    <table className={classes["table"]}>
      <thead>
        <tr>
          {HEADINGS.map((heading) => (
            <th key={heading} scope="col">
              {heading}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {versions.map((version) => (
          <VersionRow key={version.version} prompt={prompt} version={version} slowest={most} filter={filter} />
        ))}
      </tbody>
    </table>
  );
}

type RowProps = { prompt: string; version: PromptVersion; slowest: number; filter: FilterSearch };

function VersionRow({ prompt, version, slowest, filter }: RowProps) {
  const { calls, cost, tokens } = version;
  const perCall = Math.round((tokens.input + tokens.output) / Math.max(1, calls));
  return (
    <tr>
      <th scope="row" title={version.version}>
        <Link to="/traces" search={{ ...filter, q: queryOf(prompt, version.version, filter.q) }} className={classes["link"]}>
          {versionName(version.version)}
        </Link>
      </th>
      <td>
        <Count count={calls} sampled={version.sampled} />
      </td>
      <td>
        <ErrorShare errors={version.errors} of={calls} noun="call" />
      </td>
      <td>{formatDuration(version.p50_ns)}</td>
      <td>
        <span className={classes["bar"]} aria-hidden>
          <span style={{ width: `${(version.p95_ns / Math.max(1, slowest)) * 100}%` }} />
        </span>
        {formatDuration(version.p95_ns)}
      </td>
      <td>
        {formatInteger(perCall)}
      </td>
      <td>
        <Tokens tokens={tokens} />
      </td>
      <td>{cost.usd === null ? "" : formatUsd(String(Number(cost.usd) / Math.max(1, calls - cost.unpriced_calls)))}</td>
      <td>
        <Cost cost={cost} />
      </td>
      <td>
        <MeanScores scores={version.scores} />
      </td>
      <td className={classes["models"]} title={version.models.join(", ")}>
        {version.models.join(", ")}
      </td>
      <td>
        <Timestamp time={version.first_seen} shape="list" />
      </td>
      <td>
        <Timestamp time={version.last_seen} shape="list" />
      </td>
    </tr>
  );
}
