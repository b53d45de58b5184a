import type { BudgetModel, BurnDownModel } from "@/api/schema";
import { formatUsd } from "@/lib/format";
import { formatTime } from "@/lib/time";
import classes from "./Costs.module.css";
import { type Column, Table } from "./Table";

const WIDTH = 600;
const HEIGHT = 140;

type ChartProps = { budget: BudgetModel; group: BurnDownModel; now: string };

/** Cumulative spend against the budget's line, with the range of the forecast; every figure in a table. */
export function BurnDownChart({ budget, group, now }: ChartProps) {
  const amount = Number(budget.amount_usd);
  const spent = group.cumulative_usd.map(Number);
  const highest = Math.max(amount, Number(group.high_usd ?? 0), Number(group.expected_usd ?? 0), ...spent) * 1.05;
  const start = Date.parse(budget.start);
  const length = Date.parse(budget.end) - start;
  const x = (time: number): number => (Math.min(1, Math.max(0, (time - start) / length)) * WIDTH);
  const y = (usd: number): number => HEIGHT - (usd / highest) * HEIGHT;
  const points = endsOf(budget, now).map((end, index) => `${x(end)},${y(spent[index] ?? 0)}`);
  const line = [`0,${HEIGHT}`, ...points].join(" ");
  const today = x(Date.parse(now));
  const last = y(spent.at(-1) ?? 0);
  const label = `${formatUsd(String(spent.at(-1) ?? 0))} of ${formatUsd(budget.amount_usd)} spent; the table below has every figure`;
  return (
    <figure className={classes["chartFigure"]}>
      <svg className={classes["burnDown"]} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={label}>
        {group.expected_usd === null ? null : (
          <>
            <polygon
              className={classes["band"]}
              points={`${today},${last} ${WIDTH},${y(Number(group.low_usd))} ${WIDTH},${y(Number(group.high_usd))}`}
            />
            <line className={classes["expected"]} x1={today} y1={last} x2={WIDTH} y2={y(Number(group.expected_usd))} />
          </>
        )}
        <polygon className={classes["burnArea"]} points={`${line} ${today},${last} ${today},${HEIGHT}`} />
        <polyline className={classes["burnLine"]} points={`${line} ${today},${last}`} />
        {budget.steps
          .filter((step) => step !== 1)
          .map((step) => (
            <line key={step} className={classes["step"]} x1={0} x2={WIDTH} y1={y(step * amount)} y2={y(step * amount)} />
          ))}
        <line className={classes["budgetLine"]} x1={0} x2={WIDTH} y1={y(amount)} y2={y(amount)} />
      </svg>
      <ul className={classes["legend"]}>
        <li>
          <span className={`${classes["swatch"]} ${classes["spentSwatch"]}`} />
          spent so far
        </li>
        <li>
          <span className={`${classes["swatch"]} ${classes["budgetSwatch"]}`} />
          budget and its steps
        </li>
        {group.expected_usd === null ? null : (
          <li>
            <span className={`${classes["swatch"]} ${classes["bandSwatch"]}`} />
            forecast
          </li>
        )}
      </ul>
      <details>
        <summary>Figures by {budget.period === "day" ? "hour" : "day"}</summary>
        <BurnDownTable budget={budget} group={group} />
      </details>
    </figure>
  );
}

function BurnDownTable({ budget, group }: Omit<ChartProps, "now">) {
  const columns: Column<number>[] = [
    { title: budget.period === "day" ? "Hour" : "Day", cell: (index) => bucketName(budget, index) },
    {
      title: "Spent since the start",
      cell: (index) => formatUsd(group.cumulative_usd[index] ?? "0"),
      exact: (index) => group.cumulative_usd[index] ?? null,
    },
    {
      title: "Of the budget",
      cell: (index) => `${((Number(group.cumulative_usd[index] ?? 0) / Number(budget.amount_usd)) * 100).toFixed(1)}%`,
    },
  ];
  return <Table label="Spent by day" columns={columns} rows={budget.buckets.map((_, index) => index)} keyOf={String} />;
}

/** When each bucket's spend was complete: at the start of the next one, or now. */
function endsOf(budget: BudgetModel, now: string): number[] {
  return budget.buckets.map((_, index) => Date.parse(budget.buckets[index + 1] ?? now));
}

function bucketName(budget: BudgetModel, index: number): string {
  const time = new Date(budget.buckets[index] ?? budget.start);
  return budget.period === "day" ? formatTime(time, budget.zone, "axis-time") : formatTime(time, budget.zone, "date");
}
