import { statementsCsvUrl } from "@/api/costs";
import type { StatementLineModel, Statements } from "@/api/schema";
import { Button, DownloadLink } from "@/kit/Button";
import { formatInteger, plural } from "@/lib/format";
import classes from "./Costs.module.css";
import { noteOf } from "./money";
import { monthName } from "./months";
import { Panel } from "./Panel";
import { type Column, Table } from "./Table";

const SPLITS = {
  even: "evenly between teams with costs",
  by_spend: "by the teams' own cost",
  by_calls: "by the teams' own calls",
  fixed: "by fixed shares",
} as const;

const LINES: readonly Column<StatementLineModel>[] = [
  { title: "App", cell: (line) => line.app || "(none)" },
  { title: "Environment", align: "left", cell: (line) => line.environment },
  { title: "Shared cost", align: "left", cell: (line) => (line.split ? `split ${SPLITS[line.split]}` : "") },
  { title: "Calls", cell: (line) => formatInteger(line.calls) },
  { title: "Unpriced calls", cell: (line) => (line.unpriced_calls > 0 ? formatInteger(line.unpriced_calls) : "") },
  { title: "of it estimated", cell: (line) => (Number(line.estimated_usd) > 0 ? `~ $${line.estimated_usd}` : "") },
  { title: "Amount in USD", cell: (line) => `${bound(line)}${line.usd}` },
];

type StatementProps = { statements: Statements; team: string; zone: string; onClose: () => void };

/** One team's statement, which prints alone on its page. */
export function Statement({ statements, team, zone, onClose }: StatementProps) {
  const statement = statements.statements.find((each) => each.team === team);
  if (!statement) return null;
  const name = statement.team || "Unassigned";
  return (
    <div className={classes["printed"]} data-printed-alone>
      <Panel
        title={`Statement of ${name}, ${monthName(statements.month)}`}
        actions={
          <span className={classes["noPrint"]}>
            <Button onClick={() => window.print()}>Print</Button>{" "}
            <DownloadLink href={statementsCsvUrl(statements.month, zone, team)}>CSV</DownloadLink>{" "}
            <Button look="quiet" onClick={onClose}>
              Close
            </Button>
          </span>
        }
      >
        <dl className={classes["facts"]}>
          <dt>Team</dt>
          <dd>{name}</dd>
          <dt>Cost centre</dt>
          <dd>{statement.cost_centre || "none"}</dd>
          <dt>Period</dt>
          <dd>
            {monthName(statements.month)}, {statements.zone}
            {statements.is_over ? "" : " (not over yet)"}
          </dd>
          <dt>Total</dt>
          <dd>
            <strong>
              {bound(statement)}${statement.usd}
            </strong>
          </dd>
        </dl>
        <Table
          label="Lines of the statement"
          columns={LINES}
          rows={statement.lines}
          keyOf={(line) => JSON.stringify([line.app, line.environment, line.split])}
        />
        <p className={classes["note"]}>
          Lines are rounded to cents so that all statements of the month add up to ${statements.usd}.
          {noteOf(
            statement.unpriced_calls > 0
              ? ` ${plural(statement.unpriced_calls, "call")} without a known price are in no amount.`
              : "",
            statements.sampled,
          )}
        </p>
      </Panel>
    </div>
  );
}

/** To the cent, unlike the amounts of the page; calls without a price make them lower bounds. */
function bound({ unpriced_calls }: { unpriced_calls: number }): string {
  return unpriced_calls > 0 ? "≥ " : "";
}
