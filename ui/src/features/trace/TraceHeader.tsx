import { Link, useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { DeletionTarget } from "@/api/deletions";
import type { TraceSummary } from "@/api/schema";
import { Badge } from "@/kit/Badge";
import { CopyButton } from "@/kit/CopyButton";
import { DeleteMenu } from "@/kit/DeleteMenu";
import { Cost, Duration, Timestamp, Tokens } from "@/kit/Figures";
import { BackIcon, CauseIcon } from "@/kit/icons";
import { KindIcon } from "@/kit/KindIcon";
import { useDocumentTitle } from "@/kit/PageHeader";
import { formatInteger, plural } from "@/lib/format";
import { parseKind } from "@/lib/kinds";
import { lastSearch } from "@/lib/lastSearch";
import { addCondition } from "@/lib/queryText";
import { rootOf } from "@/lib/rootOf";
import { weekAround } from "@/lib/timeRange";
import { CompareMenu } from "./CompareMenu";
import { DownloadMenu } from "./DownloadMenu";
import { SessionNeighbours } from "./SessionNeighbours";
import type { SpanTree } from "./spanTree";
import classes from "./TraceHeader.module.css";

type HeaderProps = {
  summary: TraceSummary;
  tree: SpanTree;
  cause: number | undefined;
  onSelect: (position: number) => void;
};

/** What the trace was and how it ended; one click leads to where it broke. */
export function TraceHeader({ summary, tree, cause, onSelect }: HeaderProps) {
  useDocumentTitle(summary.name);
  const navigate = useNavigate();
  return (
    <header className={classes["header"]}>
      <div className={classes["line"]}>
        <Link to="/traces" search={lastSearch("/traces")} className={classes["back"]} aria-label="Back to the traces">
          <BackIcon size={16} />
        </Link>
        <KindIcon kind={parseKind(summary.kind)} />
        <h1 className={classes["title"]} title={summary.name}>
          {summary.name || "(no name)"}
        </h1>
        <span className={classes["status"]}>
          <StatusBadge summary={summary} />
        </span>
        <span className={`${classes["id"]} ${classes["spread"]}`}>
          {summary.trace_id}
          <CopyButton text={summary.trace_id} label="Copy the trace id" />
        </span>
        <span className={classes["actions"]}>
          {summary.session ? <SessionNeighbours traceId={summary.trace_id} /> : null}
          <DownloadMenu traceId={summary.trace_id} />
          <CompareMenu traceId={summary.trace_id} hasSession={summary.session !== ""} />
          <DeleteMenu targets={targetsOf(summary)} leave={() => navigate({ to: "/traces", search: lastSearch("/traces") })} />
        </span>
      </div>
      <Facts summary={summary} />
      {cause === undefined ? null : <CauseBanner tree={tree} cause={cause} onSelect={onSelect} />}
    </header>
  );
}

function targetsOf({ trace_id, session, user }: TraceSummary): DeletionTarget[] {
  return [
    { kind: "trace", value: trace_id },
    ...(session ? [{ kind: "session" as const, value: session }] : []),
    ...(user ? [{ kind: "user" as const, value: user }] : []),
  ];
}

function StatusBadge({ summary }: { summary: TraceSummary }) {
  if (summary.error_count > 0) return <Badge tone="error">{plural(summary.error_count, "error")}</Badge>;
  switch (rootOf(summary)) {
    case "awaited":
      return <Badge tone="accent">running</Badge>;
    case "missing":
      return <Badge title="Its root span never arrived: whoever should have sent it may not be instrumented.">no root</Badge>;
    case "here":
      return <Badge tone="ok">ok</Badge>;
  }
}

function Facts({ summary }: { summary: TraceSummary }) {
  const { app, environment, session, user, models } = summary;
  const ofApp = addCondition("", "app", app);
  const appQuery = environment ? addCondition(ofApp, "env", environment) : ofApp;
  return (
    <dl className={classes["facts"]}>
      <Fact name="App">
        <Link to="/traces" search={{ ...weekAround(summary.start_time), q: appQuery }} className={classes["link"]}>
          {[app || "(no name)", environment].filter(Boolean).join(" · ")}
        </Link>
      </Fact>
      <Fact name="Started">
        <Timestamp time={summary.start_time} />
      </Fact>
      <Fact name="Duration">
        <Duration ns={summary.duration_ns} />
      </Fact>
      <Fact name="Spans">{formatInteger(summary.span_count)}</Fact>
      <Fact name="Model calls">{formatInteger(summary.llm_calls)}</Fact>
      <Fact name="Tokens">
        <Tokens tokens={summary.tokens} />
      </Fact>
      <Fact name="Cost">
        <Cost cost={summary.cost} />
      </Fact>
      {models.length > 0 ? <Fact name={models.length > 1 ? "Models" : "Model"} whole={models.join(", ")} /> : null}
      {session ? (
        <Fact name="Session" whole={session}>
          <Link to="/sessions/conversation" search={{ id: session }} className={classes["link"]}>
            {session}
          </Link>
        </Fact>
      ) : null}
      {user ? (
        <Fact name="User" whole={user}>
          <Link to="/users/profile" search={{ id: user }} className={classes["link"]}>
            {user}
          </Link>
        </Fact>
      ) : null}
    </dl>
  );
}

/** `whole` is shown on hover, for what may be cut. */
function Fact({ name, whole, children }: { name: string; whole?: string; children?: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd title={whole}>{children ?? whole}</dd>
    </div>
  );
}

type CauseProps = { tree: SpanTree; cause: number; onSelect: (position: number) => void };

function CauseBanner({ tree: { columns }, cause, onSelect }: CauseProps) {
  const category = columns.failure_category[cause]?.replaceAll("_", " ");
  return (
    <button type="button" className={classes["cause"]} onClick={() => onSelect(cause)}>
      <CauseIcon size={15} aria-hidden style={{ flex: "none" }} />
      <span>It broke in</span>
      <strong title={columns.name[cause]}>{columns.name[cause]}</strong>
      {category ? <Badge tone="error">{category}</Badge> : null}
      <span className={classes["jump"]}>Go to the cause</span>
    </button>
  );
}
