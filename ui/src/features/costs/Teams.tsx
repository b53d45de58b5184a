import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { statementsCsvUrl, statementsQuery, teamPlanQuery } from "@/api/costs";
import type { StatementModel, Statements, TeamPlanModel } from "@/api/schema";
import { Button, DownloadLink } from "@/kit/Button";
import { formatInteger, formatUsd, plural } from "@/lib/format";
import classes from "./Costs.module.css";
import { atLeast, noteOf } from "./money";
import { MonthField } from "./MonthField";
import { recentMonths } from "./months";
import { Answer, Panel } from "./Panel";
import { PlanForm, PlanInWords } from "./PlanEditor";
import { type CostSearch, without } from "./search";
import { Statement } from "./Statement";
import { type Column, Table } from "./Table";

type TeamsProps = { search: CostSearch; zone: string; onChange: (search: CostSearch) => void };

/** What each team owes for a month, one statement to print, and the rules behind it. */
export function Teams({ search, zone, onChange }: TeamsProps) {
  const month = search.month ?? recentMonths(zone)[0] ?? "";
  const statements = useQuery(statementsQuery(month, zone));
  const plan = useQuery(teamPlanQuery());
  const [edited, setEdited] = useState<TeamPlanModel | null>(null);
  const wasEdited = useRef(false);
  const stop = (): void => {
    wasEdited.current = true;
    setEdited(null);
  };
  return (
    <>
      <Panel
        title="Statements"
        note={noteOf(`Calendar months in ${zone}.`, statements.data?.sampled)}
        actions={
          <>
            <MonthField zone={zone} value={month} onChange={(next) => onChange({ ...search, month: next })} />
            <DownloadLink href={statementsCsvUrl(month, zone)}>CSV</DownloadLink>
          </>
        }
      >
        <Answer query={statements} label="Loading statements">
          {(data) => <StatementTable statements={data} search={search} />}
        </Answer>
      </Panel>
      {search.statement !== undefined && statements.data ? (
        <Statement
          statements={statements.data}
          team={search.statement}
          zone={zone}
          onClose={() => onChange(without(search, "statement"))}
        />
      ) : null}
      <Panel
        title="Who pays"
        note="Shared costs come first, then rules from top to bottom: the first whose patterns fit decides. What nothing fits stays unassigned."
        actions={
          plan.data && !edited ? (
            <Button
              ref={(button) => {
                if (wasEdited.current) button?.focus();
                wasEdited.current = false;
              }}
              onClick={() => setEdited(plan.data)}
            >
              Edit
            </Button>
          ) : null
        }
      >
        {/* Kept while the plan cannot be read again, or somebody else has changed it. */}
        {edited ? (
          <PlanForm plan={edited} onDone={stop} />
        ) : (
          <Answer query={plan} label="Loading teams">
            {(data) => <PlanInWords plan={data} />}
          </Answer>
        )}
      </Panel>
    </>
  );
}

type Row = StatementModel & { search: CostSearch };

const COLUMNS: readonly Column<Row>[] = [
  { title: "Team", cell: (row) => <TeamLink row={row} /> },
  { title: "Cost centre", align: "left", cell: (row) => row.cost_centre },
  { title: "Amount", cell: (row) => atLeast(row.usd, row.unpriced_calls), exact: (row) => `$${row.usd}` },
  {
    title: "of it estimated",
    cell: (row) => (Number(row.estimated_usd) > 0 ? `~ ${formatUsd(row.estimated_usd)}` : ""),
    exact: (row) => `$${row.estimated_usd}`,
  },
  { title: "Calls", cell: (row) => formatInteger(row.calls) },
  { title: "Unpriced calls", cell: (row) => (row.unpriced_calls > 0 ? formatInteger(row.unpriced_calls) : "") },
];

function StatementTable({ statements, search }: { statements: Statements; search: CostSearch }) {
  if (statements.statements.length === 0) return <p className={classes["note"]}>Nothing was spent in this month.</p>;
  const unpriced = statements.statements.reduce((sum, { unpriced_calls }) => sum + unpriced_calls, 0);
  return (
    <>
      <Table
        label="Statements"
        columns={COLUMNS}
        rows={statements.statements
          .toSorted((one, other) => Number(one.team === "") - Number(other.team === ""))
          .map((statement): Row => ({ ...statement, search }))}
        keyOf={(row) => row.team}
      />
      <p>
        All together <strong title={`$${statements.usd}`}>{atLeast(statements.usd, unpriced)}</strong>
        {unpriced > 0 ? `, ${plural(unpriced, "call")} without a known price not counted` : ""}
        {statements.is_over ? "" : "; the month is not over yet"}.
      </p>
    </>
  );
}

function TeamLink({ row }: { row: Row }) {
  return (
    <Link to="/costs" search={{ ...row.search, tab: "teams", statement: row.team }} className={classes["link"] ?? ""}>
      {row.team || "Unassigned"}
    </Link>
  );
}
