import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { budgetsQuery } from "@/api/costs";
import type { BudgetModel, BurnDownModel } from "@/api/schema";
import { Badge } from "@/kit/Badge";
import { EmptyState } from "@/kit/States";
import { formatInteger, formatUsd, plural } from "@/lib/format";
import { formatTime } from "@/lib/time";
import { BurnDownChart } from "./BurnDownChart";
import classes from "./Costs.module.css";
import { groupName, knownCost, noteOf, rangeInWords } from "./money";
import { Answer, Panel } from "./Panel";

/** Calendar budgets of alert rules: what was spent against the line, and where it is going. */
export function Budgets() {
  const budgets = useQuery(budgetsQuery());
  return (
    <Answer query={budgets} label="Loading budgets">
      {(data) =>
        data.budgets.length === 0 ? (
          <EmptyState title="No budget yet" actions={<RulesLink />}>
            A budget is an alert rule over cost with a calendar budget for its condition.
          </EmptyState>
        ) : (
          <>
            {data.budgets.map((budget) => (
              <Budget key={budget.rule} budget={budget} now={data.now} />
            ))}
          </>
        )
      }
    </Answer>
  );
}

/** The days of the period in the budget's own zone. */
function periodOf({ start, end, zone }: BudgetModel): string {
  const first = formatTime(new Date(start), zone, "date");
  const last = formatTime(new Date(Date.parse(end) - 1), zone, "date");
  return `${first === last ? first : `${first} to ${last}`}, ${zone}`;
}

function RulesLink() {
  return (
    <Link to="/alerts" search={{ tab: "rules" }} className={classes["link"] ?? ""}>
      Alert rules
    </Link>
  );
}

function Budget({ budget, now }: { budget: BudgetModel; now: string }) {
  const more = budget.group_count - budget.groups.length;
  return (
    <Panel title={budget.name} actions={<RulesLink />}>
      <p className={classes["note"]}>
        {formatUsd(budget.amount_usd)} a {budget.period}
        {budget.dimensions.length > 0 ? ` for each ${budget.dimensions.join(" and ").replaceAll("_", " ")}` : ""}
        {budget.query ? `, of ${budget.query}` : ""}; {periodOf(budget)}
        {budget.enabled ? "" : "; the rule is switched off"}
      </p>
      {budget.reason ? <p className={classes["note"]}>{budget.reason}</p> : null}
      {budget.groups.length === 0 && !budget.reason ? <p className={classes["note"]}>Nothing was spent in this period.</p> : null}
      <div className={classes["budgets"]}>
        {budget.groups.map((group) => (
          <Group key={JSON.stringify(group.key)} budget={budget} group={group} now={now} />
        ))}
      </div>
      {more > 0 ? <p className={classes["note"]}>{plural(more, "group")} with less spend not shown.</p> : null}
    </Panel>
  );
}

function Group({ budget, group, now }: { budget: BudgetModel; group: BurnDownModel; now: string }) {
  const amount = Number(budget.amount_usd);
  const spent = Number(group.spent_usd ?? 0);
  const share = Math.floor((spent / amount) * 100);
  const name = group.key.length > 0 ? groupName(group.key, false) : "All calls";
  return (
    <section className={classes["budget"]} aria-label={`${budget.name}: ${name}`}>
      <h3>{name}</h3>
      <p>
        <strong title={group.spent_usd ? `$${group.spent_usd}` : ""}>{knownCost({ state: group.state, usd: group.spent_usd })}</strong> of{" "}
        {formatUsd(budget.amount_usd)}
        {group.spent_usd === null ? "" : `, ${formatInteger(share)}%`} <Verdict budget={budget} group={group} />
      </p>
      <BurnDownChart budget={budget} group={group} now={now} />
      <p className={classes["note"]}>
        {group.expected_usd === null
          ? budget.period === "day"
            ? "A budget of a day has no forecast."
            : "Too little history for a forecast."
          : `Expected at the end: ${formatUsd(group.expected_usd)}${rangeInWords(group.low_usd ?? "0", group.high_usd ?? "0")}.`}
        {noteOf(
          group.unpriced_calls > 0 ? ` ${plural(group.unpriced_calls, "call")} without a known price not counted.` : "",
          budget.sampled,
        )}
      </p>
    </section>
  );
}

function Verdict({ budget, group }: { budget: BudgetModel; group: BurnDownModel }) {
  const amount = Number(budget.amount_usd);
  if (Number(group.spent_usd ?? 0) >= amount) return <Badge tone="error">used up</Badge>;
  if (Number(group.expected_usd ?? 0) > amount) return <Badge tone="warn">expected to be exceeded</Badge>;
  return null;
}
